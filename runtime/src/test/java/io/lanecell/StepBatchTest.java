package io.lanecell;

import static io.lanecell.SessionEqualityTest.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Sessions stepped as one batch: each goes on as if it had been stepped by itself, to the bit. */
class StepBatchTest {
    private static final int[] MOST = {1, 2, 3, 7, 8, 9, 17, 33, 64};

    /** A model's sessions, some stepped in batches and their twins one by one. */
    private static final class Twins {
        final Model model;
        final Random random;
        final List<Session> together = new ArrayList<>();
        final List<Session> alone = new ArrayList<>();

        Twins(Model model, int count, Random random) {
            this.model = model;
            this.random = random;
            for (int i = 0; i < count; i++) {
                together.add(model.newSession());
                alone.add(model.newSession());
            }
        }

        /** Steps a random subset in random order, with zeros or more left before and behind each array. */
        void stepSome(StepBatch batch, String what) {
            List<Integer> order = new ArrayList<>();
            for (int i = 0; i < together.size(); i++) {
                order.add(i);
            }
            Collections.shuffle(order, random);
            int count = random.nextInt(Math.min(batch.most(), together.size()) + 1);
            int inOffset = random.nextInt(3);
            int outOffset = random.nextInt(3);
            int width = model.outputSize();
            float[] in = input(inOffset + count);
            float[] out = new float[outOffset + count * width];
            float[] expected = new float[out.length];
            Session[] sessions = new Session[count + random.nextInt(2)];
            for (int r = 0; r < count; r++) {
                sessions[r] = together.get(order.get(r));
                alone.get(order.get(r)).step(in, inOffset + r * model.inputSize(), expected, outOffset + r * width);
            }
            batch.step(sessions, count, in, inOffset, out, outOffset);
            assertSameBits(expected, out, what + ", " + count + " sessions");
        }

        private float[] input(int rows) {
            if (model.vocabularySize() == 0) {
                return Seeds.floats(random, rows * model.inputSize(), 1f);
            }
            float[] tokens = new float[rows];
            for (int i = 0; i < rows; i++) {
                tokens[i] = random.nextInt(model.vocabularySize());
            }
            return tokens;
        }

        void assertSameStates(String what) {
            for (int i = 0; i < together.size(); i++) {
                assertSameBits(h(alone.get(i)), h(together.get(i)), what + ", h of session " + i);
                assertSameBits(c(alone.get(i)), c(together.get(i)), what + ", c of session " + i);
            }
        }
    }

    static float[] h(Session session) {
        float[] h = new float[session.batch() * session.model().hiddenStateSize()];
        session.getState(h, 0, new float[session.batch() * session.model().cellStateSize()], 0);
        return h;
    }

    static float[] c(Session session) {
        float[] c = new float[session.batch() * session.model().cellStateSize()];
        session.getState(new float[session.batch() * session.model().hiddenStateSize()], 0, c, 0);
        return c;
    }

    private static RecurrentGeometry anyForward(Random random) {
        RecurrentGeometry any = RandomModels.anyGeometry(random);
        return new RecurrentGeometry(any.kind(), any.inputSize(), any.hiddenSize(), any.numLayers(), any.bias(), false,
                any.projSize(), false);
    }

    @Test
    void anySubsetOfSessionsOfAnyGeometryStepsAsEachWouldAlone() {
        Random random = Seeds.random("anySubsetOfSessionsOfAnyGeometryStepsAsEachWouldAlone");
        for (int round = 0; round < 60; round++) {
            RecurrentGeometry geometry = anyForward(random);
            int most = MOST[random.nextInt(MOST.length)];
            KernelChoice choice = random.nextBoolean() ? KernelChoice.VECTOR : KernelChoice.SCALAR;
            Model model = RandomModels.model(random, geometry, true).with(choice);
            Twins twins = new Twins(model, 1 + random.nextInt(most + 3), random);
            StepBatch batch = model.newStepBatch(most);
            assertEquals(most, batch.most());
            String what = geometry + ", at most " + most + ", " + choice;
            for (int step = 0; step < 6; step++) {
                twins.stepSome(batch, what);
            }
            twins.assertSameStates(what);
        }
    }

    @Test
    void convolutionsLookBackOnTheirOwnSessionsSteps() {
        Random random = Seeds.random("convolutionsLookBackOnTheirOwnSessionsSteps");
        for (KernelChoice choice : new KernelChoice[]{KernelChoice.VECTOR, KernelChoice.SCALAR}) {
            Model model = StreamingTest.causal(random, 5, true).with(choice);
            Twins twins = new Twins(model, 12, random);
            StepBatch batch = model.newStepBatch(10);
            for (int step = 0; step < 25; step++) {
                twins.stepSome(batch, "step " + step + ", " + choice);
            }
            twins.assertSameStates("at the end, " + choice);
        }
    }

    @Test
    void tokenModelsTakeAsManyTokensAsSessions() {
        Random random = Seeds.random("tokenModelsTakeAsManyTokensAsSessions");
        Model model = RandomModels.tokens(random, 11, 6, 20, 17, false);
        Twins twins = new Twins(model, 9, random);
        StepBatch batch = model.newStepBatch(9);
        twins.stepSome(batch, "tokens as numbers");
        Session[] sessions = twins.together.toArray(new Session[0]);
        int[] tokens = {99, 0, 10, 3, 3, 7, 1, 2, 5, 9};
        float[] out = new float[9 * 17];
        float[] expected = new float[9 * 17];
        batch.step(sessions, 9, tokens, 1, out, 0);
        for (int r = 0; r < 9; r++) {
            twins.alone.get(r).step(tokens, 1 + r, expected, r * 17);
        }
        assertSameBits(expected, out, "tokens");
        InvalidInputException refused = assertThrows(InvalidInputException.class,
                () -> batch.step(sessions, 9, tokens, 0, out, 0));
        assertEquals("the token of sequence 0 at step 0 is 99 where a whole number from 0 to 10 is expected",
                refused.getMessage());
        twins.assertSameStates("after the refused call");
    }

