package io.lanecell;

import static io.lanecell.SessionEqualityTest.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a queue of steps promises, call by call; many at once are StepQueueStressTest's. */
@Timeout(120)
class StepQueueTest {
    private static final long GATHER_LONG = 50_000_000;
    private static final Model MODEL = Model.lstm(RandomModels.lstm(new Random(1), RandomModels.plain(3, 17)), true);

    private static StepQueue<float[]> queue(RecordingStepper stepper, int most, int capacity) {
        return StepQueue.of(MODEL, new QueueOptions(most, capacity, 0), stepper);
    }

    private static Throwable failureOf(CompletableFuture<?> future) {
        return assertThrows(CompletionException.class, future::join).getCause();
    }

    @Test
    void queuedStepsHaveTheBitsOfSingleSteps() throws Exception {
        Random random = Seeds.random("queuedStepsHaveTheBitsOfSingleSteps");
        for (int round = 0; round < 20; round++) {
            RecurrentGeometry any = RandomModels.anyGeometry(random);
            Model model = RandomModels.model(random, new RecurrentGeometry(any.kind(), any.inputSize(), any.hiddenSize(),
                    any.numLayers(), any.bias(), false, any.projSize(), false), true);
            int sessions = new int[]{1, 3, 17, 33}[random.nextInt(4)];
            List<Session> queued = new ArrayList<>();
            List<Session> single = new ArrayList<>();
            for (int i = 0; i < sessions; i++) {
                queued.add(model.newSession());
                single.add(model.newSession());
            }
            try (StepQueue<float[]> queue = StepQueue.of(model,
                    new QueueOptions(1 + random.nextInt(20), 64, random.nextInt(300)))) {
                List<CompletableFuture<float[]>> results = new ArrayList<>();
                List<float[]> expected = new ArrayList<>();
                for (int call = 0; call < 4 * sessions; call++) {
                    int i = random.nextInt(sessions);
                    float[] input = Seeds.floats(random, model.inputSize(), 1f);
                    results.add(queue.submit(queued.get(i), input));
                    float[] output = new float[model.outputSize()];
                    single.get(i).step(input, 0, output, 0);
                    expected.add(output);
                }
                for (int call = 0; call < results.size(); call++) {
                    assertSameBits(expected.get(call), results.get(call).join(), model.geometries() + ", call " + call);
                }
            }
        }
    }

    @Test
    void float64ModelsAndTokensAreQueuedToo() throws Exception {
        Random random = Seeds.random("float64ModelsAndTokensAreQueuedToo");
        Model wide = RandomModels64.model(random, RandomModels.plain(3, 17), true);
        double[] input = Seeds.doubles(random, 3, 1);
        double[] expected = new double[17];
        wide.newSession().step(input, 0, expected, 0);
        try (StepQueue<double[]> queue = StepQueue.ofFloat64(wide, QueueOptions.DEFAULT)) {
            assertArrayEquals(expected, queue.submit(wide.newSession(), input).join());
        }
        Model tokens = RandomModels.tokens(random, 11, 6, 20, 7, false);
        float[] scores = new float[7];
        tokens.newSession().step(new int[]{10}, 0, scores, 0);
        try (StepQueue<float[]> queue = StepQueue.of(tokens, QueueOptions.DEFAULT)) {
            Session session = tokens.newSession();
            assertSameBits(scores, queue.submit(session, 10).join(), "a token");
            session.reset();
            assertSameBits(scores, queue.trySubmit(session, new float[]{10}).join(), "a token as a float");
        }
        Model wideTokens = RandomModels64.tokens(random, 11, 6, 20, 7, false);
        double[] wideScores = new double[7];
        wideTokens.newSession().step(new int[]{3}, 0, wideScores, 0);
        try (StepQueue<double[]> queue = StepQueue.ofFloat64(wideTokens, QueueOptions.DEFAULT)) {
            assertArrayEquals(wideScores, queue.trySubmit(wideTokens.newSession(), 3).join());
        }
    }

