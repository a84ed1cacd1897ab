package io.lanecell;

import static io.lanecell.SessionEqualityTest.assertSameBits;
import static io.lanecell.StepBatchTest.c;
import static io.lanecell.StepBatchTest.h;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** A session's state taken out as bytes, to a copy, or to another model, and in again; and bytes that nobody should restore. */
class SnapshotTest {
    private static final int STEPS = 5;

    /** Every kind of layer that has a state, with sizes on both sides of the kernels' edges. */
    private static Map<String, Model> models(Random random) {
        Map<String, Model> models = new LinkedHashMap<>();
        for (RecurrentGeometry.Kind kind : List.of(RecurrentGeometry.Kind.LSTM, RecurrentGeometry.Kind.GRU,
                RecurrentGeometry.Kind.RNN)) {
            for (int hidden : new int[]{1, 3, 17, 33, 130}) {
                models.put(kind + " " + hidden, RandomModels.model(random, RandomModels.plain(kind, 5, hidden), true));
            }
            models.put("deep bidirectional " + kind,
                    RandomModels.model(random, new RecurrentGeometry(kind, 4, 17, 3, true, true, 0, false), true));
        }
        models.put("projected", RandomModels.model(random,
                new RecurrentGeometry(RecurrentGeometry.Kind.LSTM, 4, 40, 2, true, true, 9, false), false));
        models.put("with options", RecurrentMeaningTest.model(RandomModels.lstm(random, RandomModels.plain(6, 33)),
                new LstmOptions(ActivationFunction.HARD_SIGMOID, ActivationFunction.TANH, ActivationFunction.RELU, false, 1,
                        LstmOptions.PYTORCH.normEpsilon())));
        models.put("convolutions and branches", StreamingTest.causal(random, 5, true));
        models.put("tokens", RandomModels.tokens(random, 11, 6, 20, 7, false));
        return models;
    }

    private static float[] input(Random random, Model model, int rows) {
        float[] in = Seeds.floats(random, rows * model.inputSize(), 1f);
        for (int i = 0; i < in.length && model.vocabularySize() > 0; i++) {
            in[i] = random.nextInt(model.vocabularySize());
        }
        return in;
    }

    /** Runs a few steps and returns the output. */
    private static float[] goOn(Session session, float[] in) {
        float[] out = new float[session.batch() * session.model().outputSteps(STEPS) * session.model().outputSize()];
        session.run(in, 0, STEPS, out, 0);
        return out;
    }

    @Test
    void aRestoredSessionGoesOnWithTheSameBitsOnEitherKernel() {
        Random random = Seeds.random("aRestoredSessionGoesOnWithTheSameBitsOnEitherKernel");
        models(random).forEach((name, model) -> {
            for (int batch : new int[]{1, 4}) {
                for (KernelChoice choice : new KernelChoice[]{KernelChoice.VECTOR, KernelChoice.SCALAR}) {
                    Session session = model.newSession(batch);
                    goOn(session, input(random, model, batch * STEPS));
                    byte[] snapshot = session.snapshot();
                    Session restored = model.with(choice).newSession(batch);
                    goOn(restored, input(random, model, batch * STEPS));
                    restored.restore(snapshot);
                    String what = name + ", batch " + batch + ", " + choice;
                    assertArrayEquals(snapshot, restored.snapshot(), what);
                    float[] next = input(random, model, batch * STEPS);
                    assertSameBits(goOn(session, next), goOn(restored, next), what);
                    assertSameBits(h(session), h(restored), what);
                    assertSameBits(c(session), c(restored), what);
                }
            }
        });
    }

    @Test
    void aCopyGoesOnByItself() {
        Random random = Seeds.random("aCopyGoesOnByItself");
        models(random).forEach((name, model) -> {
            for (int batch : new int[]{1, 3}) {
                Session session = model.newSession(batch);
                goOn(session, input(random, model, batch * STEPS));
                byte[] before = session.snapshot();
                Session copy = session.copy();
                assertNotSame(session, copy);
                assertEquals(batch, copy.batch());
                float[] next = input(random, model, batch * STEPS);
                float[] expected = goOn(copy, next);
                assertArrayEquals(before, session.snapshot(), name + ": the original stays");
                assertSameBits(expected, goOn(session, next), name);
            }
        });
    }

