package io.lanecell;

import static io.lanecell.SessionEqualityTest.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.RecurrentGeometry.Kind;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** GRU, RNN and the LSTM with options compute their formulas, and both kernels the same bits however the sequence is computed. */
class RecurrentMeaningTest {
    private static final int[] SIZES = {1, 3, 17, 33, 64, 127, 130};
    private static final ActivationFunction[] GATES = {ActivationFunction.SIGMOID, ActivationFunction.HARD_SIGMOID,
            ActivationFunction.HARD_SIGMOID_KERAS2};
    private static final ActivationFunction[] CELLS = {ActivationFunction.TANH, ActivationFunction.RELU,
            ActivationFunction.SOFTSIGN, ActivationFunction.IDENTITY};
    private static final int STEPS = 7;

    @Test
    void aGruComputesItsFormula() {
        Random random = Seeds.random("aGruComputesItsFormula");
        for (int hidden : SIZES) {
            RecurrentGeometry geometry = RandomModels.plain(Kind.GRU, SIZES[random.nextInt(SIZES.length)], hidden);
            Weights weights = RandomModels.weights(random, geometry);
            float[] x = Seeds.floats(random, STEPS * geometry.inputSize(), 1f);
            assertClose(new PlainRecurrence(weights, geometry).gru(x, STEPS), run(Model.gru(weights, true), x), geometry);
        }
    }

    @Test
    void anRnnComputesItsFormulaWithEitherActivation() {
        Random random = Seeds.random("anRnnComputesItsFormulaWithEitherActivation");
        for (int hidden : SIZES) {
            RecurrentGeometry geometry = RandomModels.plain(Kind.RNN, SIZES[random.nextInt(SIZES.length)], hidden);
            Weights weights = RandomModels.weights(random, geometry);
            float[] x = Seeds.floats(random, STEPS * geometry.inputSize(), 1f);
            for (ActivationFunction function : new ActivationFunction[]{ActivationFunction.TANH, ActivationFunction.RELU}) {
                assertClose(new PlainRecurrence(weights, geometry).rnn(x, STEPS, function),
                        run(Model.rnn(weights, true, function), x), geometry + ", " + function);
            }
        }
    }

    @Test
    void cellsAreLayersWhoseNamesHaveNoNumber() {
        Random random = Seeds.random("cellsAreLayersWhoseNamesHaveNoNumber");
        for (Kind kind : new Kind[]{Kind.LSTM, Kind.GRU, Kind.RNN}) {
            Weights layer = RandomModels.weights(random, RandomModels.plain(kind, 5, 33));
            Map<String, Tensor> renamed = new LinkedHashMap<>();
            layer.tensors().forEach((name, tensor) -> renamed.put(name.replace("_l0", ""), tensor));
            Weights cell = Weights.of(renamed);
            assertTrue(RecurrentGeometry.of(cell, kind).cell());
            assertEquals(kind, RecurrentGeometry.kindOf(cell));
            assertEquals(kind + "Cell(5, 33)", RecurrentGeometry.of(cell, kind).toString());
            float[] x = Seeds.floats(random, STEPS * 5, 1f);
            assertSameBits(run(model(kind, layer), x), run(model(kind, cell), x), kind.toString());
        }
    }

    private static Model model(Kind kind, Weights weights) {
        return kind == Kind.LSTM
                ? Model.lstm(weights, true)
                : kind == Kind.GRU ? Model.gru(weights, true) : Model.rnn(weights, true, ActivationFunction.TANH);
    }

    @Test
    void anLstmWithAnyOptionsComputesItsFormula() {
        Random random = Seeds.random("anLstmWithAnyOptionsComputesItsFormula");
        for (int round = 0; round < 60; round++) {
            OptionedLstm lstm = new OptionedLstm(random);
            float[] x = Seeds.floats(random, STEPS * lstm.geometry.inputSize(), 1f);
            double[][] expected = new PlainRecurrence(lstm.weights, lstm.geometry).lstm(x, STEPS, lstm.options);
            Session session = lstm.model().newSession();
            float[] out = new float[STEPS * lstm.geometry.outputSize()];
            float[] h = new float[lstm.geometry.outputSize()];
            float[] c = new float[lstm.geometry.hiddenSize()];
            session.run(x, 0, STEPS, out, 0);
            session.getState(h, 0, c, 0);
            assertClose(expected[0], out, lstm + "");
            assertClose(expected[1], c, lstm + ", c_n");
        }
    }

