package io.lanecell;

import static io.lanecell.SessionEqualityTest.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Layers that look only back: steps, parts of a sequence and the whole give the same bits, and a reset forgets. */
class StreamingTest {
    private static final int ROUNDS = 25;

    /** Causal convolutions of every kind, norms, activations and an LSTM, on a residual path and in branches. */
    static Model causal(Random random, int features, boolean batchFirst) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        RandomModels.put(tensors, random, "dense.weight", 33, features, 3);
        RandomModels.put(tensors, random, "dense.bias", 33);
        RandomModels.put(tensors, random, "depthwise.weight", 33, 1, 4);
        RandomModels.put(tensors, random, "wide.weight", 17, 33, 2);
        RandomModels.put(tensors, random, "norm.weight", 50);
        RandomModels.put(tensors, random, "norm.bias", 50);
        RandomModels.put(tensors, random, "fc.weight", 50, 20);
        RandomModels.lstm(random, RandomModels.plain(50, 20)).tensors().forEach((name, t) -> tensors.put("lstm." + name, t));
        LayerSpec dense = new LayerSpec.Conv1d("dense", 1, 2, 0, 1, 1);
        LayerSpec depthwise = new LayerSpec.Conv1d("depthwise", 1, 6, 0, 2, 33);
        LayerSpec wide = new LayerSpec.Conv1d("wide", 1, 5, 0, 5, 1);
        LayerSpec branches = new LayerSpec.Concat(
                List.of(List.of(depthwise, new LayerSpec.Activation(ActivationFunction.GELU)), List.of(wide)));
        LayerSpec residual = new LayerSpec.Add(
                List.of(List.of(), List.of(new LayerSpec.Lstm("lstm", batchFirst), new LayerSpec.Linear("fc"))));
        return Model.of(ModelSpec.of(dense, new LayerSpec.Activation(ActivationFunction.RELU), branches,
                new LayerSpec.LayerNorm("norm", 1e-5), residual, new LayerSpec.MaxPool1d(1, 1, 0)), Weights.of(tensors));
    }

    @Test
    void stepByStepEqualsTheWholeSequenceOnBothKernels() {
        Random random = Seeds.random("stepByStepEqualsTheWholeSequenceOnBothKernels");
        for (int round = 0; round < ROUNDS; round++) {
            int features = 1 + random.nextInt(20);
            int batch = 1 + random.nextInt(4);
            int steps = 1 + random.nextInt(40);
            Model model = causal(random, features, false);
            assertTrue(model.canStep());
            float[] in = Seeds.floats(random, steps * batch * features, 1f);
            float[] whole = new float[steps * batch * 50];
            model.newSession(batch).run(in, 0, steps, whole, 0);
            for (KernelChoice choice : new KernelChoice[]{KernelChoice.VECTOR, KernelChoice.SCALAR}) {
                Session session = model.with(choice).newSession(batch);
                float[] stepped = new float[whole.length];
                for (int t = 0; t < steps; t++) {
                    session.step(in, t * batch * features, stepped, t * batch * 50);
                }
                assertSameBits(whole, stepped, batch + " sequences of " + steps + " steps, " + choice);
            }
        }
    }

    @Test
    void partsOfASequenceEqualTheWholeAndAResetForgets() {
        Random random = Seeds.random("partsOfASequenceEqualTheWholeAndAResetForgets");
        for (int round = 0; round < ROUNDS; round++) {
            int batch = 1 + random.nextInt(3);
            int steps = 2 + random.nextInt(60);
            Model model = causal(random, 4, false);
            float[] in = Seeds.floats(random, steps * batch * 4, 1f);
            float[] whole = new float[steps * batch * 50];
            float[] parts = new float[whole.length];
            Session session = model.newSession(batch);
            session.run(in, 0, steps, whole, 0);
            session.reset();
            for (int t = 0; t < steps;) {
                int count = 1 + random.nextInt(steps - t);
                session.run(in, t * batch * 4, count, parts, t * batch * 50);
                t += count;
            }
            assertSameBits(whole, parts, batch + " sequences of " + steps + " steps");
            session.run(in, 0, steps, parts, 0);
            assertNotEquals(whole[0], parts[0], "without a reset the window goes on");
        }
    }

    @Test
    void eachSequenceGoesOnFromItsOwnLength() {
        Random random = Seeds.random("eachSequenceGoesOnFromItsOwnLength");
        Model model = causal(random, 4, true);
        int[] lengths = {7, 2, 12};
        float[] in = Seeds.floats(random, 3 * 12 * 4, 1f);
        float[] next = Seeds.floats(random, 3 * 4, 1f);
        float[] out = new float[3 * 12 * 50];
        float[] after = new float[3 * 50];
        Session together = model.newSession(3);
        together.run(in, 0, 12, lengths, out, 0);
        together.step(next, 0, after, 0);
        for (int n = 0; n < 3; n++) {
            Session alone = model.newSession();
            float[] expected = new float[12 * 50];
            float[] expectedAfter = new float[50];
            alone.run(in, n * 12 * 4, lengths[n], expected, 0);
            alone.step(next, n * 4, expectedAfter, 0);
            assertSameBits(Arrays.copyOf(expected, lengths[n] * 50),
                    Arrays.copyOfRange(out, n * 12 * 50, (n * 12 + lengths[n]) * 50), "sequence " + n);
            assertSameBits(expectedAfter, Arrays.copyOfRange(after, n * 50, n * 50 + 50), "the step after, sequence " + n);
        }
    }

    @Test
    void aConvolutionThatLooksAheadBeginsEveryRunAnew() {
        Random random = Seeds.random("aConvolutionThatLooksAheadBeginsEveryRunAnew");
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        RandomModels.put(tensors, random, "weight", 5, 3, 3);
        Model model = Model.of(ModelSpec.of(new LayerSpec.Conv1d("", 1, 1, 1, 1, 1)), Weights.of(tensors));
        assertFalse(model.canStep());
        float[] in = Seeds.floats(random, 9 * 3, 1f);
        float[] first = new float[9 * 5];
        float[] again = new float[9 * 5];
        Session session = model.newSession();
        session.run(in, 0, 9, first, 0);
        session.run(in, 0, 9, again, 0);
        assertSameBits(first, again, "the second run");
        assertEquals(9, model.outputSteps(9));
    }
}
