package io.lanecell.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lanecell.LayerSpec;
import io.lanecell.ModelSpec;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import io.lanecell.reference.ReferenceModel.Result;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The layers around the LSTM, with numbers known on paper, and how they stand in a chain. */
class LayersTest {
    private static final double INF = Double.POSITIVE_INFINITY;
    private static final double NAN = Double.NaN;
    private static final long SEED = 31;

    @Test
    void linearIsTheProductWithTheTransposedWeightPlusBias() {
        Weights weights = Weights.of(Map.of("fc.weight", Tensor.of(new double[]{1, 2, 3, 4, 5, 6}, 3, 2), "fc.bias",
                Tensor.of(new double[]{10, 20, 30}, 3)));
        Result result = ReferenceModel.of(ModelSpec.of(new LayerSpec.Linear("fc")), weights).run(new double[]{1, -1, 2, 0.5}, 1,
                2, null, null, null);
        assertArrayEquals(new double[]{9, 19, 29, 13, 28, 43}, result.output());
        assertArrayEquals(new int[]{1, 2, 3}, result.outputShape());
        assertEquals(0, result.layerOutput().length);
        assertEquals(0, result.hN().length);
    }

    @Test
    void linearWithoutBias() {
        Weights weights = Weights.of(Map.of("weight", Tensor.of(new double[]{1, 2}, 1, 2)));
        Result result = ReferenceModel.of(ModelSpec.of(new LayerSpec.Linear("")), weights).run(new double[]{3, 4}, 1, 1, null,
                null, null);
        assertArrayEquals(new double[]{11}, result.output());
    }

    @Test
    void embeddingGivesTheTokensRows() {
        Weights weights = Weights.of(Map.of("e.weight", Tensor.of(new double[]{0, 1, 10, 11, 20, 21}, 3, 2)));
        Result result = ReferenceModel.of(ModelSpec.of(new LayerSpec.Embedding("e")), weights).run(new long[]{2, 0, 1, 2}, 2, 2,
                null, null, null);
        assertArrayEquals(new double[]{20, 21, 0, 1, 10, 11, 20, 21}, result.output());
        assertArrayEquals(new int[]{2, 2, 2}, result.outputShape());
    }

    @Test
    void softmaxOfLogarithmsGivesTheirShares() {
        assertArrayEquals(new double[]{1 / 6.0, 2 / 6.0, 3 / 6.0}, softmax(Math.log(1), Math.log(2), Math.log(3)), 1e-15);
        assertArrayEquals(new double[]{Math.log(1 / 6.0), Math.log(2 / 6.0), Math.log(3 / 6.0)},
                logSoftmax(Math.log(1), Math.log(2), Math.log(3)), 1e-15);
    }

    @Test
    void softmaxDoesNotOverflow() {
        assertArrayEquals(new double[]{0.5, 0.5, 0}, softmax(1e308, 1e308, -1e308));
        assertArrayEquals(new double[]{0, -1e308}, logSoftmax(1e308, 0));
    }

    @Test
    void softmaxOfNanAndInfinitiesIsAsInPyTorch() {
        double[] none = {NAN, NAN, NAN};
        assertArrayEquals(none, softmax(1, NAN, 2));
        assertArrayEquals(none, softmax(1, INF, 2));
        assertArrayEquals(none, softmax(-INF, -INF, -INF));
        assertArrayEquals(new double[]{0.5, 0, 0.5}, softmax(2, -INF, 2));
        assertArrayEquals(none, logSoftmax(1, NAN, 2));
        assertArrayEquals(none, logSoftmax(1, INF, 2));
        assertArrayEquals(none, logSoftmax(-INF, -INF, -INF));
        assertArrayEquals(new double[]{-Math.log(2), -INF, -Math.log(2)}, logSoftmax(2, -INF, 2));
    }

