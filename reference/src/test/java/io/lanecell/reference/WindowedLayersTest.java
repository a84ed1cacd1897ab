package io.lanecell.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.InvalidInputException;
import io.lanecell.InvalidModelException;
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
import org.junit.jupiter.api.function.Executable;

/** Conv1d, MaxPool1d and AvgPool1d: the numbers of their documentation pages, and sequences that change their length. */
class WindowedLayersTest {
    private static final double NAN = Double.NaN;
    private static final long SEED = 77;

    @Test
    void aConvolutionIsASlidingProductThatDoesNotTurnTheKernelRound() {
        assertArrayEquals(new double[]{321, 432, 543}, conv(new int[]{1, 0, 0, 1}, 1, 2, 3, 4, 5));
        assertArrayEquals(new double[]{210, 321, 432, 543, 54}, conv(new int[]{1, 1, 1, 1}, 1, 2, 3, 4, 5));
        assertArrayEquals(new double[]{100, 210, 321, 432, 543}, conv(new int[]{1, 2, 0, 1}, 1, 2, 3, 4, 5), "causal");
        assertArrayEquals(new double[]{321, 543}, conv(new int[]{2, 0, 0, 1}, 1, 2, 3, 4, 5), "stride 2");
        assertArrayEquals(new double[]{321, 543}, conv(new int[]{2, 0, 0, 1}, 1, 2, 3, 4, 5, 6), "the last step is left over");
        assertArrayEquals(new double[]{531}, conv(new int[]{1, 0, 0, 2}, 1, 2, 3, 4, 5), "dilation 2");
    }

    /** A kernel of 1, 10, 100 over one channel; the geometry is stride, padding left and right, dilation. */
    private static double[] conv(int[] geometry, double... input) {
        Weights weights = Weights.of(Map.of("weight", Tensor.of(new double[]{1, 10, 100}, 1, 1, 3)));
        LayerSpec layer = new LayerSpec.Conv1d("", geometry[0], geometry[1], geometry[2], geometry[3], 1);
        return ReferenceModel.of(ModelSpec.of(layer), weights).run(input, 1, input.length, null, null, null).output();
    }

    @Test
    void groupsSeeOnlyTheirOwnChannels() {
        // 4 channels in 2 groups, 4 filters of one step; each row of the weight names channels of its own group
        Weights weights = Weights.of(Map.of("weight", Tensor.of(new double[]{1, 0, 0, 1, 1, 1, 1, -1}, 4, 2, 1), "bias",
                Tensor.of(new double[]{0, 0, 1000, 0}, 4)));
        Result result = ReferenceModel.of(ModelSpec.of(new LayerSpec.Conv1d("", 1, 0, 0, 1, 2)), weights)
                .run(new double[]{1, 2, 3, 4, 10, 20, 30, 40}, 1, 2, null, null, null);
        assertArrayEquals(new double[]{1, 2, 1007, -1, 10, 20, 1070, -10}, result.output());
        assertArrayEquals(new int[]{1, 2, 4}, result.outputShape());
    }

    @Test
    void aDepthwiseConvolutionHasAKernelPerChannel() {
        Weights weights = Weights.of(Map.of("weight", Tensor.of(new double[]{1, 10, 2, 20}, 2, 1, 2)));
        Result result = ReferenceModel.of(ModelSpec.of(new LayerSpec.Conv1d("", 1, 0, 0, 1, 2)), weights)
                .run(new double[]{1, 3, 2, 4}, 1, 2, null, null, null);
        assertArrayEquals(new double[]{21, 86}, result.output());
    }

    @Test
    void maxPoolTakesTheLargestAndIgnoresPaddingButNotNan() {
        assertArrayEquals(new double[]{3, 9}, pool(new LayerSpec.MaxPool1d(2, 2, 0), 1, 3, 9, -5, 7));
        assertArrayEquals(new double[]{-1, -2, -4}, pool(new LayerSpec.MaxPool1d(2, 2, 1), -1, -2, -3, -4, -5));
        assertArrayEquals(new double[]{NAN, NAN, 3}, pool(new LayerSpec.MaxPool1d(2, 1, 0), 1, NAN, 2, 3));
    }