    @Test
    void whatArrivesWithinTheTimeIsOneBatchWhichBeginsAtOnceWhenItIsFull() throws Exception {
        RecordingStepper stepper = new RecordingStepper();
        try (StepQueue<float[]> queue = StepQueue.of(MODEL, new QueueOptions(3, 8, GATHER_LONG), stepper)) {
            List<CompletableFuture<float[]>> results = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                results.add(queue.submit(MODEL.newSession(), i));
            }
            results.forEach(CompletableFuture::join);
            assertEquals(List.of(List.of(0, 1, 2)), stepper.batches());
        }
    }

    @Test
    void aLoneCallIsRunWhenTheTimeIsOver() throws Exception {
        try (StepQueue<float[]> queue = StepQueue.of(MODEL, new QueueOptions(3, 8, 2_000), new RecordingStepper())) {
            assertEquals(1, queue.submit(MODEL.newSession(), 0).join()[0]);
        }
    }

    @Test
    void callsOfOneSessionRunInOrderOneABatchAndOthersPassThem() throws Exception {
        RecordingStepper stepper = new RecordingStepper().gated();
        Session a = MODEL.newSession();
        try (StepQueue<float[]> queue = queue(stepper, 2, 8)) {
            queue.submit(MODEL.newSession(), 0);
            stepper.awaitFirstBatch();
            for (int i = 1; i <= 3; i++) {
                queue.submit(a, i);
            }
            queue.submit(MODEL.newSession(), 4);
            queue.submit(MODEL.newSession(), 5);
            stepper.open();
        }
        assertEquals(List.of(List.of(0), List.of(1, 4), List.of(2, 5), List.of(3)), stepper.batches());
    }

    @Test
    void aWithdrawnCallNeverRunsHoweverItIsWithdrawn() throws Exception {
        RecordingStepper stepper = new RecordingStepper().gated();
        try (StepQueue<float[]> queue = queue(stepper, 4, 8)) {
            queue.submit(MODEL.newSession(), 0);
            stepper.awaitFirstBatch();
            CompletableFuture<float[]> cancelled = queue.submit(MODEL.newSession(), 1);
            assertTrue(cancelled.cancel(true) && cancelled.cancel(false) && cancelled.isCancelled());
            CompletableFuture<float[]> late = queue.submit(MODEL.newSession(), 2).orTimeout(1, TimeUnit.MILLISECONDS);
            assertInstanceOf(TimeoutException.class, failureOf(late));
            CompletableFuture<float[]> given = queue.submit(MODEL.newSession(), 3).completeOnTimeout(new float[]{-1}, 1,
                    TimeUnit.MILLISECONDS);
            assertEquals(-1, given.join()[0]);
            CompletableFuture<float[]> async = queue.submit(MODEL.newSession(), 4).completeAsync(() -> new float[]{-2});
            assertEquals(-2, async.join()[0]);
            assertThrows(UnsupportedOperationException.class, () -> async.obtrudeValue(null));
            assertEquals(4, queue.waiting());
            stepper.open();
        }
        assertEquals(List.of(List.of(0)), stepper.batches());
    }

    @Test
    void cancellingACallThatHasBegunDoesNothing() throws Exception {
        RecordingStepper stepper = new RecordingStepper().gated();
        try (StepQueue<float[]> queue = queue(stepper, 4, 8)) {
            CompletableFuture<float[]> begun = queue.submit(MODEL.newSession(), 0);
            stepper.awaitFirstBatch();
            assertFalse(begun.cancel(true) || begun.isCancelled() || begun.complete(null)
                    || begun.completeExceptionally(new IllegalStateException()));
            stepper.open();
            assertEquals(1, begun.join()[0]);
            assertFalse(begun.cancel(true));
        }
    }

    @Test
    void aCallThatDoesNotFitIsRefusedWhereItIsMade() {
        Model other = Model.lstm(RandomModels.lstm(new Random(2), RandomModels.plain(3, 17)), true);
        Model tokens = RandomModels.tokens(new Random(3), 11, 6, 20, 7, false);
        try (StepQueue<float[]> queue = StepQueue.of(MODEL, QueueOptions.DEFAULT);
                StepQueue<float[]> tokenQueue = StepQueue.of(tokens, QueueOptions.DEFAULT)) {
            assertRefused("another model", () -> queue.submit(other.newSession(), new float[3]));
            assertRefused("for 2 sequences", () -> queue.submit(MODEL.newSession(2), new float[3]));
            assertRefused("has 4 numbers where the model takes 3", () -> queue.submit(MODEL.newSession(), new float[4]));
            assertRefused("null", () -> queue.trySubmit(MODEL.newSession(), null));
            assertRefused("null", () -> queue.trySubmit((Session) null, new float[3]));
            assertRefused("no tokens", () -> queue.trySubmit(MODEL.newSession(), 1));
            assertRefused("from 0 to 10", () -> tokenQueue.trySubmit(tokens.newSession(), 11));
            assertRefused("from 0 to 10", () -> tokenQueue.trySubmit(tokens.newSession(), new float[]{0.5f}));
        }
        assertRefused("make it with StepQueue.ofFloat64",
                () -> StepQueue.of(RandomModels64.model(new Random(1), RandomModels.plain(3, 17), true), QueueOptions.DEFAULT));
        assertRefused("make it with StepQueue.of", () -> StepQueue.ofFloat64(MODEL, QueueOptions.DEFAULT));
        assertRefused("up to 9", () -> new QueueOptions(9, 8, 0));
        assertRefused("-1 µs", () -> QueueOptions.DEFAULT.withGatherMicros(-1));
    }

    private static void assertRefused(String why, org.junit.jupiter.api.function.Executable call) {
        String message = assertThrows(InvalidInputException.class, call).getMessage();
        assertTrue(message.contains(why), message);
    }

    @Test
    void aSessionInUseElsewhereFailsItsOwnCallAndNoOther() throws Exception {
        Session busy = MODEL.newSession();
        Session free = MODEL.newSession();
        float[] input = {1, 2, 3};
        float[] expected = new float[17];
        MODEL.newSession().step(input, 0, expected, 0);
        try (StepQueue<float[]> queue = StepQueue.of(MODEL, new QueueOptions(2, 8, GATHER_LONG))) {
            int number = busy.tryClaim();
            CompletableFuture<float[]> refused = queue.submit(busy, input);
            assertSameBits(expected, queue.submit(free, input).join(), "the other call of the batch");
            assertInstanceOf(ConcurrentUseException.class, failureOf(refused));
            busy.release(number);
            assertSameBits(expected, queue.submit(busy, input).thenCombine(queue.submit(MODEL.newSession(), input),
                    (first, _) -> first).join(), "the busy session's next call, its state as it was");
        }
    }

    @Test
    void anErrorFailsTheCallsOfItsBatchAndTheQueueGoesOn() throws Exception {
        OutOfMemoryError error = new OutOfMemoryError("a test's");
        RecordingStepper stepper = new RecordingStepper().failing(error);
        try (StepQueue<float[]> queue = StepQueue.of(MODEL, new QueueOptions(2, 8, GATHER_LONG), stepper)) {
            CompletableFuture<float[]> first = queue.submit(MODEL.newSession(), 1);
            CompletableFuture<float[]> second = queue.submit(MODEL.newSession(), 2);
            assertSame(error, failureOf(first));
            assertSame(error, failureOf(second));
            CompletableFuture<float[]> third = queue.submit(MODEL.newSession(), 3);
            queue.submit(MODEL.newSession(), 4);
            assertEquals(1, third.join()[0]);
        }
    }

    @Test
    void whatIsChainedToAFutureMayFailWithoutHarmToOthers() throws Exception {
        RecordingStepper stepper = new RecordingStepper().gated();
        try (StepQueue<float[]> queue = queue(stepper, 2, 8)) {
            queue.submit(MODEL.newSession(), 0);
            stepper.awaitFirstBatch();
            CompletableFuture<Void> failing = queue.submit(MODEL.newSession(), 1).thenAccept(_ -> {
                throw new StackOverflowError("a test's");
            });
            CompletableFuture<float[]> other = queue.submit(MODEL.newSession(), 2);
            stepper.open();
            assertEquals(3, other.join()[0]);
            assertInstanceOf(StackOverflowError.class, failureOf(failing));
        }
    }

    @Test
    void aFullQueueRefusesOrLetsWait() throws Exception {
        RecordingStepper stepper = new RecordingStepper().gated();
        try (StepQueue<float[]> queue = queue(stepper, 1, 2)) {
            queue.submit(MODEL.newSession(), 0);
            stepper.awaitFirstBatch();
            queue.submit(MODEL.newSession(), 1);
            queue.trySubmit(MODEL.newSession(), 2);
            assertThrows(QueueFullException.class, () -> queue.trySubmit(MODEL.newSession(), 3));
            Thread waiting = Thread.ofPlatform().start(() -> assertSubmits(queue, 4));
            awaitState(waiting, Thread.State.WAITING);
            stepper.open();
            waiting.join();
        }
        assertEquals(List.of(List.of(0), List.of(1), List.of(2), List.of(4)), stepper.batches());
    }

    private static void assertSubmits(StepQueue<float[]> queue, int input) {
        try {
            queue.submit(MODEL.newSession(), input);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void awaitState(Thread thread, Thread.State state) throws InterruptedException {
        while (thread.getState() != state) {
            Thread.sleep(1);
        }
    }

    @Test
    void anInterruptedSubmitterSubmitsNothingAndOthersGoOn() throws Exception {
        RecordingStepper stepper = new RecordingStepper().gated();
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        try (StepQueue<float[]> queue = queue(stepper, 1, 1)) {
            queue.submit(MODEL.newSession(), 0);
            stepper.awaitFirstBatch();
            queue.submit(MODEL.newSession(), 1);
            Thread interrupted = Thread.ofPlatform().start(() -> thrown.set(assertThrows(InterruptedException.class,
                    () -> queue.submit(MODEL.newSession(), 2))));
            awaitState(interrupted, Thread.State.WAITING);
            Thread patient = Thread.ofPlatform().start(() -> assertSubmits(queue, 3));
            awaitState(patient, Thread.State.WAITING);
            interrupted.interrupt();
            interrupted.join();
            stepper.open();
            patient.join();
        }
        assertInstanceOf(InterruptedException.class, thrown.get());
        assertEquals(List.of(List.of(0), List.of(1), List.of(3)), stepper.batches());
    }

    @Test
    void closeRunsWhatWasTakenInAndRefusesTheRest() throws Exception {
        RecordingStepper stepper = new RecordingStepper().gated();
        StepQueue<float[]> queue = queue(stepper, 1, 2);
        List<CompletableFuture<float[]>> taken = new ArrayList<>();
        taken.add(queue.submit(MODEL.newSession(), 0));
        stepper.awaitFirstBatch();
        taken.add(queue.submit(MODEL.newSession(), 1));
        taken.add(queue.submit(MODEL.newSession(), 2));
        AtomicReference<Throwable> refused = new AtomicReference<>();
        Thread submitter = Thread.ofPlatform().start(() -> refused.set(assertThrows(QueueClosedException.class,
                () -> queue.submit(MODEL.newSession(), 3))));
        awaitState(submitter, Thread.State.WAITING);
        Thread closer = Thread.ofPlatform().start(queue::close);
        submitter.join();
        assertInstanceOf(QueueClosedException.class, refused.get());
        assertThrows(QueueClosedException.class, () -> queue.trySubmit(MODEL.newSession(), 4));
        stepper.open();
        closer.join();
        assertTrue(taken.stream().allMatch(call -> call.isDone() && !call.isCompletedExceptionally()));
        assertThrows(QueueClosedException.class, () -> queue.submit(MODEL.newSession(), 5));
        queue.close();
        queue.closeNow();
    }

    @Test
    void closeNowRejectsWhatWaits() throws Exception {
        RecordingStepper stepper = new RecordingStepper().gated();
        StepQueue<float[]> queue = queue(stepper, 1, 4);
        CompletableFuture<float[]> underWay = queue.submit(MODEL.newSession(), 0);
        stepper.awaitFirstBatch();
        CompletableFuture<float[]> waiting = queue.submit(MODEL.newSession(), 1);
        Thread closer = Thread.ofPlatform().start(queue::closeNow);
        assertInstanceOf(QueueClosedException.class, failureOf(waiting));
        stepper.open();
        closer.join();
        assertEquals(1, underWay.join()[0]);
        assertEquals(List.of(List.of(0)), stepper.batches());
    }

    @Test
    void aCloserThatIsInterruptedRejectsTheRest() throws Exception {
        RecordingStepper stepper = new RecordingStepper().gated();
        StepQueue<float[]> queue = queue(stepper, 1, 4);
        queue.submit(MODEL.newSession(), 0);
        stepper.awaitFirstBatch();
        CompletableFuture<float[]> waiting = queue.submit(MODEL.newSession(), 1);
        AtomicReference<Boolean> flag = new AtomicReference<>();
        Thread closer = Thread.ofPlatform().start(() -> {
            queue.close();
            flag.set(Thread.currentThread().isInterrupted());
        });
        awaitState(closer, Thread.State.WAITING);
        closer.interrupt();
        assertInstanceOf(QueueClosedException.class, failureOf(waiting));
        stepper.open();
        closer.join();
        assertTrue(flag.get(), "the interrupt is kept");
    }

    @Test
    void onTheQueuesOwnThreadNothingWaitsForIt() throws Exception {
        RecordingStepper stepper = new RecordingStepper().gated();
        StepQueue<float[]> queue = queue(stepper, 1, 1);
        CompletableFuture<Throwable> refused = queue.submit(MODEL.newSession(), 0).handle((_, _) -> {
            try {
                queue.trySubmit(MODEL.newSession(), 2);
                return assertThrows(QueueFullException.class, () -> queue.submit(MODEL.newSession(), 3));
            } finally {
                queue.close();
            }
        });
        stepper.awaitFirstBatch();
        stepper.open();
        assertInstanceOf(QueueFullException.class, refused.join());
        queue.close();
        assertEquals(List.of(List.of(0), List.of(2)), stepper.batches());
    }

    @Test
    void anIdleQueueTakesNoProcessorTimeAndAClosedOneHasNoThread() throws Exception {
        StepQueue<float[]> queue = StepQueue.of(MODEL, QueueOptions.DEFAULT);
        queue.submit(MODEL.newSession(), new float[3]).join();
        Thread thread = threads().getFirst();
        assertTrue(thread.isDaemon());
        awaitState(thread, Thread.State.WAITING);
        long before = ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.threadId());
        Thread.sleep(200);
        long used = ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.threadId()) - before;
        assertTrue(used < 2_000_000, () -> "an idle queue took " + used + " ns of processor time in 200 ms");
        queue.close();
        assertEquals(List.of(), threads());
    }

    /** Every other queue of this class is closed. */
    private static List<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().equals("lanecell-queue")).toList();
    }
}