    @Test
    void aSessionGoesOnWithNewWeightsOfTheSameGeometry() {
        Random random = Seeds.random("aSessionGoesOnWithNewWeightsOfTheSameGeometry");
        Map<String, Model> others = models(random);
        models(random).forEach((name, model) -> {
            Model other = others.get(name);
            for (int batch : new int[]{1, 2}) {
                Session session = model.newSession(batch);
                goOn(session, input(random, model, batch * STEPS));
                Session moved = session.moveTo(other);
                assertEquals(other, moved.model());
                Session expected = other.newSession(batch);
                expected.setState(h(session), 0, c(session), 0);
                assertSameBits(h(session), h(moved), name);
                assertSameBits(c(session), c(moved), name);
                float[] next = input(random, model, batch * STEPS);
                if (!name.startsWith("conv")) { // whose past is no part of h and c
                    assertSameBits(goOn(expected, next), goOn(moved, next), name);
                }
            }
        });
    }

    @Test
    void aSessionDoesntMoveWhereItsStateDoesntFitAndTheMessageSaysWhy() {
        Random random = Seeds.random("aSessionDoesntMoveWhereItsStateDoesntFitAndTheMessageSaysWhy");
        Session session = RandomModels.model(random, RandomModels.plain(4, 20), true).newSession();
        Model wider = RandomModels.model(random, RandomModels.plain(4, 21), true);
        Model gru = RandomModels.model(random, RandomModels.plain(RecurrentGeometry.Kind.GRU, 4, 20), true);
        Model deeper = RandomModels.model(random,
                new RecurrentGeometry(RecurrentGeometry.Kind.LSTM, 4, 20, 2, true, false, 0, false), true);
        assertRefused(
                "part 1 of its state is an LSTM's hidden state of 20 numbers and the other's is an LSTM's hidden state of 21",
                () -> session.moveTo(wider));
        assertRefused("the other's is a GRU's hidden state of 20", () -> session.moveTo(gru));
        assertRefused("its state has 2 parts and the other's has 4", () -> session.moveTo(deeper));
        assertRefused("the other model", () -> session.moveTo(null));
    }

    @Test
    void workersLeaveNoTraceInASnapshot() {
        Random random = Seeds.random("workersLeaveNoTraceInASnapshot");
        try (Workers workers = Workers.of(2)) {
            for (Model model : List.of(StreamingTest.causal(random, 5, true),
                    RandomModels.model(random, RandomModels.plain(RecurrentGeometry.Kind.GRU, 9, 80), true))) {
                for (int batch : new int[]{1, 5}) {
                    Session shared = model.newSession(batch, workers);
                    Session alone = model.newSession(batch);
                    float[] in = input(random, model, batch * STEPS);
                    goOn(shared, in);
                    goOn(alone, in);
                    assertArrayEquals(alone.snapshot(), shared.snapshot());
                    Session copy = shared.copy();
                    alone.reset();
                    alone.restore(copy.snapshot());
                    assertSameBits(goOn(alone, in), goOn(copy, in), "batch " + batch);
                }
            }
        }
    }

