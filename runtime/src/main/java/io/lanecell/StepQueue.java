package io.lanecell;

import io.lanecell.internal.events.Events;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Steps many sessions together for callers who each have one: gathers what is submitted, and steps it as one batch, which reads the weights
 * once. Every result has the bits of {@link Session#step(float[], int, float[], int)}. Any number of threads may submit; the steps are
 * computed by the queue's one daemon thread, which sleeps while there is nothing to do. Close the queue when no more is to come.
 *
 * <pre>{@code
 * try (StepQueue<float[]> queue = StepQueue.of(model, QueueOptions.DEFAULT)) {
 *     CompletableFuture<float[]> output = queue.submit(session, input);
 *     ...
 * }
 * }</pre>
 *
 * <ul>
 * <li>Every call that was taken in is run once, or rejected or withdrawn and not run at all; its future then tells which.
 * <li>Calls of one session run in the order in which they were submitted, one a batch.
 * <li>While a session has calls in the queue, nobody else may use it: a call that finds it in use fails, and no other with it.
 * <li>{@code cancel}, or any other completion of the future from outside ({@code orTimeout}), withdraws a call that waits: it never runs.
 * Of a call that has begun it does nothing, {@code cancel} returns false, and the result comes.
 * <li>What is chained to a future ({@code thenApply} and the like, without Async) may run on the queue's thread, and everybody waits for it.
 * There {@code submit} never waits: it refuses, as {@code trySubmit} does.
 * <li>A call allocates its future, its copy of the input, and its output.
 * <li>Flight Recorder shows, if asked for them, what was gathered and how long the first waited (io.lanecell.QueueBatch), and calls that found
 * no room (io.lanecell.QueueFull).
 * </ul>
 *
 * @param <A> what a step takes and gives: float[] or double[], as the model's precision is
 */
public final class StepQueue<A> implements AutoCloseable {
    private final Supplier<Model> model;
    /** Null where the model is for ever. */
    private final LiveModel live;
    private final BatchStepper<A> stepper;
    private final StepLine<A> line;
    private final Thread thread;

    private StepQueue(Supplier<Model> model, LiveModel live, QueueOptions options, BatchStepper<A> stepper) {
        this.model = model;
        this.live = live;
        this.stepper = stepper;
        line = new StepLine<>(options);
        List<QueuedStep<A>> batch = new ArrayList<>(options.most());
        thread = Thread.ofPlatform().daemon().name("lanecell-queue").start(() -> work(batch));
    }

    /**
     * In front of a float32 model.
     *
     * @throws InvalidInputException if the model computes in float64, or can't go step by step
     */
    public static StepQueue<float[]> of(Model model, QueueOptions options) {
        require(model, options, DType.F32, "ofFloat64");
        return of(model, options, new QueueStepper(() -> model, options.most()));
    }

    /**
     * In front of a float64 model.
     *
     * @throws InvalidInputException if the model computes in float32, or can't go step by step
     */
    public static StepQueue<double[]> ofFloat64(Model model, QueueOptions options) {
        require(model, options, DType.F64, "of");
        return of(model, options, new QueueStepper64(() -> model, options.most()));
    }

    /**
     * In front of a float32 model that may be swapped, for its {@link LiveSession sessions}: each batch runs wholly on one model.
     *
     * @throws InvalidInputException if the model computes in float64, or can't go step by step, or its sessions don't move
     */
    public static StepQueue<float[]> of(LiveModel live, QueueOptions options) {
        requireMoves(live);
        require(live.current(), options, DType.F32, "ofFloat64");
        return new StepQueue<>(live::current, live, options, new QueueStepper(live::current, options.most()));
    }

    /**
     * In front of a float64 model that may be swapped, for its {@link LiveSession sessions}.
     *
     * @throws InvalidInputException if the model computes in float32, or can't go step by step, or its sessions don't move
     */
    public static StepQueue<double[]> ofFloat64(LiveModel live, QueueOptions options) {
        requireMoves(live);
        require(live.current(), options, DType.F64, "of");
        return new StepQueue<>(live::current, live, options, new QueueStepper64(live::current, options.most()));
    }

    /** Computed as a test wants it. */
    static <A> StepQueue<A> of(Model model, QueueOptions options, BatchStepper<A> stepper) {
        return new StepQueue<>(() -> model, null, options, stepper);
    }

    private static void requireMoves(LiveModel live) {
        if (Checks.notNull(live, "the live model").policy() != SwapPolicy.MOVE) {
            throw new InvalidInputException(
                    "sessions of this live model finish on the model they began with, and a queue steps those of one:"
                            + " use SwapPolicy.MOVE, or a queue for each model");
        }
    }

    private static void require(Model model, QueueOptions options, DType dtype, String other) {
        Checks.notNull(model, "the model");
        Checks.notNull(options, "the queue's options");
        if (model.dtype() != dtype) {
            throw new InvalidInputException("this queue is for " + dtype + " models and was given one of " + model.dtype()
                    + ": make it with StepQueue." + other);
        }
        if (!model.canStep()) {
            throw new InvalidInputException("this model can't go step by step, and so can't be queued: use run of a session");
        }
    }

    /** The model; of one that may be swapped, that of now. */
    public Model model() {
        return model.get();
    }

    /** Calls that wait now, as a measure of load; a withdrawn one counts until the next batch begins. */
    public int waiting() {
        return line.size();
    }

    /**
     * Queues one step, and waits for room where the queue is full.
     *
     * @param session of this queue's model, for one sequence
     * @param input   one step's, copied
     * @return the step's output, the caller's own array
     * @throws InvalidInputException if the session or the input isn't this model's; nothing was taken in, as with all that follow
     * @throws QueueClosedException  if the queue is closed, or was while this waited for room
     * @throws QueueFullException    if the queue is full and this is its own thread
     * @throws InterruptedException  if the thread was interrupted before there was room
     */
    public CompletableFuture<A> submit(Session session, A input) throws InterruptedException {
        return put(call(session, stepper.inputOf(input)));
    }

    /** Queues one step of a model that takes tokens; as {@link #submit(Session, Object)}. */
    public CompletableFuture<A> submit(Session session, int token) throws InterruptedException {
        return put(call(session, stepper.inputOf(token)));
    }

    /** Queues one step of a session that follows this queue's model; as {@link #submit(Session, Object)}. */
    public CompletableFuture<A> submit(LiveSession session, A input) throws InterruptedException {
        return put(call(session, stepper.inputOf(input)));
    }

    /** Queues one step of a session that follows this queue's model, which takes tokens; as {@link #submit(Session, Object)}. */
    public CompletableFuture<A> submit(LiveSession session, int token) throws InterruptedException {
        return put(call(session, stepper.inputOf(token)));
    }

    /**
     * Queues one step if there is room for it now.
     *
     * @param session of this queue's model, for one sequence
     * @param input   one step's, copied
     * @return the step's output, the caller's own array
     * @throws InvalidInputException if the session or the input isn't this model's; nothing was taken in, as with all that follow
     * @throws QueueFullException    if the queue is full
     * @throws QueueClosedException  if the queue is closed
     */
    public CompletableFuture<A> trySubmit(Session session, A input) {
        return offer(call(session, stepper.inputOf(input)));
    }

    /** Queues one step of a model that takes tokens if there is room for it now; as {@link #trySubmit(Session, Object)}. */
    public CompletableFuture<A> trySubmit(Session session, int token) {
        return offer(call(session, stepper.inputOf(token)));
    }

    /** Queues one step of a session that follows this queue's model if there is room; as {@link #trySubmit(Session, Object)}. */
    public CompletableFuture<A> trySubmit(LiveSession session, A input) {
        return offer(call(session, stepper.inputOf(input)));
    }

    /** The same where the model takes tokens; as {@link #trySubmit(Session, Object)}. */
    public CompletableFuture<A> trySubmit(LiveSession session, int token) {
        return offer(call(session, stepper.inputOf(token)));
    }

    private QueuedStep<A> call(Session session, A input) {
        if (live != null) {
            throw new InvalidInputException("the session stays on its model, which the queue's may be swapped for another:"
                    + " submit one that the LiveModel made");
        }
        if (!model().sharesWeightsWith(Checks.notNull(session, "the session").model())) {
            throw new InvalidInputException(
                    "the session is of another model than the queue's: make it with queue.model().newSession()");
        }
        return call(session, session.batch(), input);
    }

    private QueuedStep<A> call(LiveSession session, A input) {
        if (Checks.notNull(session, "the session").live() != live) {
            throw new InvalidInputException(
                    "the session follows another live model than the queue's: make it with that one's newSession()");
        }
        return call(session, session.batch(), input);
    }

    private QueuedStep<A> call(Object session, int batch, A input) {
        if (batch != 1) {
            throw new InvalidInputException(
                    "the session is for " + batch + " sequences where a queue steps one: make it with newSession()");
        }
        return new QueuedStep<>(session, input, stepper.newOutput());
    }

    private QueuedStep<A> put(QueuedStep<A> call) throws InterruptedException {
        if (Thread.currentThread() == thread) {
            return offer(call);
        }
        line.put(call);
        return call;
    }

    private QueuedStep<A> offer(QueuedStep<A> call) {
        line.offer(call);
        return call;
    }

    /**
     * Takes no more calls, runs all that it has taken in, and ends the thread; those that wait for room are refused. Returns when it is done;
     * on the queue's own thread at once. Interrupted, it goes on like {@link #closeNow}.
     */
    @Override
    public void close() {
        line.close();
        awaitEnd();
    }

    /**
     * Takes no more calls, finishes the batch under way, completes all other futures with {@link QueueClosedException}, their sessions
     * untouched, and ends the thread. Returns when it is done; on the queue's own thread without waiting.
     */
    public void closeNow() {
        line.close();
        reject();
        awaitEnd();
    }

    private void reject() {
        for (QueuedStep<A> call : line.drain()) {
            if (call.begin()) {
                call.fail(new QueueClosedException(
                        "the queue was closed before this step's turn, the session is as it was: step it elsewhere, or drop it"));
            }
        }
    }

    private void awaitEnd() {
        if (Thread.currentThread() == thread) {
            return;
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
                reject();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void work(List<QueuedStep<A>> batch) {
        boolean open = true;
        while (open) {
            try {
                open = line.take(batch);
                Object event = line.beginEvent(batch);
                run(batch);
                Events.end(event);
            } catch (Throwable e) { // whatever it is, its callers must hear of it, and the queue go on
                for (int i = 0; i < batch.size(); i++) { // allocating nothing, for want of memory may be what it is
                    batch.get(i).fail(e);
                }
            }
            batch.clear(); // while it waits it keeps no session from the garbage collector
        }
    }

    private void run(List<QueuedStep<A>> batch) {
        if (batch.isEmpty()) {
            return;
        }
        try {
            stepper.step(batch);
        } catch (LanecellException e) {
            batch.forEach(this::runAlone); // somebody's call is at fault, and nobody's was run
            return;
        }
        for (int i = 0; i < batch.size(); i++) {
            batch.get(i).finish();
        }
    }

    private void runAlone(QueuedStep<A> call) {
        try {
            stepper.stepAlone(call);
        } catch (Throwable e) { // this caller's alone
            call.fail(e);
            return;
        }
        call.finish();
    }
}
