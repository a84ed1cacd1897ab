package io.lanecell.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.ActivationFunction;
import io.lanecell.InvalidInputException;
import io.lanecell.InvalidModelException;
import io.lanecell.LayerSpec;
import io.lanecell.ModelSpec;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import io.lanecell.reference.ReferenceModel.Result;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** GRUs and RNNs of one cell whose every number is known on paper; see {@link LstmByHandTest} for σ and tanh of logarithms. */
class GruAndRnnByHandTest {
    private static final double LN2 = Math.log(2);
    private static final double LN3 = Math.log(3);

    @Test
    void oneGruStepGivesTheNumbersOfThePage() {
        // x = 1, h0 = 2, W_hr = W_hz = 0: r = σ(ln 3) = 3/4, z = σ(−ln 3) = 1/4.
        // n = tanh(x·W_in + r·(h0·W_hn + b_hn)) = tanh(ln 2 / 4 + 3/4·(2·ln 2/4 + ln 2/2)) = tanh(ln 2) = 3/5.
        // h1 = (1 − z)·n + z·h0 = 3/4·3/5 + 1/4·2 = 19/20. Were r put before the bias b_hn, n would be another.
        Weights weights = Weights.of(Map.of("weight_ih_l0", Tensor.of(new double[]{LN3, -LN3, LN2 / 4}, 3, 1), "weight_hh_l0",
                Tensor.of(new double[]{0, 0, LN2 / 4}, 3, 1), "bias_ih_l0", Tensor.of(new double[3], 3), "bias_hh_l0",
                Tensor.of(new double[]{0, 0, LN2 / 2}, 3)));
        Result result = ReferenceModel.of(ModelSpec.of(new LayerSpec.Gru("", true)), weights).run(new double[]{1}, 1, 1, null,
                new double[]{2}, null);
        assertEquals(19.0 / 20, result.hN()[0], 1e-15);
        assertEquals(19.0 / 20, result.output()[0], 1e-15);
        assertEquals(0, result.cN().length);
        assertArrayEquals(new int[]{1, 1, 1}, result.outputShape());
    }

    @Test
    void aGruWhoseUpdateGateIsOneKeepsItsState() {
        Weights weights = Weights.of(Map.of("weight_ih", Tensor.of(new double[]{5, 1000, 7}, 3, 1), "weight_hh",
                Tensor.of(new double[]{1, 1000, 1}, 3, 1)));
        Result result = ReferenceModel.of(ModelSpec.of(new LayerSpec.Gru("", true)), weights).run(new double[]{1, 2, 3}, 1, 3,
                null, new double[]{0.625}, new double[0]);
        assertArrayEquals(new double[]{0.625, 0.625, 0.625}, result.output());
    }

    @Test
    void anRnnIsItsNonlinearityOfTheSum() {
        // h1 = tanh(ln 2·1 + 0) = 3/5, h2 = tanh(ln 2·0 + 5/3·ln 3·3/5) = tanh(ln 3) = 4/5.
        Weights weights = Weights.of(Map.of("weight_ih_l0", Tensor.of(new double[]{LN2}, 1, 1), "weight_hh_l0",
                Tensor.of(new double[]{LN3 * 5 / 3}, 1, 1)));
        Result result = ReferenceModel.of(ModelSpec.of(new LayerSpec.Rnn("", true, ActivationFunction.TANH)), weights)
                .run(new double[]{1, 0}, 1, 2, null, null, null);
        assertArrayEquals(new double[]{3.0 / 5, 4.0 / 5}, result.output(), 1e-15);
    }

    @Test
    void aReluRnnCountsAsFarAsItLikesAndBothBiasesAreAdded() {
        Weights weights = Weights.of(
                Map.of("weight_ih_l0", Tensor.of(new double[]{1}, 1, 1), "weight_hh_l0", Tensor.of(new double[]{1}, 1, 1),
                        "bias_ih_l0", Tensor.of(new double[]{10}, 1), "bias_hh_l0", Tensor.of(new double[]{-9}, 1)));
        Result result = ReferenceModel.of(ModelSpec.of(new LayerSpec.Rnn("", true, ActivationFunction.RELU)), weights)
                .run(new double[]{1, 1, -10}, 1, 3, null, new double[]{100}, null);
        assertArrayEquals(new double[]{102, 104, 95}, result.output());
        result = ReferenceModel.of(ModelSpec.of(new LayerSpec.Rnn("", true, ActivationFunction.RELU)), weights)
                .run(new double[]{-10}, 1, 1, null, null, null);
        assertArrayEquals(new double[]{0}, result.output());
    }

    @Test
    void aChainWithoutLstmHasNoCellState() {
        ReferenceModel model = ReferenceModel.of(ModelSpec.of(new LayerSpec.Rnn("", true, ActivationFunction.TANH)),
                Weights.of(Map
                        .of("weight_ih", Tensor.of(new double[]{LN2}, 1, 1), "weight_hh", Tensor.of(new double[]{0}, 1, 1))));
        double[] x = {1};
        assertArrayEquals(new double[]{3.0 / 5}, model.run(x, 1, 1, null, null, new double[0]).hN(), 1e-15);
        assertArrayEquals(new double[]{3.0 / 5}, model.run(x, 1, 1, null, new double[1], null).hN(), 1e-15);
        assertThrows(InvalidInputException.class, () -> model.run(x, 1, 1, null, new double[1], new double[1]));
        assertThrows(InvalidInputException.class, () -> model.run(x, 1, 1, null, new double[2], null));
    }

    @Test
    void otherNonlinearitiesAndWeightsOfOtherLayersAreRefused() {
        Weights weights = Weights.of(Map.of("weight_ih_l0", Tensor.of(new double[8], 4, 2), "weight_hh_l0",
                Tensor.of(new double[16], 4, 4)));
        refused(new LayerSpec.Rnn("", true, ActivationFunction.GELU), weights, "layers[0] 'rnn'", "tanh or relu", "gelu");
        refused(new LayerSpec.Gru("", true), weights, "layers[0] 'gru'", "[4, 2]", "multiple of 3");
        refused(new LayerSpec.Lstm("", true), weights, "layers[0] 'lstm'", "[4, 4]", "[4, 1]");
    }

    private static void refused(LayerSpec layer, Weights weights, String... says) {
        String message = assertThrows(InvalidModelException.class, () -> ReferenceModel.of(ModelSpec.of(layer), weights))
                .getMessage();
        for (String part : says) {
            assertTrue(message.contains(part), "'" + message + "' should say '" + part + "'");
        }
    }
}
