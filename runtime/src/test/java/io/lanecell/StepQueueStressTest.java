package io.lanecell;

import static io.lanecell.SessionEqualityTest.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Several threads submit, cancel, and are closed upon. Afterwards every future is done, and stepping each session alone through the inputs
 * whose futures have results gives these results and the session's last state, to the bit: none was lost and none run twice.
 * {@code -Dlanecell.interleavings=50} does it 50 times as often.
 */
@Timeout(3_600)
class StepQueueStressTest {
    private static final int ROUNDS = 20 * Integer.getInteger("lanecell.interleavings", 1);
    private static final int SUBMITTERS = 4;
    private static final int SESSIONS_EACH = 3;
    private static final int CALLS_EACH = 300;

    /** A call that was taken in, and whether it was cancelled in time. */
    private record Submitted(int session, float[] input, CompletableFuture<float[]> result, boolean[] withdrawn) {
    }

    /** A thread with sessions of its own. */
    private static final class Submitter {
        private final Random random;
        private final StepQueue<float[]> queue;
        private final List<Session> sessions = new ArrayList<>();
        private final List<Submitted> submitted = new ArrayList<>();

        Submitter(long seed, StepQueue<float[]> queue) {
            random = new Random(seed);
            this.queue = queue;
            for (int i = 0; i < SESSIONS_EACH; i++) {
                sessions.add(queue.model().newSession());
            }
        }

        Void submitAll() throws InterruptedException {
            try {
                for (int call = 0; call < CALLS_EACH; call++) {
                    int session = random.nextInt(SESSIONS_EACH);
                    float[] input = Seeds.floats(random, queue.model().inputSize(), 1f);
                    submit(session, input);
                    if (random.nextInt(3) == 0 && !submitted.isEmpty()) {
                        cancel(submitted.get(submitted.size() - 1 - random.nextInt(Math.min(4, submitted.size()))));
                    }
                }
            } catch (QueueClosedException e) {
                // as the test wants it
            }
            return null;
        }

        private void submit(int session, float[] input) throws InterruptedException {
            try {
                CompletableFuture<float[]> result = random.nextBoolean()
                        ? queue.submit(sessions.get(session), input)
                        : queue.trySubmit(sessions.get(session), input);
                submitted.add(new Submitted(session, input.clone(), result, new boolean[1]));
            } catch (QueueFullException e) {
                Thread.yield();
            }
            input[0] = Float.NaN; // the queue has its copy
        }

        private static void cancel(Submitted call) {
            call.withdrawn[0] |= call.result.cancel(false);
        }

        int check() {
            int run = 0;
            List<Session> alone = new ArrayList<>();
            sessions.forEach(session -> alone.add(session.model().newSession()));
            float[] expected = new float[queue.model().outputSize()];
            for (Submitted call : submitted) {
                assertTrue(call.result.isDone(), "every call that was taken in is answered");
                assertEquals(call.withdrawn[0], call.result.isCancelled());
                if (!call.result.isCompletedExceptionally()) {
                    alone.get(call.session).step(call.input, 0, expected, 0);
                    assertSameBits(expected, call.result.join(), "call " + run);
                    run++;
                } else if (!call.withdrawn[0]) {
                    assertInstanceOf(QueueClosedException.class,
                            call.result
                                    .handle((_, failure) -> failure instanceof CompletionException ? failure.getCause() : failure)
                                    .join());
                }
            }
            for (int i = 0; i < SESSIONS_EACH; i++) {
                assertSameBits(state(alone.get(i)), state(sessions.get(i)), "the last state of session " + i);
            }
            return run;
        }

        private static float[] state(Session session) {
            int h = session.model().hiddenStateSize();
            float[] state = new float[h + session.model().cellStateSize()];
            session.getState(state, 0, state, h);
            return state;
        }
    }

    @Test
    void everyCallIsRunOnceOrRejectedOrWithdrawn() throws Exception {
        Random random = Seeds.random("everyCallIsRunOnceOrRejectedOrWithdrawn");
        Model model = Model.lstm(RandomModels.lstm(random, RandomModels.plain(5, 17)), true);
        long run = 0;
        for (int round = 0; round < ROUNDS; round++) {
            run += round(model, random);
        }
        assertTrue(run > 0);
        System.out.println(run + " steps run in " + ROUNDS + " rounds of " + SUBMITTERS * CALLS_EACH + " submissions");
    }

    private static int round(Model model, Random random) throws Exception {
        int most = 1 + random.nextInt(8);
        QueueOptions options = new QueueOptions(most, most + random.nextInt(8), random.nextInt(3) * 50L);
        List<Submitter> submitters = new ArrayList<>();
        StepQueue<float[]> queue = StepQueue.of(model, options);
        try (ExecutorService threads = Executors.newFixedThreadPool(SUBMITTERS)) {
            List<Future<Void>> ends = new ArrayList<>();
            for (int i = 0; i < SUBMITTERS; i++) {
                Submitter submitter = new Submitter(random.nextLong(), queue);
                submitters.add(submitter);
                ends.add(threads.submit(submitter::submitAll));
            }
            switch (random.nextInt(4)) {
                case 0 -> end(ends);
                case 1 -> Thread.sleep(random.nextInt(10));
                case 2 -> {
                    Thread.sleep(random.nextInt(10));
                    queue.closeNow();
                }
                default -> {
                    // closed while they begin
                }
            }
            queue.close();
            end(ends);
        } finally {
            queue.closeNow();
        }
        return submitters.stream().mapToInt(Submitter::check).sum();
    }

    private static void end(List<Future<Void>> ends) throws Exception {
        for (Future<Void> end : ends) {
            end.get();
        }
    }
}