    @Test
    void anLstmWithOptionsGivesTheSameBitsOnBothKernelsStepByStepInABatchAndOnThreads() {
        Random random = Seeds.random("anLstmWithOptionsGivesTheSameBitsOnBothKernelsStepByStepInABatchAndOnThreads");
        try (Workers workers = Workers.of(2)) {
            for (int round = 0; round < 40; round++) {
                OptionedLstm lstm = new OptionedLstm(random);
                int in = lstm.geometry.inputSize();
                int out = lstm.geometry.outputSize();
                float[] x = Seeds.floats(random, 3 * STEPS * in, 1f);
                float[] whole = new float[3 * STEPS * out];
                int[] lengths = {STEPS, 1, 4};
                lstm.model().with(KernelChoice.SCALAR).newSession(3).run(x, 0, STEPS, lengths, whole, 0);
                for (KernelChoice choice : new KernelChoice[]{KernelChoice.SCALAR, KernelChoice.VECTOR}) {
                    Model model = lstm.model().with(choice);
                    float[] shared = new float[whole.length];
                    model.newSession(3, workers).run(x, 0, STEPS, lengths, shared, 0);
                    assertSameBits(whole, shared, lstm + ", two threads, " + choice);
                    float[] stepped = new float[whole.length];
                    for (int n = 0; n < 3; n++) {
                        Session session = model.newSession();
                        for (int t = 0; t < lengths[n]; t++) {
                            session.step(x, (n * STEPS + t) * in, stepped, (n * STEPS + t) * out);
                        }
                    }
                    assertSameBits(whole, stepped, lstm + ", step by step, " + choice);
                }
            }
        }
    }

    @Test
    void optionsThatAskForNothingGiveTorchsLstm() {
        Random random = Seeds.random("optionsThatAskForNothingGiveTorchsLstm");
        Weights weights = RandomModels.lstm(random, RandomModels.plain(5, 33));
        float[] x = Seeds.floats(random, STEPS * 5, 1f);
        float[] plain = run(Model.lstm(weights, true), x);
        LstmOptions wide = new LstmOptions(ActivationFunction.SIGMOID, ActivationFunction.TANH, ActivationFunction.TANH, false,
                1e30f, 1e-5f);
        assertSameBits(plain, run(model(weights, wide), x), "a clip that never clips, by the other path");
    }

    @Test
    void whatExcludesEachOtherIsRefusedWithTheReason() {
        Random random = Seeds.random("whatExcludesEachOtherIsRefusedWithTheReason");
        Weights projected = RandomModels.lstm(random, new RecurrentGeometry(Kind.LSTM, 3, 5, 1, true, false, 2, false));
        Weights plain = RandomModels.lstm(random, RandomModels.plain(3, 5));
        Weights coupled = RandomModels.weights(random, RandomModels.plain(Kind.COUPLED_LSTM, 3, 5));
        LstmOptions coupling = options(true, 0f);
        refused("layer normalisation (ln_…) and a projection", OptionedLstm.withNorms(random, projected, 20, 5),
                LstmOptions.PYTORCH);
        refused("layer normalisation (ln_…) and peepholes",
                OptionedLstm.withPeepholes(random, OptionedLstm.withNorms(random, plain, 20, 5), 5, false), LstmOptions.PYTORCH);
        refused("coupled gates and a peephole of the forget gate", OptionedLstm.withPeepholes(random, coupled, 5, false),
                coupling);
        refused("cell_clip is -1.0", plain, options(false, -1f));
        refused("tensor 'weight_cf_l0' is missing", OptionedLstm.withPeepholes(random, plain, 5, true), LstmOptions.PYTORCH);
        refused("has 20 rows, a coupled LSTM's three gates need a multiple of 3", plain, coupling);
        InvalidModelException refusal = assertThrows(InvalidModelException.class, () -> Model.rnn(
                RandomModels.weights(random, RandomModels.plain(Kind.RNN, 3, 5)), true, ActivationFunction.GELU));
        assertTrue(refusal.getMessage().contains("'gelu' where 'tanh' or 'relu'"), refusal::getMessage);
        refusal = assertThrows(InvalidModelException.class, () -> Model.gru(plain, true));
        assertTrue(refusal.getMessage().contains("has 20 rows, a GRU's three gates need a multiple of 3"), refusal::getMessage);
    }

