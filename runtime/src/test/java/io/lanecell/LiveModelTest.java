package io.lanecell;

import static io.lanecell.SessionEqualityTest.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A swap of weights under running sessions. */
@Timeout(120)
class LiveModelTest {
    private static final int INPUT = 5;
    private static final int HIDDEN = 17;

    private static Model lstm(Random random, int hidden) {
        return Model.lstm(RandomModels.lstm(random, RandomModels.plain(INPUT, hidden)), true);
    }

    /** The state of a session of an LSTM. */
    private static float[][] state(Session session) {
        float[][] state = new float[2][HIDDEN];
        session.getState(state[0], 0, state[1], 0);
        return state;
    }

    private static float[] stepFrom(Model model, float[][] state, float[] input) {
        Session session = model.newSession();
        session.setState(state[0], 0, state[1], 0);
        float[] output = new float[HIDDEN];
        session.step(input, 0, output, 0);
        return output;
    }

    @Test
    void sessionsMoveWithTheirStateAtTheFirstCallAfterASwap() {
        Random random = Seeds.random("sessionsMoveWithTheirStateAtTheFirstCallAfterASwap");
        Model first = lstm(random, HIDDEN);
        Model second = lstm(random, HIDDEN);
        LiveModel live = LiveModel.of(first, SwapPolicy.MOVE);
        LiveSession session = live.newSession();
        Session plain = first.newSession();
        float[] input = Seeds.floats(random, 3 * INPUT, 1f);
        float[] output = new float[3 * HIDDEN];
        session.run(input, 0, 3, null, output, 0);
        plain.run(input, 0, 3, new float[3 * HIDDEN], 0);
        assertSame(first, live.swap(second));
        assertSame(second, live.current());
        session.step(input, 0, output, 0);
        assertSame(second, session.model());
        assertSameBits(stepFrom(second, state(plain), input), Arrays.copyOf(output, HIDDEN), "the step after the swap");
        session.reset();
        session.step(input, 0, output, 0);
        assertSameBits(stepFrom(second, new float[2][HIDDEN], input), Arrays.copyOf(output, HIDDEN), "after a reset");
        try (Workers workers = Workers.of(2)) {
            LiveSession three = live.newSession(3, workers);
            assertSame(second, live.swap(first));
            assertSame(first, three.model());
            three.step(Seeds.floats(random, 3 * INPUT, 1f), 0, output, 0);
            assertEquals(3, three.batch());
        }
    }

    @Test
    void sessionsThatFinishStayOnTheirModelUntilTheyAreReset() {
        Random random = Seeds.random("sessionsThatFinishStayOnTheirModelUntilTheyAreReset");
        Model first = lstm(random, HIDDEN);
        Model second = lstm(random, HIDDEN);
        LiveModel live = LiveModel.of(first, SwapPolicy.FINISH);
        LiveSession session = live.newSession();
        Session plain = first.newSession();
        float[] input = Seeds.floats(random, INPUT, 1f);
        float[] output = new float[HIDDEN];
        float[] expected = new float[HIDDEN];
        for (int step = 0; step < 3; step++) {
            session.step(input, 0, output, 0);
            plain.step(input, 0, expected, 0);
            assertSameBits(expected, output, "step " + step);
            live.swap(second);
        }
        assertSame(first, session.model());
        assertSame(second, live.newSession().model());
        session.reset();
        assertSame(second, session.model());
        session.step(input, 0, output, 0);
        assertSameBits(stepFrom(second, new float[2][HIDDEN], input), output, "after a reset");
    }

    @Test
    void aModelThatCallersWouldNoticeIsRefusedAndNothingChanges() {
        Random random = new Random(1);
        Model model = lstm(random, HIDDEN);
        for (SwapPolicy policy : SwapPolicy.values()) {
            LiveModel live = LiveModel.of(model, policy);
            assertRefused(live, "output size is 17 now and 18 of the next", lstm(random, HIDDEN + 1));
            assertRefused(live, "input size", Model.lstm(RandomModels.lstm(random, RandomModels.plain(INPUT + 1, HIDDEN)), true));
            assertRefused(live, "precision is F32 now and F64 of the next",
                    RandomModels64.model(random, RandomModels.plain(INPUT, HIDDEN), true));
            assertRefused(live, "batch_first", Model.lstm(RandomModels.lstm(random, RandomModels.plain(INPUT, HIDDEN)), false));
            assertRefused(live, "vocabulary", RandomModels.tokens(random, 11, 6, 20, HIDDEN, false));
            assertRefused(live, "null", null);
            assertSame(model, live.newSession().model());
        }
        assertThrows(InvalidInputException.class, () -> LiveModel.of(null, SwapPolicy.MOVE));
        assertThrows(InvalidInputException.class, () -> LiveModel.of(model, null));
    }

    private static void assertRefused(LiveModel live, String why, Model next) {
        String message = assertThrows(InvalidInputException.class, () -> live.swap(next)).getMessage();
        assertTrue(message.contains(why), message);
    }

