package io.lanecell;

import static io.lanecell.SessionEqualityTest.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Threads over sessions of one model: what they share stays apart, and a session that two of them use is refused, not corrupted. */
class ConcurrentUseTest {
    private static final int THREADS = 6;

    @Test
    void everyCallOfASessionInUseIsRefusedAndWorksAgainAfterwards() {
        Random random = Seeds.random("everyCallOfASessionInUseIsRefusedAndWorksAgainAfterwards");
        Model model = RandomModels.model(random, RandomModels.plain(3, 5), true);
        for (Session session : List.of(model.newSession(), model.newSession(2))) {
            float[] in = new float[12];
            float[] out = new float[20];
            byte[] snapshot = session.snapshot();
            List<Runnable> calls = List.of(() -> session.step(in, 0, out, 0), () -> session.run(in, 0, 2, out, 0),
                    () -> session.getState(out, 0, out, 10), () -> session.setState(out, 0, out, 10), session::reset,
                    session::snapshot, () -> session.restore(snapshot), session::copy);
            for (Runnable call : calls) {
                int number = session.tryClaim();
                String message = assertThrows(ConcurrentUseException.class, call::run).getMessage();
                assertTrue(message.startsWith("this session is in use by another thread"), message);
                session.release(number);
                assertDoesNotThrow(call::run);
            }
        }
    }

    @Test
    void aRefusedCallLeavesTheSessionUsable() {
        Model model = RandomModels.model(new Random(1), RandomModels.plain(3, 5), true);
        Session session = model.newSession();
        for (int i = 0; i < 3; i++) {
            assertThrows(InvalidInputException.class, () -> session.step(new float[2], 0, new float[5], 0));
            assertThrows(InvalidInputException.class, () -> session.step(new double[3], 0, new double[5], 0));
            assertThrows(InvalidInputException.class, () -> session.step(new int[1], 0, new float[5], 0));
            session.step(new float[3], 0, new float[5], 0);
        }
    }

    @Test
    void manySessionsOnManyThreadsGiveTheBitsThatEachGivesAlone() throws Exception {
        Random random = Seeds.random("manySessionsOnManyThreadsGiveTheBitsThatEachGivesAlone");
        Model model = StreamingTest.causal(random, 5, true);
        int steps = 60;
        int count = 40;
        float[] in = Seeds.floats(random, count * steps * 5, 1f);
        float[] expected = new float[count * steps * 50];
        float[] out = new float[expected.length];
        List<Session> sessions = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            model.newSession().run(in, n * steps * 5, steps, expected, n * steps * 50);
            sessions.add(model.newSession());
        }
        // Each thread steps its own sessions in turn, so that what they share goes from session to session and thread to thread.
        onThreads(thread -> {
            for (int t = 0; t < steps; t++) {
                for (int n = thread; n < count; n += THREADS) {
                    sessions.get(n).step(in, (n * steps + t) * 5, out, (n * steps + t) * 50);
                    if (t % 7 == n % 7) {
                        Thread.yield();
                    }
                }
            }
            return null;
        });
        assertSameBits(expected, out, "outputs");
    }

    @Test
    void aSessionThatThreadsFightOverTakesEveryStepThatWasNotRefusedWholly() throws Exception {
        Random random = Seeds.random("aSessionThatThreadsFightOverTakesEveryStepThatWasNotRefusedWholly");
        Model model = RandomModels.model(random, RandomModels.plain(5, 33), true);
        Session session = model.newSession();
        Session[] others = new Session[THREADS];
        float[] in = Seeds.floats(random, 5, 1f);
        AtomicInteger taken = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        StepBatch[] batches = new StepBatch[THREADS];
        for (int i = 0; i < THREADS; i++) {
            others[i] = model.newSession();
            batches[i] = model.newStepBatch(2);
        }
        onThreads(thread -> {
            float[] out = new float[2 * 33];
            float[] twice = new float[10];
            System.arraycopy(in, 0, twice, 0, 5);
            Session[] both = {session, others[thread]};
            for (int i = 0; i < 3_000; i++) {
                try {
                    if (thread % 2 == 0) {
                        session.step(in, 0, out, 0);
                    } else {
                        batches[thread].step(both, 2, twice, 0, out, 0);
                    }
                    taken.incrementAndGet();
                } catch (ConcurrentUseException e) {
                    refused.incrementAndGet();
                }
            }
            return null;
        });
        assertEquals(THREADS * 3_000, taken.get() + refused.get());
        Session expected = model.newSession();
        for (int i = 0; i < taken.get(); i++) {
            expected.step(in, 0, new float[33], 0);
        }
        assertSameBits(StepBatchTest.h(expected), StepBatchTest.h(session), taken + " steps taken, " + refused + " refused");
        assertSameBits(StepBatchTest.c(expected), StepBatchTest.c(session), taken + " steps taken, " + refused + " refused");
    }

    @Test
    void moreCallsAtOnceThanAreKeptGoOnAllTheSame() throws Exception {
        Random random = Seeds.random("moreCallsAtOnceThanAreKeptGoOnAllTheSame");
        Model model = RandomModels.model(random, RandomModels.plain(5, 17), true);
        List<Session> held = new ArrayList<>();
        List<SessionCalls> used = new ArrayList<>();
        for (int i = 0; i < 70; i++) {
            Session session = model.newSession();
            session.tryClaim();
            used.add(model.shared().find(session));
            held.add(session);
        }
        assertEquals(70, new HashSet<>(used).size(), "no two calls at once share anything");
        float[] out = new float[17];
        float[] expected = new float[17];
        model.newSession().step(new float[5], 0, out, 0);
        for (int i = 0; i < 70; i++) {
            held.get(i).release(used.get(i).number);
        }
        for (Session session : held) {
            session.step(new float[5], 0, expected, 0);
            assertSameBits(expected, out, "a step");
        }
    }

    private interface Work {
        Void of(int thread) throws Exception;
    }

    private static void onThreads(Work work) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Callable<Void>> calls = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int thread = i;
                calls.add(() -> work.of(thread));
            }
            for (Future<Void> done : threads.invokeAll(calls)) {
                done.get();
            }
        }
    }
}
