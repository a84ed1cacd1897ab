package io.lanecell;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Steps, sequences, batches, parts of sequences and lengths: however a sequence is computed, the bits are the same. */
class SessionEqualityTest {
    private static final int ROUNDS = 100;

    @Test
    void stepByStepEqualsTheWholeSequenceOnBothKernels() {
        Random random = Seeds.random("stepByStepEqualsTheWholeSequenceOnBothKernels");
        for (int round = 0; round < ROUNDS; round++) {
            RecurrentGeometry any = RandomModels.anyGeometry(random);
            RecurrentGeometry geometry = new RecurrentGeometry(any.kind(), any.inputSize(), any.hiddenSize(), any.numLayers(),
                    any.bias(), false,
                    any.projSize(), false);
            Model model = RandomModels.model(random, geometry, false);
            int batch = 1 + random.nextInt(5);
            int steps = 1 + random.nextInt(20);
            float[] input = Seeds.floats(random, batch * steps * geometry.inputSize(), 1f);
            float[] whole = new float[batch * steps * geometry.outputSize()];
            model.newSession(batch).run(input, 0, steps, whole, 0);
            for (KernelChoice choice : new KernelChoice[]{KernelChoice.VECTOR, KernelChoice.SCALAR}) {
                Session session = model.with(choice).newSession(batch);
                float[] stepped = new float[whole.length];
                for (int t = 0; t < steps; t++) {
                    session.step(input, t * batch * geometry.inputSize(), stepped, t * batch * geometry.outputSize());
                }
                assertSameBits(whole, stepped, geometry + ", batch " + batch + ", " + steps + " steps, " + choice);
            }
        }
    }

    @Test
    void vectorAndScalarRunsAreEqualForEveryGeometry() {
        Random random = Seeds.random("vectorAndScalarRunsAreEqualForEveryGeometry");
        for (int round = 0; round < ROUNDS; round++) {
            RecurrentGeometry geometry = RandomModels.anyGeometry(random);
            Model model = RandomModels.model(random, geometry, random.nextBoolean());
            int batch = 1 + random.nextInt(9);
            int steps = 1 + random.nextInt(12);
            int[] lengths = random.nextBoolean() ? null : randomLengths(random, batch, steps);
            Run vector = new Run(model.with(KernelChoice.VECTOR), batch, steps, lengths, new Random(round));
            Run scalar = new Run(model.with(KernelChoice.SCALAR), batch, steps, lengths, new Random(round));
            vector.assertEquals(scalar,
                    geometry + ", batch " + batch + ", " + steps + " steps, lengths " + Arrays.toString(lengths));
        }
    }

    @Test
    void everySequenceOfABatchWithLengthsEqualsThatSequenceAlone() {
        Random random = Seeds.random("everySequenceOfABatchWithLengthsEqualsThatSequenceAlone");
        for (int round = 0; round < ROUNDS; round++) {
            RecurrentGeometry geometry = RandomModels.anyGeometry(random);
            Model model = RandomModels.model(random, geometry, true);
            int batch = 1 + random.nextInt(7);
            int steps = 1 + random.nextInt(14);
            int[] lengths = randomLengths(random, batch, steps);
            Run together = new Run(model, batch, steps, lengths, random);
            int count = geometry.numLayers() * geometry.directions();
            int in = geometry.inputSize();
            int out = geometry.outputSize();
            for (int n = 0; n < batch; n++) {
                Session alone = model.newSession();
                float[] h = pick(together.h0, n, batch, count);
                float[] c = pick(together.c0, n, batch, count);
                alone.setState(h, 0, c, 0);
                float[] expected = new float[steps * out];
                alone.run(Arrays.copyOfRange(together.input, n * steps * in, (n + 1) * steps * in), 0, lengths[n], expected, 0);
                alone.getState(h, 0, c, 0);
                String what = geometry + ", sequence " + n + " of lengths " + Arrays.toString(lengths);
                assertSameBits(expected, Arrays.copyOfRange(together.output, n * steps * out, (n + 1) * steps * out), what);
                assertSameBits(h, pick(together.hN, n, batch, count), what + ", h_n");
                assertSameBits(c, pick(together.cN, n, batch, count), what + ", c_n");
            }
        }
    }

