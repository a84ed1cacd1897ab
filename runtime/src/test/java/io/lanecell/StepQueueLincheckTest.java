package io.lanecell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.jetbrains.lincheck.Lincheck;
import org.junit.jupiter.api.Test;

/** The whole queue with its thread: Lincheck chooses who goes on, and finds it out if nobody can. */
class StepQueueLincheckTest {
    private static final Model MODEL = Model.lstm(RandomModels.lstm(new Random(1), RandomModels.plain(1, 1)), true);
    private static final Session ONE = MODEL.newSession();
    private static final Session OTHER = MODEL.newSession();

    @Test
    void closeRunsWhatWasNotCancelled() {
        Lincheck.runConcurrentTest(Interleavings.ofAProgram(), () -> {
            RecordingStepper stepper = new RecordingStepper();
            StepQueue<float[]> queue = StepQueue.of(MODEL, new QueueOptions(2, 2, 0), stepper);
            CompletableFuture<float[]> first = queue.trySubmit(ONE, 0);
            boolean[] cancelled = new boolean[1];
            Thread canceller = new Thread(() -> cancelled[0] = first.cancel(false));
            canceller.start();
            CompletableFuture<float[]> second = queue.trySubmit(ONE, 0);
            queue.close();
            join(canceller);
            assertTrue(second.isDone() && first.isDone());
            assertEquals(cancelled[0], first.isCancelled());
            assertEquals(cancelled[0] ? 1 : 2, stepper.turns());
            assertEquals(cancelled[0] ? 1 : 2, second.join()[0]);
        });
    }

    @Test
    void whoWaitsForRoomWhenTheQueueIsClosedIsTakenInAndRunOrRefused() {
        Lincheck.runConcurrentTest(Interleavings.ofAProgram(), () -> {
            RecordingStepper stepper = new RecordingStepper();
            StepQueue<float[]> queue = StepQueue.of(MODEL, new QueueOptions(1, 1, 0), stepper);
            int[] taken = new int[1];
            Thread submitter = new Thread(() -> {
                try {
                    queue.submit(ONE, 0);
                    taken[0]++;
                    queue.submit(OTHER, 0);
                    taken[0]++;
                } catch (QueueClosedException e) {
                    // refused
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            submitter.start();
            queue.close();
            join(submitter);
            assertEquals(taken[0], stepper.turns());
        });
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