    @Test
    void betweenBatchesASessionMayRunStepAndResetByItself() {
        Random random = Seeds.random("betweenBatchesASessionMayRunStepAndResetByItself");
        Model model = RandomModels.model(random, RandomModels.plain(7, 33), true);
        Twins twins = new Twins(model, 5, random);
        StepBatch batch = model.newStepBatch(4);
        StepBatch other = model.newStepBatch(8);
        float[] in = Seeds.floats(random, 3 * 7, 1f);
        for (int round = 0; round < 20; round++) {
            twins.stepSome(round % 2 == 0 ? batch : other, "round " + round);
            int i = random.nextInt(5);
            float[] expected = new float[3 * 33];
            float[] out = new float[3 * 33];
            twins.alone.get(i).run(in, 0, 3, expected, 0);
            twins.together.get(i).run(in, 0, 3, out, 0);
            assertSameBits(expected, out, "run of round " + round);
            if (round % 3 == 0) {
                twins.alone.get(i).reset();
                twins.together.get(i).reset();
            }
        }
        twins.assertSameStates("at the end");
    }

    @Test
    void sessionsOfBothKernelsOfAModelMayBeSteppedTogether() {
        Random random = Seeds.random("sessionsOfBothKernelsOfAModelMayBeSteppedTogether");
        Model model = RandomModels.model(random, RandomModels.plain(RecurrentGeometry.Kind.GRU, 5, 17), true);
        Session[] sessions = {model.newSession(), model.with(KernelChoice.SCALAR).newSession()};
        float[] in = Seeds.floats(random, 10, 1f);
        float[] out = new float[34];
        float[] expected = new float[34];
        model.newStepBatch(2).step(sessions, 2, in, 0, out, 0);
        model.newSession().step(in, 0, expected, 0);
        model.newSession().step(in, 5, expected, 17);
        assertSameBits(expected, out, "vector and scalar");
    }

    @Test
    void whatDoesntFitIsRefusedBeforeAnythingChanges() {
        Random random = Seeds.random("whatDoesntFitIsRefusedBeforeAnythingChanges");
        RecurrentGeometry geometry = RandomModels.plain(3, 5);
        Model model = RandomModels.model(random, geometry, true);
        Model other = RandomModels.model(random, geometry, true);
        Session a = model.newSession();
        Session b = model.newSession();
        StepBatch batch = model.newStepBatch(3);
        float[] in = Seeds.floats(random, 9, 1f);
        float[] out = new float[15];
        batch.step(new Session[]{a, b}, 2, in, 0, out, 0);
        float[] before = out.clone();
        float[] hOfA = h(a);
        refused("count is 4 where 0 to 3", () -> batch.step(new Session[]{a, b, a, b}, 4, in, 0, out, 0));
        refused("count is 3 where 0 to 2", () -> batch.step(new Session[]{a, b}, 3, in, 0, out, 0));
        refused("count is -1", () -> batch.step(new Session[]{a, b}, -1, in, 0, out, 0));
        refused("the sessions", () -> batch.step(null, 1, in, 0, out, 0));
        refused("sessions[1] is null", () -> batch.step(new Session[]{a, null}, 2, in, 0, out, 0));
        refused("sessions[0] and sessions[2] are the same",
                () -> batch.step(new Session[]{a, b, a}, 3, in, 0, out, 0));
        refused("another model", () -> batch.step(new Session[]{a, other.newSession()}, 2, in, 0, out, 0));
        refused("2 sequences where 1", () -> batch.step(new Session[]{a, model.newSession(2)}, 2, in, 0, out, 0));
        refused("the input", () -> batch.step(new Session[]{a, b}, 2, in, 4, out, 0));
        refused("the output", () -> batch.step(new Session[]{a, b}, 2, in, 0, out, 6));
        refused("the input", () -> batch.step(new Session[]{a, b}, 2, (float[]) null, 0, out, 0));
        refused("no tokens", () -> batch.step(new Session[]{a, b}, 2, new int[2], 0, out, 0));
        assertArrayEquals(before, out);
        assertSameBits(hOfA, h(a), "the state");
        batch.step(new Session[]{b, a}, 2, in, 0, out, 0);
        refused("at least 1", () -> model.newStepBatch(0));
    }

    @Test
    void aSessionInUseByAnotherThreadIsRefusedAndTheOthersStayUsable() {
        Random random = Seeds.random("aSessionInUseByAnotherThreadIsRefusedAndTheOthersStayUsable");
        Model model = RandomModels.model(random, RandomModels.plain(3, 5), true);
        Session a = model.newSession();
        Session b = model.newSession();
        StepBatch batch = model.newStepBatch(2);
        float[] in = Seeds.floats(random, 6, 1f);
        float[] out = new float[10];
        int number = b.tryClaim();
        ConcurrentUseException refused = assertThrows(ConcurrentUseException.class,
                () -> batch.step(new Session[]{a, b}, 2, in, 0, out, 0));
        assertTrue(refused.getMessage().startsWith("sessions[1] is in use by another thread"), refused.getMessage());
        a.step(in, 0, out, 0);
        b.release(number);
        batch.step(new Session[]{a, b}, 2, in, 0, out, 0);
    }

    private static void refused(String part, Runnable call) {
        InvalidInputException refused = assertThrows(InvalidInputException.class, call::run);
        assertTrue(refused.getMessage().contains(part), refused.getMessage());
    }
}
