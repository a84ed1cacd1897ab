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

/** What torch.nn.LSTM promises about layouts, lengths, directions and states, each against another way to say the same. */
class LstmContractTest {
    private static final long SEED = 20260;

    @Test
    void sequencesOfDifferentLengthsEqualEachSequenceRunAloneAndPaddingIsNotRead() {
        RandomLstm lstm = new RandomLstm(3, 5, 2, true, 2, 2, SEED);
        int[] lengths = {2, 7, 1, 4, 7};
        int n = lengths.length;
        int steps = 8;
        int in = 3;
        Random random = new Random(SEED);
        double[] input = RandomLstm.values(random, n * steps * in, 2);
        for (int i = 0; i < n; i++) {
            Arrays.fill(input, (i * steps + lengths[i]) * in, (i + 1) * steps * in, Double.NaN);
        }
        double[] h0 = RandomLstm.values(random, lstm.states() * n * 2, 1);
        double[] c0 = RandomLstm.values(random, lstm.states() * n * 5, 1);
        ReferenceModel model = lstm.model(true);
        Result all = model.run(input, n, steps, lengths, h0, c0);
        int out = lstm.outputSize();
        for (int i = 0; i < n; i++) {
            double[] own = Arrays.copyOfRange(input, i * steps * in, (i * steps + lengths[i]) * in);
            Result alone = model.run(own, 1, lengths[i], null, sequence(h0, lstm.states(), n, i, 2),
                    sequence(c0, lstm.states(), n, i, 5));
            double[] padded = Arrays.copyOf(alone.output(), steps * out);
            assertArrayEquals(padded, Arrays.copyOfRange(all.output(), i * steps * out, (i + 1) * steps * out), "sequence " + i);
            assertArrayEquals(alone.hN(), sequence(all.hN(), lstm.states(), n, i, 2), "h_n of sequence " + i);
            assertArrayEquals(alone.cN(), sequence(all.cN(), lstm.states(), n, i, 5), "c_n of sequence " + i);
        }
    }

    @Test
    void theReverseDirectionEqualsALayerRunOnTheReversedSequence() {
        RandomLstm lstm = new RandomLstm(3, 4, 1, true, 2, 0, SEED);
        int steps = 6;
        double[] input = RandomLstm.values(new Random(SEED), steps * 3, 2);
        double[] reversed = new double[input.length];
        for (int t = 0; t < steps; t++) {
            System.arraycopy(input, t * 3, reversed, (steps - 1 - t) * 3, 3);
        }
        Map<String, Tensor> reverseOnly = new LinkedHashMap<>();
        lstm.weights().tensors().forEach((name, tensor) -> {
            if (name.endsWith("_reverse")) {
                reverseOnly.put(name.substring(0, name.length() - "_reverse".length()), tensor);
            }
        });
        Result both = lstm.model(true).run(input, 1, steps, null, null, null);
        Result backward = ReferenceModel.of(ModelSpec.of(new LayerSpec.Lstm("", true)), Weights.of(reverseOnly)).run(reversed, 1,
                steps, null, null, null);
        for (int t = 0; t < steps; t++) {
            assertArrayEquals(Arrays.copyOfRange(backward.output(), (steps - 1 - t) * 4, (steps - t) * 4),
                    Arrays.copyOfRange(both.output(), t * 8 + 4, t * 8 + 8), "step " + t);
        }
        assertArrayEquals(backward.hN(), Arrays.copyOfRange(both.hN(), 4, 8));
        assertArrayEquals(backward.cN(), Arrays.copyOfRange(both.cN(), 4, 8));
    }

    @Test
    void batchFirstOnlyTransposesInputAndOutput() {
        RandomLstm lstm = new RandomLstm(3, 5, 2, false, 2, 0, SEED);
        int n = 4;
        int steps = 6;
        Random random = new Random(SEED);
        double[] input = RandomLstm.values(random, n * steps * 3, 2);
        double[] h0 = RandomLstm.values(random, lstm.states() * n * 5, 1);
        double[] c0 = RandomLstm.values(random, lstm.states() * n * 5, 1);
        int[] lengths = {6, 1, 3, 5};
        Result batchFirst = lstm.model(true).run(input, n, steps, lengths, h0, c0);
        Result timeFirst = lstm.model(false).run(transposed(input, n, steps, 3), n, steps, lengths, h0, c0);
        assertArrayEquals(new int[]{n, steps, 10}, batchFirst.outputShape());
        assertArrayEquals(new int[]{steps, n, 10}, timeFirst.outputShape());
        assertArrayEquals(transposed(batchFirst.output(), n, steps, 10), timeFirst.output());
        assertArrayEquals(transposed(batchFirst.layerOutput(), n, steps, 10), timeFirst.layerOutput());
        assertArrayEquals(batchFirst.hN(), timeFirst.hN());
        assertArrayEquals(batchFirst.cN(), timeFirst.cN());
    }