    @Test
    void aSequenceInPartsEqualsTheWhole() {
        Random random = Seeds.random("aSequenceInPartsEqualsTheWhole");
        for (int round = 0; round < ROUNDS; round++) {
            int hidden = 1 + random.nextInt(70);
            RecurrentGeometry any = RandomModels.anyGeometry(random);
            RecurrentGeometry geometry = new RecurrentGeometry(any.kind(), 1 + random.nextInt(40), hidden, 2, any.bias(), false,
                    0,
                    false);
            Model model = RandomModels.model(random, geometry, false);
            int steps = 2 + random.nextInt(40);
            int cut = 1 + random.nextInt(steps - 1);
            float[] input = Seeds.floats(random, steps * geometry.inputSize(), 1f);
            float[] whole = new float[steps * hidden];
            float[] parts = new float[steps * hidden];
            model.newSession().run(input, 0, steps, whole, 0);
            Session session = model.newSession();
            session.run(input, 0, cut, parts, 0);
            session.run(input, cut * geometry.inputSize(), steps - cut, parts, cut * hidden);
            assertSameBits(whole, parts, geometry + ", " + steps + " steps cut at " + cut);
        }
    }

    @Test
    void batchFirstOnlyMovesTheRows() {
        Random random = Seeds.random("batchFirstOnlyMovesTheRows");
        RecurrentGeometry geometry = new RecurrentGeometry(RecurrentGeometry.Kind.LSTM, 5, 33, 2, true, true, 0, false);
        Weights weights = RandomModels.lstm(random, geometry);
        int batch = 3;
        int steps = 7;
        float[] input = Seeds.floats(random, batch * steps * 5, 1f);
        float[] moved = transpose(input, batch, steps, 5);
        float[] batchFirst = new float[batch * steps * 66];
        float[] timeFirst = new float[batch * steps * 66];
        Model.lstm(weights, true).newSession(batch).run(input, 0, steps, batchFirst, 0);
        Model.lstm(weights, false).newSession(batch).run(moved, 0, steps, timeFirst, 0);
        assertSameBits(transpose(batchFirst, batch, steps, 66), timeFirst, "time first");
    }

    @Test
    void paddingIsNeverReadAndComesOutAsZero() {
        Random random = Seeds.random("paddingIsNeverReadAndComesOutAsZero");
        Model model = Model.lstm(
                RandomModels.lstm(random, new RecurrentGeometry(RecurrentGeometry.Kind.LSTM, 4, 17, 2, true, true, 0, false)),
                true);
        int[] lengths = {2, 5, 1};
        float[] clean = Seeds.floats(random, 3 * 5 * 4, 1f);
        float[] garbage = clean.clone();
        for (int n = 0; n < 3; n++) {
            Arrays.fill(garbage, (n * 5 + lengths[n]) * 4, (n + 1) * 5 * 4, Float.NaN);
        }
        float[] expected = new float[3 * 5 * 34];
        float[] actual = new float[3 * 5 * 34];
        Arrays.fill(actual, 7f);
        model.newSession(3).run(clean, 0, 5, lengths, expected, 0);
        model.newSession(3).run(garbage, 0, 5, lengths, actual, 0);
        assertSameBits(expected, actual, "padding");
        assertEquals(0f, actual[(0 * 5 + 2) * 34]);
        assertEquals(0f, actual[(2 * 5 + 4) * 34 + 33]);
    }

    @Test
    void aTokenModelStepsAsItRuns() {
        Random random = Seeds.random("aTokenModelStepsAsItRuns");
        Model model = RandomModels.tokens(random, 11, 6, 20, 7, false);
        int[] tokens = random.ints(13, 0, 11).toArray();
        float[] whole = new float[13 * 7];
        float[] stepped = new float[13 * 7];
        float[] asFloats = new float[13 * 7];
        model.newSession().run(tokens, 0, 13, null, whole, 0);
        Session session = model.newSession();
        float[] floats = new float[13];
        for (int t = 0; t < 13; t++) {
            session.step(tokens, t, stepped, t * 7);
            floats[t] = tokens[t];
        }
        model.newSession().run(floats, 0, 13, asFloats, 0);
        assertSameBits(whole, stepped, "steps");
        assertSameBits(whole, asFloats, "tokens as floats");
    }

    @Test
    void theLastStepIsTakenByLength() {
        Random random = Seeds.random("theLastStepIsTakenByLength");
        Model everyStep = RandomModels.tokens(new Random(5), 11, 6, 20, 7, false);
        Model lastStep = RandomModels.tokens(new Random(5), 11, 6, 20, 7, true);
        int[] tokens = random.ints(4 * 9, 0, 11).toArray();
        int[] lengths = {3, 9, 1, 9};
        float[] all = new float[4 * 9 * 7];
        float[] last = new float[4 * 7];
        everyStep.newSession(4).run(tokens, 0, 9, lengths, all, 0);
        lastStep.newSession(4).run(tokens, 0, 9, lengths, last, 0);
        for (int n = 0; n < 4; n++) {
            int at = (n * 9 + lengths[n] - 1) * 7;
            assertSameBits(Arrays.copyOfRange(all, at, at + 7), Arrays.copyOfRange(last, n * 7, n * 7 + 7), "sequence " + n);
        }
    }