    private static LstmOptions options(boolean coupled, float clip) {
        return new LstmOptions(ActivationFunction.SIGMOID, ActivationFunction.TANH, ActivationFunction.TANH, coupled, clip,
                1e-5f);
    }

    private static void refused(String message, Weights weights, LstmOptions options) {
        InvalidModelException refusal = assertThrows(InvalidModelException.class, () -> model(weights, options));
        assertTrue(refusal.getMessage().contains(message), () -> "'" + refusal.getMessage() + "' should say '" + message + "'");
    }

    static Model model(Weights weights, LstmOptions options) {
        return Model.of(ModelSpec.of(new LayerSpec.Lstm("", true, options)), weights);
    }

    private static float[] run(Model model, float[] x) {
        float[] out = new float[STEPS * model.outputSize()];
        model.newSession().run(x, 0, STEPS, out, 0);
        return out;
    }

    private static void assertClose(double[] expected, float[] actual, Object what) {
        assertEquals(expected.length, actual.length, what.toString());
        double largest = 1;
        for (double value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], actual[i], 1e-5 * largest, what + ", element " + i);
        }
    }

    /** An LSTM with random options that go together. */
    private static final class OptionedLstm {
        final RecurrentGeometry geometry;
        final LstmOptions options;
        final Weights weights;
        private final String extra;

        OptionedLstm(Random random) {
            boolean coupled = random.nextInt(3) == 0;
            int hidden = SIZES[random.nextInt(SIZES.length)];
            boolean norms = random.nextInt(3) == 0;
            boolean peepholes = !norms && random.nextBoolean();
            int projSize = !norms && hidden > 2 && random.nextInt(3) == 0 ? hidden / 2 : 0;
            geometry = new RecurrentGeometry(coupled ? Kind.COUPLED_LSTM : Kind.LSTM, SIZES[random.nextInt(SIZES.length)],
                    hidden, 1, random.nextBoolean(), false, projSize, false);
            options = new LstmOptions(any(random, GATES), any(random, CELLS), any(random, CELLS), coupled,
                    random.nextInt(3) == 0 ? 0.3f : 0f, random.nextBoolean() ? 1e-5f : 1e-2f);
            Weights plain = calm(RandomModels.weights(random, geometry));
            weights = norms
                    ? withNorms(random, plain, geometry.kind().gates() * hidden, hidden)
                    : peepholes ? withPeepholes(random, plain, hidden, coupled) : plain;
            extra = (norms ? ", norms" : "") + (peepholes ? ", peepholes" : "");
        }

        /** Smaller weights: unbounded activations make states grow from step to step, and with them every rounding error. */
        private static Weights calm(Weights weights) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            weights.tensors().forEach((name, tensor) -> {
                float[] values = tensor.toFloats();
                for (int i = 0; i < values.length; i++) {
                    values[i] *= 0.3f;
                }
                tensors.put(name, Tensor.of(values, tensor.shape()));
            });
            return Weights.of(tensors);
        }

        private static ActivationFunction any(Random random, ActivationFunction[] functions) {
            return functions[random.nextInt(functions.length)];
        }

        static Weights withPeepholes(Random random, Weights weights, int hidden, boolean coupled) {
            Map<String, Tensor> tensors = new LinkedHashMap<>(weights.tensors());
            for (String name : coupled ? new String[]{"ci", "co"} : new String[]{"ci", "cf", "co"}) {
                RandomModels.put(tensors, random, "weight_" + name + "_l0", hidden);
            }
            return Weights.of(tensors);
        }

        static Weights withNorms(Random random, Weights weights, int rows, int hidden) {
            Map<String, Tensor> tensors = new LinkedHashMap<>(weights.tensors());
            for (String name : new String[]{"ih", "hh", "c"}) {
                int size = name.equals("c") ? hidden : rows;
                RandomModels.put(tensors, random, "ln_" + name + "_weight_l0", size);
                RandomModels.put(tensors, random, "ln_" + name + "_bias_l0", size);
            }
            return Weights.of(tensors);
        }

        Model model() {
            return RecurrentMeaningTest.model(weights, options);
        }

        @Override
        public String toString() {
            return geometry + ", " + options + extra;
        }
    }
}
