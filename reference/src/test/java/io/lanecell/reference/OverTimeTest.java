package io.lanecell.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.ActivationFunction;
import io.lanecell.InvalidModelException;
import io.lanecell.LayerSpec;
import io.lanecell.ModelSpec;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import io.lanecell.reference.ReferenceModel.Result;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Layers that make one row of a sequence, of which only its own steps count. */
class OverTimeTest {
    private static final double NAN = Double.NaN;
    /** Two sequences of two features: steps (1, −1), (3, −5), (8, 0) and (4, 2), the rest padding. */
    private static final double[] INPUT = {1, -1, 3, -5, 8, 0, 4, 2, NAN, NAN, NAN, NAN};
    private static final int[] LENGTHS = {3, 1};

    @Test
    void meanAndMaxOverTimeLeaveThePaddingOut() {
        assertRows(new LayerSpec.MeanOverTime(), 4, -2, 4, 2);
        assertRows(new LayerSpec.MaxOverTime(), 8, 0, 4, 2);
        assertRows(new LayerSpec.LastStep(), 8, 0, 4, 2);
    }

    private static void assertRows(LayerSpec layer, double... expected) {
        Result result = ReferenceModel.of(ModelSpec.of(layer), Weights.of(Map.of())).run(INPUT, 2, 3, LENGTHS, null, null);
        assertArrayEquals(expected, result.output(), layer.toString());
        assertArrayEquals(new int[]{2, 2}, result.outputShape());
    }

    @Test
    void maxOverTimeOfANanIsNan() {
        Result result = ReferenceModel.of(ModelSpec.of(new LayerSpec.MaxOverTime()), Weights.of(Map.of()))
                .run(new double[]{1, NAN, 3}, 1, 3, null, null, null);
        assertArrayEquals(new double[]{NAN}, result.output());
    }

    @Test
    void attentionWeighsTheStepsByTheirScores() {
        // tanh(ln 2) = 3/5 and tanh(ln 3) = 4/5; w = 5·ln 2 makes the scores 3·ln 2 and 4·ln 2, so the shares 1/3 and 2/3
        double[] input = {Math.log(2), Math.log(3), NAN};
        double expected = Math.log(2) / 3 + Math.log(3) * 2 / 3;
        Tensor w = Tensor.of(new double[]{5 * Math.log(2)}, 1);
        Tensor matrix = Tensor.of(new double[]{5 * Math.log(2)}, 1, 1);
        assertArrayEquals(new double[]{expected}, attention(Map.of("w", w), input), 1e-15, "the tensor of that name");
        assertArrayEquals(new double[]{expected}, attention(Map.of("w", matrix), input), 1e-15, "of one row");
        assertArrayEquals(new double[]{expected}, attention(Map.of("w.weight", matrix), input), 1e-15, "a Linear's");
        assertArrayEquals(new double[]{expected},
                attention(Map.of("w.weight", matrix, "w.bias", Tensor.of(new double[]{3}, 1)), input), 1e-15, "with bias");
    }

    private static double[] attention(Map<String, Tensor> tensors, double[] input) {
        return ReferenceModel.of(ModelSpec.of(new LayerSpec.AttentionOverTime("w")), Weights.of(tensors))
                .run(input, 1, 3, new int[]{2}, null, null).output();
    }

    @Test
    void attentionsVectorMustBeOne() {
        refused(Map.of("w", Tensor.of(new double[4], 2, 2)), "layers[0] 'attention_over_time'", "'w'", "[2, 2]");
        refused(Map.of("v", Tensor.of(new double[4], 4)), "'w.weight' is missing");
    }

    private static void refused(Map<String, Tensor> tensors, String... says) {
        String message = assertThrows(InvalidModelException.class,
                () -> ReferenceModel.of(ModelSpec.of(new LayerSpec.AttentionOverTime("w")), Weights.of(tensors))).getMessage();
        for (String part : says) {
            assertTrue(message.contains(part), "'" + message + "' should say '" + part + "'");
        }
    }

    @Test
    void finalHiddenIsAnyRecurrentLayersAndHasNoCellStateToGoWith() {
        Random random = new Random(5);
        Weights weights = Weights.of(Map.of("weight_ih_l0", Tensor.of(RandomLstm.values(random, 6 * 2, 1), 6, 2), "weight_hh_l0",
                Tensor.of(RandomLstm.values(random, 6 * 2, 1), 6, 2), "weight_ih_l0_reverse",
                Tensor.of(RandomLstm.values(random, 6 * 2, 1), 6, 2), "weight_hh_l0_reverse",
                Tensor.of(RandomLstm.values(random, 6 * 2, 1), 6, 2)));
        Result result = ReferenceModel.of(ModelSpec.of(new LayerSpec.Gru("", true), new LayerSpec.FinalHidden()), weights).run(
                INPUT,
                2, 3, LENGTHS, null, null);
        double[] h = result.hN(); // (2, N, 2)
        assertArrayEquals(new double[]{h[0], h[1], h[4], h[5], h[2], h[3], h[6], h[7]}, result.output());
    }

    @Test
    void onlyRowWiseLayersMayFollow() {
        Weights weights = Weights.of(Map.of("weight", Tensor.of(new double[]{1, 1}, 1, 2)));
        Result result = ReferenceModel.of(ModelSpec.of(new LayerSpec.MeanOverTime(), new LayerSpec.Linear(""),
                new LayerSpec.Activation(ActivationFunction.RELU)), weights).run(INPUT, 2, 3, LENGTHS, null, null);
        assertArrayEquals(new double[]{2, 6}, result.output());
        for (LayerSpec layer : new LayerSpec[]{new LayerSpec.MaxPool1d(2, 2, 0), new LayerSpec.MeanOverTime(),
                new LayerSpec.Transpose()}) {
            String message = assertThrows(InvalidModelException.class,
                    () -> ReferenceModel.of(ModelSpec.of(new LayerSpec.LastStep(), layer), Weights.of(Map.of()))).getMessage();
            assertTrue(message.contains("layers[1] '" + layer.type() + "'") && message.contains("single step"), message);
        }
    }
}