    @Test
    void avgPoolCountsPaddingOrNot() {
        assertArrayEquals(new double[]{2, 2}, pool(new LayerSpec.AvgPool1d(2, 2, 0, true), 1, 3, 9, -5, 7));
        assertArrayEquals(new double[]{1, 5, 4}, pool(new LayerSpec.AvgPool1d(2, 2, 1, true), 2, 4, 6, 8));
        assertArrayEquals(new double[]{2, 5, 8}, pool(new LayerSpec.AvgPool1d(2, 2, 1, false), 2, 4, 6, 8));
    }

    private static double[] pool(LayerSpec layer, double... input) {
        return ReferenceModel.of(ModelSpec.of(layer), Weights.of(Map.of())).run(input, 1, input.length, null, null, null)
                .output();
    }

    @Test
    void sequencesOfDifferentLengthsEqualEachSequenceRunAloneAndPaddingIsNotRead() {
        RandomLstm lstm = new RandomLstm(4, 3, 1, true, 2, 0, SEED);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        lstm.weights().tensors().forEach((name, tensor) -> tensors.put("lstm." + name, tensor));
        Random random = new Random(SEED);
        tensors.put("conv.weight", Tensor.of(RandomLstm.values(random, 4 * 2 * 3, 1), 4, 2, 3));
        tensors.put("conv.bias", Tensor.of(RandomLstm.values(random, 4, 1), 4));
        ModelSpec spec = ModelSpec.of(new LayerSpec.Conv1d("conv", 1, 1, 0, 1, 1), new LayerSpec.MaxPool1d(3, 2, 1),
                new LayerSpec.AvgPool1d(2, 1, 1, false), new LayerSpec.Lstm("lstm", true));
        ReferenceModel model = ReferenceModel.of(spec, Weights.of(tensors));
        int[] lengths = {2, 9, 3, 17, 33};
        int steps = 35;
        double[] input = new double[lengths.length * steps * 2];
        Arrays.fill(input, NAN);
        for (int n = 0; n < lengths.length; n++) {
            System.arraycopy(RandomLstm.values(random, lengths[n] * 2, 2), 0, input, n * steps * 2, lengths[n] * 2);
        }
        Result all = model.run(input, lengths.length, steps, lengths, null, null);
        int after = steps(steps);
        assertArrayEquals(new int[]{lengths.length, after, 6}, all.outputShape());
        assertEquals(lengths.length * after * 6, all.layerOutput().length);
        for (int n = 0; n < lengths.length; n++) {
            double[] own = Arrays.copyOfRange(input, n * steps * 2, (n * steps + lengths[n]) * 2);
            Result alone = model.run(own, 1, lengths[n], null, null, null);
            assertArrayEquals(new int[]{1, steps(lengths[n]), 6}, alone.outputShape());
            assertArrayEquals(Arrays.copyOf(alone.output(), after * 6),
                    Arrays.copyOfRange(all.output(), n * after * 6, (n + 1) * after * 6), "sequence " + n + ", seed " + SEED);
        }
    }

    /** A convolution of 3 over one step of padding, a pool of 3 with stride 2, a pool of 2 over padding on both sides. */
    private static int steps(int steps) {
        int convolved = steps - 1;
        int pooled = (convolved + 2 - 3) / 2 + 1;
        return pooled + 1;
    }

    @Test
    void timeFirstTransposesInputAndOutputOfChangedLengthToo() {
        RandomLstm lstm = new RandomLstm(1, 3, 1, true, 1, 0, SEED);
        double[] input = RandomLstm.values(new Random(SEED), 2 * 5, 1);
        double[] turned = new double[10];
        for (int t = 0; t < 5; t++) {
            turned[2 * t] = input[t];
            turned[2 * t + 1] = input[5 + t];
        }
        Result batchFirst = pooledLstm(lstm, true).run(input, 2, 5, null, null, null);
        Result timeFirst = pooledLstm(lstm, false).run(turned, 2, 5, null, null, null);
        assertArrayEquals(new int[]{2, 2, 3}, batchFirst.outputShape());
        assertArrayEquals(new int[]{2, 2, 3}, timeFirst.outputShape());
        for (int n = 0; n < 2; n++) {
            for (int t = 0; t < 2; t++) {
                assertArrayEquals(Arrays.copyOfRange(batchFirst.output(), (n * 2 + t) * 3, (n * 2 + t + 1) * 3),
                        Arrays.copyOfRange(timeFirst.output(), (t * 2 + n) * 3, (t * 2 + n + 1) * 3));
            }
        }
    }