    @Test
    void aWholeSequenceEqualsItsStepsWithTheStateCarried() {
        Random geometries = new Random(SEED);
        for (int round = 0; round < 40; round++) {
            int hidden = 1 + geometries.nextInt(9);
            RandomLstm lstm = new RandomLstm(geometries.nextInt(6), hidden, 1 + geometries.nextInt(3), geometries.nextBoolean(),
                    1,
                    geometries.nextInt(hidden), geometries.nextLong());
            int n = 1 + geometries.nextInt(4);
            int steps = 1 + geometries.nextInt(7);
            int in = lstm.inputSize();
            double[] input = RandomLstm.values(geometries, steps * n * in, 3);
            ReferenceModel model = lstm.model(false);
            Result whole = model.run(input, n, steps, null, null, null);
            double[] h = null;
            double[] c = null;
            int row = n * lstm.outputSize();
            for (int t = 0; t < steps; t++) {
                Result step = model.run(Arrays.copyOfRange(input, t * n * in, (t + 1) * n * in), n, 1, null, h, c);
                h = step.hN();
                c = step.cN();
                assertArrayEquals(Arrays.copyOfRange(whole.output(), t * row, (t + 1) * row), step.output(),
                        "step " + t + " of " + lstm);
            }
            assertArrayEquals(whole.hN(), h, lstm.toString());
            assertArrayEquals(whole.cN(), c, lstm.toString());
        }
    }

    @Test
    void twoLstmsInAChainKeepTheirStatesOneAfterAnother() {
        RandomLstm first = new RandomLstm(2, 4, 1, true, 2, 3, SEED);
        RandomLstm second = new RandomLstm(6, 5, 2, true, 1, 0, SEED + 1);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        first.weights().tensors().forEach((name, tensor) -> tensors.put("lower." + name, tensor));
        second.weights().tensors().forEach((name, tensor) -> tensors.put("upper." + name, tensor));
        ReferenceModel chain = ReferenceModel.of(
                ModelSpec.of(new LayerSpec.Lstm("lower", true), new LayerSpec.Lstm("upper", true)), Weights.of(tensors));
        int n = 3;
        int steps = 4;
        Random random = new Random(SEED);
        double[] input = RandomLstm.values(random, n * steps * 2, 2);
        double[] lowerH = RandomLstm.values(random, 2 * n * 3, 1);
        double[] lowerC = RandomLstm.values(random, 2 * n * 4, 1);
        double[] upperH = RandomLstm.values(random, 2 * n * 5, 1);
        double[] upperC = RandomLstm.values(random, 2 * n * 5, 1);
        int[] lengths = {4, 2, 1};

        Result lower = first.model(true).run(input, n, steps, lengths, lowerH, lowerC);
        Result upper = second.model(true).run(lower.output(), n, steps, lengths, upperH, upperC);
        Result both = chain.run(input, n, steps, lengths, joined(lowerH, upperH), joined(lowerC, upperC));
        assertArrayEquals(upper.output(), both.output());
        assertArrayEquals(upper.output(), both.layerOutput());
        assertArrayEquals(joined(lower.hN(), upper.hN()), both.hN());
        assertArrayEquals(joined(lower.cN(), upper.cN()), both.cN());
    }

    @Test
    void anEmptyBatchGivesEmptyResultsOfTheRightShape() {
        RandomLstm lstm = new RandomLstm(3, 4, 2, true, 2, 0, SEED);
        Result result = lstm.model(false).run(new double[0], 0, 5, null, new double[0], new double[0]);
        assertArrayEquals(new int[]{5, 0, 8}, result.outputShape());
        assertEquals(0, result.output().length);
        assertEquals(0, result.hN().length);
        assertEquals(0, result.cN().length);
        assertEquals(0, result.layerOutput().length);
    }

    @Test
    void nanInOneSequenceStaysInItAndOnlyGoesForwardInTime() {
        RandomLstm lstm = new RandomLstm(2, 3, 1, true, 1, 0, SEED);
        double[] input = RandomLstm.values(new Random(SEED), 2 * 4 * 2, 1);
        ReferenceModel model = lstm.model(true);
        double[] clean = model.run(input, 2, 4, null, null, null).output();
        input[2 * 2] = Double.NaN; // step 2 of sequence 0
        double[] spoilt = model.run(input, 2, 4, null, null, null).output();
        for (int i = 0; i < clean.length; i++) {
            boolean after = i >= 2 * 3 && i < 4 * 3;
            assertEquals(after ? Double.NaN : clean[i], spoilt[i], "element " + i);
        }
    }

    @Test
    void anInfiniteInputSaturatesTheGatesAndTheOutputStaysFinite() {
        // i = f = o = σ(+∞) = 1, g = tanh(+∞) = 1: c1 = c0 + 1.
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("weight_ih_l0", Tensor.of(new double[]{1, 1, 1, 1}, 4, 1));
        tensors.put("weight_hh_l0", Tensor.of(new double[4], 4, 1));
        Result result = ReferenceModel.of(ModelSpec.of(new LayerSpec.Lstm("", true)), Weights.of(tensors))
                .run(new double[]{Double.POSITIVE_INFINITY}, 1, 1, null, new double[]{0}, new double[]{0.5});
        assertEquals(1.5, result.cN()[0]);
        assertEquals(Math.tanh(1.5), result.hN()[0]);
    }

    /** The states of sequence i out of (states, n, size). */
    private static double[] sequence(double[] all, int states, int n, int i, int size) {
        double[] own = new double[states * size];
        for (int state = 0; state < states; state++) {
            System.arraycopy(all, (state * n + i) * size, own, state * size, size);
        }
        return own;
    }

    private static double[] transposed(double[] values, int rows, int columns, int width) {
        double[] out = new double[values.length];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                System.arraycopy(values, (row * columns + column) * width, out, (column * rows + row) * width, width);
            }
        }
        return out;
    }

    private static double[] joined(double[] a, double[] b) {
        double[] all = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, all, a.length, b.length);
        return all;
    }
}