    @Test
    void aStateThatDoesNotFitIsRefusedWhereSessionsMoveAndFineWhereTheyFinish() {
        Random random = new Random(1);
        Model small = RandomModels.tokens(random, 11, 6, 20, 7, false);
        Model large = RandomModels.tokens(random, 11, 6, 33, 7, false);
        LiveModel moving = LiveModel.of(small, SwapPolicy.MOVE);
        assertRefused(moving, "swap with a LiveModel of SwapPolicy.FINISH", large);
        assertSame(small, moving.current());
        LiveModel finishing = LiveModel.of(small, SwapPolicy.FINISH);
        LiveSession session = finishing.newSession();
        float[] scores = new float[7];
        session.step(new int[]{3}, 0, scores, 0);
        assertSame(small, finishing.swap(large));
        session.step(new int[]{4}, 0, scores, 0);
        session.reset();
        session.step(new int[]{3}, 0, scores, 0);
        float[] expected = new float[7];
        large.newSession().step(new int[]{3}, 0, expected, 0);
        assertSameBits(expected, scores, "the large model's");
    }

    @Test
    void everyCallOfASessionIsThere() {
        Random random = new Random(1);
        LiveModel live = LiveModel.of(lstm(random, HIDDEN), SwapPolicy.MOVE);
        LiveModel live64 = LiveModel.of(RandomModels64.model(random, RandomModels.plain(INPUT, HIDDEN), true), SwapPolicy.MOVE);
        float[] in = Seeds.floats(random, 2 * INPUT, 1f);
        double[] in64 = Seeds.doubles(random, 2 * INPUT, 1);
        float[] out = new float[2 * HIDDEN];
        live.newSession().run(in, 0, 2, null, out, 0);
        double[] out64 = new double[2 * HIDDEN];
        live64.newSession().run(in64, 0, 2, null, out64, 0);
        float[] viaBuffers = new float[2 * HIDDEN];
        live.newSession().run(FloatBuffer.wrap(in), 2, null, FloatBuffer.wrap(viaBuffers));
        assertSameBits(out, viaBuffers, "buffers");
        double[] viaBuffers64 = new double[2 * HIDDEN];
        live64.newSession().run(DoubleBuffer.wrap(in64), 2, null, DoubleBuffer.wrap(viaBuffers64));
        assertArrayEquals(out64, viaBuffers64);
        float[] steps = new float[2 * HIDDEN];
        LiveSession stepped = live.newSession();
        stepped.step(FloatBuffer.wrap(in), FloatBuffer.wrap(steps));
        float[] h = new float[HIDDEN];
        float[] c = new float[HIDDEN];
        stepped.getState(h, 0, c, 0);
        LiveSession other = live.newSession();
        other.setState(h, 0, c, 0);
        other.step(MemorySegment.ofArray(in), Float.BYTES * INPUT, MemorySegment.ofArray(steps), Float.BYTES * HIDDEN);
        assertSameBits(out, steps, "steps");
        double[] steps64 = new double[2 * HIDDEN];
        LiveSession stepped64 = live64.newSession();
        stepped64.step(in64, 0, steps64, 0);
        double[] h64 = new double[HIDDEN];
        double[] c64 = new double[HIDDEN];
        stepped64.getState(h64, 0, c64, 0);
        stepped64.setState(h64, 0, c64, 0);
        stepped64.step(DoubleBuffer.wrap(in64).position(INPUT), DoubleBuffer.wrap(steps64).position(HIDDEN));
        assertArrayEquals(out64, steps64);
        byte[] snapshot = live.newSession().snapshot();
        stepped.restore(snapshot);
        stepped.run(in, 0, 2, null, steps, 0);
        assertSameBits(out, steps, "restored");
        live.newSession().run(MemorySegment.ofArray(in), 0, 2, null, MemorySegment.ofArray(viaBuffers), 0);
        assertSameBits(out, viaBuffers, "segments");
    }

    @Test
    void tokensAreTakenToo() {
        Random random = new Random(1);
        int[] tokens = {3, 10};
        Model model = RandomModels.tokens(random, 11, 6, 20, 7, false);
        float[] expected = new float[14];
        model.newSession().run(tokens, 0, 2, null, expected, 0);
        float[] got = new float[14];
        LiveModel.of(model, SwapPolicy.MOVE).newSession().run(tokens, 0, 2, null, got, 0);
        assertSameBits(expected, got, "tokens");
        Model wide = RandomModels64.tokens(random, 11, 6, 20, 7, false);
        double[] expected64 = new double[14];
        wide.newSession().run(tokens, 0, 2, null, expected64, 0);
        double[] got64 = new double[14];
        LiveSession session = LiveModel.of(wide, SwapPolicy.MOVE).newSession();
        session.run(tokens, 0, 1, null, got64, 0);
        session.step(tokens, 1, got64, 7);
        assertArrayEquals(expected64, got64);
    }