    @Test
    void statesOfSeveralRecurrentLayersInAChainFollowOneAnotherAndOnlyLstmsHaveACellState() {
        Random random = Seeds.random("statesOfSeveralRecurrentLayersInAChainFollowOneAnotherAndOnlyLstmsHaveACellState");
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        RandomModels.lstm(random, RandomModels.plain(3, 5)).tensors().forEach((name, t) -> tensors.put("a." + name, t));
        RandomModels.weights(random, RandomModels.plain(RecurrentGeometry.Kind.GRU, 5, 6)).tensors()
                .forEach((name, t) -> tensors.put("b." + name, t));
        RandomModels.lstm(random, RandomModels.plain(6, 4)).tensors().forEach((name, t) -> tensors.put("c." + name, t));
        Model chain = Model.of(ModelSpec.of(new LayerSpec.Lstm("a", true), new LayerSpec.Gru("b", true),
                new LayerSpec.Lstm("c", true)), Weights.of(tensors));
        assertEquals(5 + 6 + 4, chain.hiddenStateSize());
        assertEquals(5 + 4, chain.cellStateSize());
        float[] h = Seeds.floats(random, 3 * 15, 1f);
        float[] c = Seeds.floats(random, 3 * 9, 1f);
        float[] hBack = new float[h.length];
        float[] cBack = new float[c.length];
        Session session = chain.newSession(3);
        session.setState(h, 0, c, 0);
        session.getState(hBack, 0, cBack, 0);
        assertSameBits(h, hBack, "h");
        assertSameBits(c, cBack, "c");
    }

    @Test
    void paddingBeforeALinearLayerIsNotReadEither() {
        Random random = Seeds.random("paddingBeforeALinearLayerIsNotReadEither");
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        RandomModels.put(tensors, random, "weight", 2, 3);
        Model linear = Model.of(ModelSpec.of(new LayerSpec.Linear("")), Weights.of(tensors));
        float[] in = {1, 2, 3, Float.NaN, Float.NaN, Float.NaN};
        float[] out = new float[4];
        linear.newSession().run(in, 0, 2, new int[]{1}, out, 0);
        assertEquals(0f, out[2]);
        assertEquals(0f, out[3]);
    }

    /** One run from a random state, with everything that went in and came out. */
    private static final class Run {
        final float[] input;
        final float[] h0;
        final float[] c0;
        final float[] output;
        final float[] hN;
        final float[] cN;

        Run(Model model, int batch, int steps, int[] lengths, Random random) {
            input = Seeds.floats(random, batch * steps * model.inputSize(), 1f);
            h0 = Seeds.floats(random, batch * model.hiddenStateSize(), 1f);
            c0 = Seeds.floats(random, batch * model.cellStateSize(), 1f);
            output = new float[batch * steps * model.outputSize()];
            hN = new float[h0.length];
            cN = new float[c0.length];
            Session session = model.newSession(batch);
            session.setState(h0, 0, c0, 0);
            session.run(input, 0, steps, lengths, output, 0);
            session.getState(hN, 0, cN, 0);
        }

        void assertEquals(Run other, String what) {
            assertSameBits(output, other.output, what);
            assertSameBits(hN, other.hN, what + ", h_n");
            assertSameBits(cN, other.cN, what + ", c_n");
        }
    }

    /** Sequence {@code n} of a (L·D, N, ·) state, {@code count} being L·D. */
    private static float[] pick(float[] state, int n, int batch, int count) {
        int width = state.length / batch / count;
        float[] one = new float[count * width];
        for (int i = 0; i < count; i++) {
            System.arraycopy(state, (i * batch + n) * width, one, i * width, width);
        }
        return one;
    }

    private static int[] randomLengths(Random random, int batch, int steps) {
        int[] lengths = new int[batch];
        for (int n = 0; n < batch; n++) {
            lengths[n] = 1 + random.nextInt(steps);
        }
        return lengths;
    }

    private static float[] transpose(float[] x, int outer, int inner, int width) {
        float[] moved = new float[x.length];
        for (int i = 0; i < outer; i++) {
            for (int j = 0; j < inner; j++) {
                System.arraycopy(x, (i * inner + j) * width, moved, (j * outer + i) * width, width);
            }
        }
        return moved;
    }

    static void assertSameBits(float[] expected, float[] actual, String what) {
        assertEquals(expected.length, actual.length, what);
        for (int i = 0; i < expected.length; i++) {
            int at = i;
            assertEquals(Float.floatToIntBits(expected[i]), Float.floatToIntBits(actual[i]),
                    () -> what + ": element " + at + " is " + actual[at] + " where " + expected[at] + " is expected");
        }
    }
}