    private static ReferenceModel pooledLstm(RandomLstm lstm, boolean batchFirst) {
        return ReferenceModel.of(ModelSpec.of(new LayerSpec.MaxPool1d(2, 2, 0), new LayerSpec.Lstm("", batchFirst)),
                lstm.weights());
    }

    @Test
    void anEmptyBatchHasTheRightShape() {
        Result result = ReferenceModel.of(ModelSpec.of(new LayerSpec.MaxPool1d(3, 2, 0), new LayerSpec.Linear("")),
                Weights.of(Map.of("weight", Tensor.of(new double[6], 3, 2)))).run(new double[0], 0, 9, null, null, null);
        assertArrayEquals(new int[]{0, 4, 3}, result.outputShape());
    }

    @Test
    void aSequenceTooShortForAWindowIsRefusedWithPlaceAndNumbers() {
        ModelSpec spec = ModelSpec.of(new LayerSpec.AvgPool1d(2, 2, 0, true), new LayerSpec.Conv1d("", 1, 1, 0, 2, 1));
        ReferenceModel model = ReferenceModel.of(spec, Weights.of(Map.of("weight", Tensor.of(new double[3], 1, 1, 3))));
        // the convolution needs 2·(3 − 1) + 1 − 1 = 4 steps, so the pool before it 8
        refusedInput(() -> model.run(new double[7], 1, 7, null, null, null), "layers[1] 'conv1d'", "at least 4 steps", "given 3");
        refusedInput(() -> model.run(new double[1], 1, 1, null, null, null), "layers[0] 'avg_pool1d'", "at least 2 steps",
                "given 1");
        refusedInput(() -> model.run(new double[18], 2, 9, new int[]{9, 7}, null, null), "sequence 1", "layers[1] 'conv1d'",
                "at least 4", "given 3");
        assertArrayEquals(new int[]{1, 1, 1}, model.run(new double[8], 1, 8, null, null, null).outputShape());
    }

    @Test
    void geometriesThatCannotBeAreRefusedByPlace() {
        Weights weights = Weights.of(Map.of("weight", Tensor.of(new double[18], 3, 2, 3)));
        refusedModel(new LayerSpec.Conv1d("", 0, 0, 0, 1, 1), weights, "layers[0] 'conv1d'", "stride", "found 0");
        refusedModel(new LayerSpec.Conv1d("", 1, -1, 0, 1, 1), weights, "padding", "-1");
        refusedModel(new LayerSpec.Conv1d("", 1, 0, -2, 1, 1), weights, "padding", "-2");
        refusedModel(new LayerSpec.Conv1d("", 1, 0, 0, 0, 1), weights, "dilation", "found 0");
        refusedModel(new LayerSpec.Conv1d("", 1, 0, 0, 1, 2), weights, "groups 2", "out_channels 3");
        refusedModel(new LayerSpec.Conv1d("", 1, 0, 0, 1, 0), weights, "groups 0");
        refusedModel(new LayerSpec.Conv1d("", 1, 0, 0, 1, 1), Weights.of(Map.of("weight", Tensor.of(new double[6], 3, 2))),
                "'weight'", "[3, 2]", "three dimensions");
        refusedModel(new LayerSpec.Conv1d("", 1, 0, 0, 1, 1),
                Weights.of(Map.of("weight", Tensor.of(new double[6], 3, 2, 1), "bias",
                        Tensor.of(new double[2], 2))),
                "'bias'", "[2]", "[3]");
        Weights none = Weights.of(Map.of());
        refusedModel(new LayerSpec.MaxPool1d(0, 1, 0), none, "layers[0] 'max_pool1d'", "kernel_size", "found 0");
        refusedModel(new LayerSpec.MaxPool1d(3, 1, 2), none, "padding 2", "kernel_size 3", "at most 1");
        refusedModel(new LayerSpec.AvgPool1d(3, 0, 1, true), none, "layers[0] 'avg_pool1d'", "stride", "found 0");
    }

    private static void refusedModel(LayerSpec layer, Weights weights, String... says) {
        saying(assertThrows(InvalidModelException.class, () -> ReferenceModel.of(ModelSpec.of(layer), weights)).getMessage(),
                says);
    }

    private static void refusedInput(Executable call, String... says) {
        saying(assertThrows(InvalidInputException.class, call).getMessage(), says);
    }

    private static void saying(String message, String... says) {
        for (String part : says) {
            assertTrue(message.contains(part), "'" + message + "' should say '" + part + "'");
        }
    }
}