    @Test
    void lastStepIsTheLastOneWithinTheLength() {
        RandomLstm lstm = new RandomLstm(2, 3, 1, true, 2, 0, SEED);
        int[] lengths = {3, 1, 5};
        double[] input = RandomLstm.values(new Random(SEED), 3 * 5 * 2, 1);
        for (boolean batchFirst : new boolean[]{true, false}) {
            ReferenceModel chain = ReferenceModel
                    .of(ModelSpec.of(new LayerSpec.Lstm("", batchFirst), new LayerSpec.LastStep()), lstm.weights());
            Result result = chain.run(input, 3, 5, lengths, null, null);
            assertArrayEquals(new int[]{3, 6}, result.outputShape());
            for (int n = 0; n < 3; n++) {
                int at = (batchFirst ? n * 5 + lengths[n] - 1 : (lengths[n] - 1) * 3 + n) * 6;
                assertArrayEquals(Arrays.copyOfRange(result.layerOutput(), at, at + 6),
                        Arrays.copyOfRange(result.output(), n * 6, n * 6 + 6), "sequence " + n + ", batch_first " + batchFirst);
            }
        }
    }

    @Test
    void finalHiddenIsTheLastLayersHnDirectionsSideBySide() {
        for (int directions = 1; directions <= 2; directions++) {
            RandomLstm lstm = new RandomLstm(2, 4, 3, true, directions, 3, SEED);
            ReferenceModel chain = ReferenceModel.of(
                    ModelSpec.of(new LayerSpec.Lstm("", true), new LayerSpec.Dropout(), new LayerSpec.FinalHidden()),
                    lstm.weights());
            Result result = chain.run(RandomLstm.values(new Random(SEED), 2 * 5 * 2, 1), 2, 5, new int[]{5, 2}, null, null);
            assertArrayEquals(new int[]{2, 3 * directions}, result.outputShape());
            for (int n = 0; n < 2; n++) {
                for (int direction = 0; direction < directions; direction++) {
                    int at = ((2 * directions + direction) * 2 + n) * 3; // layer 2 is the last
                    int to = (n * directions + direction) * 3;
                    assertArrayEquals(Arrays.copyOfRange(result.hN(), at, at + 3),
                            Arrays.copyOfRange(result.output(), to, to + 3), directions + " directions, sequence " + n);
                }
            }
        }
    }

    @Test
    void aLinearAfterAnLstmGivesItsBiasInThePaddingAsPyTorchDoes() {
        RandomLstm lstm = new RandomLstm(2, 3, 1, true, 1, 0, SEED);
        Map<String, Tensor> tensors = new LinkedHashMap<>(lstm.weights().tensors());
        tensors.put("fc.weight", Tensor.of(new double[]{1, 2, 3}, 1, 3));
        tensors.put("fc.bias", Tensor.of(new double[]{0.25}, 1));
        Result result = ReferenceModel.of(ModelSpec.of(new LayerSpec.Lstm("", true), new LayerSpec.Linear("fc")),
                Weights.of(tensors)).run(RandomLstm.values(new Random(SEED), 6, 1), 1, 3, new int[]{2}, null, null);
        double[] h = result.layerOutput();
        assertArrayEquals(new double[]{h[0] + 2 * h[1] + 3 * h[2] + 0.25, h[3] + 2 * h[4] + 3 * h[5] + 0.25, 0.25},
                result.output(), 1e-15);
        assertArrayEquals(new double[]{0, 0, 0}, Arrays.copyOfRange(h, 6, 9));
    }

    @Test
    void dropoutDoesNothing() {
        ReferenceModel chain = ReferenceModel.of(ModelSpec.of(new LayerSpec.Dropout()), Weights.of(Map.of()));
        double[] input = {1, NAN, -INF, 0.1};
        assertArrayEquals(input, chain.run(input, 2, 1, null, null, null).output());
    }

    private static double[] softmax(double... row) {
        return run(new LayerSpec.Softmax(), row);
    }

    private static double[] logSoftmax(double... row) {
        return run(new LayerSpec.LogSoftmax(), row);
    }

    private static double[] run(LayerSpec layer, double[] row) {
        return ReferenceModel.of(ModelSpec.of(layer), Weights.of(Map.of())).run(row, 1, 1, null, null, null).output();
    }
}