    @Test
    void everyTruncationAndEveryFlippedBitIsRefusedAndChangesNothing() {
        Random random = Seeds.random("everyTruncationAndEveryFlippedBitIsRefusedAndChangesNothing");
        Model model = RandomModels.model(random, RandomModels.plain(2, 3), true);
        Session session = model.newSession();
        goOn(session, input(random, model, STEPS));
        byte[] good = session.snapshot();
        session.reset();
        byte[] zero = session.snapshot();
        for (int length = 0; length < good.length; length++) {
            byte[] truncated = Arrays.copyOf(good, length);
            assertRefused("", () -> session.restore(truncated));
        }
        for (int bit = 0; bit < good.length * Byte.SIZE; bit++) {
            byte[] altered = good.clone();
            altered[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            assertRefused("", () -> session.restore(altered));
        }
        assertRefused("something was appended", () -> session.restore(Arrays.copyOf(good, good.length + 1)));
        assertRefused("the snapshot", () -> session.restore(null));
        assertArrayEquals(zero, session.snapshot());
        session.restore(good);
        assertArrayEquals(good, session.snapshot());
    }

    @Test
    void theReasonOfARefusalIsSaid() {
        Random random = Seeds.random("theReasonOfARefusalIsSaid");
        Model model = RandomModels.model(random, RandomModels.plain(2, 3), true);
        Model other = RandomModels.model(random, RandomModels.plain(2, 3), true);
        Session session = model.newSession();
        byte[] good = session.snapshot();
        byte[] newer = good.clone();
        newer[8] = 2;
        byte[] altered = good.clone();
        altered[33] ^= 1;
        assertRefused("is of version 2 where this Lanecell knows version 1", () -> session.restore(newer));
        assertRefused("was altered: its CRC32C doesn't fit", () -> session.restore(altered));
        assertRefused("begins with LANECELS", () -> session.restore(new byte[100]));
        assertRefused("is truncated: it has 20 bytes", () -> session.restore(Arrays.copyOf(good, 20)));
        assertRefused("is of the model with the fingerprint " + model.fingerprint() + " where this session's has "
                + other.fingerprint() + ": ", () -> other.newSession().restore(good));
        assertRefused("has 1 sequences where this session has 2:", () -> model.newSession(2).restore(good));
    }

    @Test
    void theBytesAreTheDocumentedOnes() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("weight_ih_l0", Tensor.of(new float[]{1f}, 1, 1));
        tensors.put("weight_hh_l0", Tensor.of(new float[]{0f}, 1, 1));
        Model model = Model.rnn(Weights.of(tensors), true, ActivationFunction.RELU);
        Session session = model.newSession();
        session.step(new float[]{3f}, 0, new float[1], 0);
        ByteBuffer bytes = ByteBuffer.wrap(session.snapshot()).order(ByteOrder.LITTLE_ENDIAN);
        byte[] magic = new byte[8];
        bytes.get(magic);
        assertEquals("LANECELS", new String(magic, StandardCharsets.US_ASCII));
        assertEquals(1, bytes.getInt());
        assertEquals(Float.BYTES, bytes.getInt());
        assertEquals(Long.parseUnsignedLong(model.fingerprint(), 16), bytes.getLong());
        assertEquals(1, bytes.getInt());
        assertEquals(1, bytes.getInt());
        assertEquals(3f, bytes.asFloatBuffer().get());
        bytes.position(bytes.position() + Float.BYTES);
        CRC32C crc = new CRC32C();
        crc.update(bytes.array(), 0, bytes.position());
        assertEquals((int) crc.getValue(), bytes.getInt());
        assertEquals(0, bytes.remaining());
    }

    @Test
    void aFingerprintTellsModelsApartButNotKernelsOrTheOrderOfTensors() {
        Random random = Seeds.random("aFingerprintTellsModelsApartButNotKernelsOrTheOrderOfTensors");
        Map<String, Tensor> tensors = new LinkedHashMap<>(
                RandomModels.weights(random, RandomModels.plain(RecurrentGeometry.Kind.RNN, 3, 4)).tensors());
        Model model = Model.rnn(Weights.of(tensors), true, ActivationFunction.TANH);
        assertEquals(16, model.fingerprint().length());
        assertEquals(model.fingerprint(), model.with(KernelChoice.SCALAR).fingerprint());
        List<String> names = new ArrayList<>(tensors.keySet());
        Collections.reverse(names);
        Map<String, Tensor> reversed = new LinkedHashMap<>();
        for (String name : names) {
            Tensor tensor = tensors.get(name);
            // as of a large file: asked for when they are needed
            reversed.put(name, Tensor.ofContent(tensor.dtype(), tensor.shape(), tensor::copyBytes));
        }
        assertEquals(model.fingerprint(), Model.rnn(Weights.of(reversed), true, ActivationFunction.TANH).fingerprint());
        assertNotEquals(model.fingerprint(), Model.rnn(Weights.of(tensors), true, ActivationFunction.RELU).fingerprint());
        float[] values = tensors.get("weight_hh_l0").toFloats();
        values[15] = Math.nextUp(values[15]);
        tensors.put("weight_hh_l0", Tensor.of(values, 4, 4));
        assertNotEquals(model.fingerprint(), Model.rnn(Weights.of(tensors), true, ActivationFunction.TANH).fingerprint());
    }

    private static void assertRefused(String part, Runnable call) {
        InvalidInputException refused = assertThrows(InvalidInputException.class, call::run);
        assertTrue(refused.getMessage().contains(part), refused.getMessage());
    }
}