    /** A thread steps while another swaps two models: every step is wholly of one of them, from the state before it. */
    @Test
    void everyCallRunsWhollyOnOneModelWhileModelsAreSwapped() throws Exception {
        Random random = Seeds.random("everyCallRunsWhollyOnOneModelWhileModelsAreSwapped");
        Model[] models = {lstm(random, HIDDEN), lstm(random, HIDDEN)};
        LiveModel live = LiveModel.of(models[0], SwapPolicy.MOVE);
        AtomicBoolean done = new AtomicBoolean();
        try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
            Future<Integer> swaps = threads.submit(() -> {
                int count = 0;
                for (; !done.get(); count++) {
                    assertSame(models[count % 2], live.swap(models[1 - count % 2]));
                }
                return count;
            });
            try {
                int[] ran = new int[2];
                for (int round = 0; round < 20_000 && Math.min(ran[0], ran[1]) < 200; round++) {
                    ran[stepOnOneOf(models, live.newSession(), random)]++;
                }
                assertTrue(Math.min(ran[0], ran[1]) > 0, () -> "steps by model: " + Arrays.toString(ran));
            } finally {
                done.set(true);
            }
            assertTrue(swaps.get() > 0);
        }
    }

    /** Three steps in a row; which model the last was of. */
    private static int stepOnOneOf(Model[] models, LiveSession session, Random random) {
        float[][] state = new float[2][HIDDEN];
        int which = 0;
        for (int step = 0; step < 3; step++) {
            float[] input = Seeds.floats(random, INPUT, 1f);
            float[] output = new float[HIDDEN];
            session.step(input, 0, output, 0);
            boolean first = Arrays.equals(stepFrom(models[0], state, input), output);
            assertTrue(first || Arrays.equals(stepFrom(models[1], state, input), output), "a step of neither model");
            which = first ? 0 : 1;
            session.getState(state[0], 0, state[1], 0);
        }
        return which;
    }

    @Test
    void aQueueStepsEveryBatchOnOneModelAndFollowsASwap() throws Exception {
        Random random = Seeds.random("aQueueStepsEveryBatchOnOneModelAndFollowsASwap");
        Model first = lstm(random, HIDDEN);
        Model second = lstm(random, HIDDEN);
        LiveModel live = LiveModel.of(first, SwapPolicy.MOVE);
        float[] input = Seeds.floats(random, INPUT, 1f);
        try (StepQueue<float[]> queue = StepQueue.of(live, new QueueOptions(3, 8, 1_000))) {
            List<LiveSession> sessions = List.of(live.newSession(), live.newSession(), live.newSession());
            for (LiveSession session : sessions) {
                assertSameBits(stepFrom(first, new float[2][HIDDEN], input), queue.submit(session, input).join(),
                        "the first model");
            }
            Session before = first.newSession();
            before.step(input, 0, new float[HIDDEN], 0);
            live.swap(second);
            assertSame(second, queue.model());
            List<CompletableFuture<float[]>> results = sessions.stream().map(session -> queue.trySubmit(session, input)).toList();
            for (CompletableFuture<float[]> result : results) {
                assertSameBits(stepFrom(second, state(before), input), result.join(), "the second model, from the first's state");
            }
            assertTrue(assertThrows(InvalidInputException.class, () -> queue.submit(second.newSession(), input)).getMessage()
                    .contains("submit one that the LiveModel made"));
            assertTrue(assertThrows(InvalidInputException.class,
                    () -> queue.submit(LiveModel.of(second, SwapPolicy.MOVE).newSession(), input)).getMessage()
                    .contains("follows another live model"));
        }
        assertThrows(InvalidInputException.class,
                () -> StepQueue.of(LiveModel.of(first, SwapPolicy.FINISH), QueueOptions.DEFAULT));
        Model wide = RandomModels64.model(random, RandomModels.plain(INPUT, HIDDEN), true);
        LiveModel live64 = LiveModel.of(wide, SwapPolicy.MOVE);
        try (StepQueue<double[]> queue = StepQueue.ofFloat64(live64, QueueOptions.DEFAULT)) {
            double[] expected = new double[HIDDEN];
            wide.newSession().step(new double[INPUT], 0, expected, 0);
            assertArrayEquals(expected, queue.submit(live64.newSession(), new double[INPUT]).join());
        }
    }

    @Test
    void aLiveSessionOfTwoThreadsIsRefused() {
        LiveModel live = LiveModel.of(lstm(new Random(1), HIDDEN), SwapPolicy.MOVE);
        LiveSession session = live.newSession();
        session.enter();
        assertThrows(ConcurrentUseException.class, () -> session.step(new float[INPUT], 0, new float[HIDDEN], 0));
        assertThrows(ConcurrentUseException.class, session::reset);
        session.leave();
        session.step(new float[INPUT], 0, new float[HIDDEN], 0);
        assertEquals(1, session.batch());
        assertSame(live, session.live());
    }
}
