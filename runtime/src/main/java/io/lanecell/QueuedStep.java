package io.lanecell;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * A call of a {@link StepQueue}, and its caller's future. Either the queue begins it or somebody withdraws it, never both: {@code cancel},
 * {@code complete}, a timeout's completion withdraw a call that waits, and do nothing to one that has begun, whose result is about to come.
 *
 * @param <A> float[] or double[]
 */
final class QueuedStep<A> extends CompletableFuture<A> {
    private static final int WAITING = 0;
    private static final int BEGUN = 1;
    private static final int WITHDRAWN = 2;
    private static final long RETRY_NANOS = 1_000_000;
    private static final VarHandle PHASE;

    static {
        try {
            PHASE = MethodHandles.lookup().findVarHandle(QueuedStep.class, "phase", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** A Session or LiveSession. */
    private final Object session;
    private final A input;
    // Made by the caller's thread, so that the queue's never fails for want of memory with a session half stepped.
    private final A output;
    private volatile int phase;
    /** When it came to wait, by System.nanoTime; the line's. */
    long arrivedNanos;

    /**
     * @param session a Session or LiveSession
     * @param input   of one step, which nobody else writes
     * @param output  room for the result
     */
    QueuedStep(Object session, A input, A output) {
        this.session = session;
        this.input = input;
        this.output = output;
    }

    Object session() {
        return session;
    }

    /** The session to step, until {@link #leave}. */
    Session enter() {
        return session instanceof LiveSession live ? live.enter() : (Session) session;
    }

    void leave() {
        if (session instanceof LiveSession live) {
            live.leave();
        }
    }

    A input() {
        return input;
    }

    A output() {
        return output;
    }

    /** The queue's claim to run it or to reject it; false where it was withdrawn. */
    boolean begin() {
        return PHASE.compareAndSet(this, WAITING, BEGUN);
    }

    /** After {@link #begin}: the result is in the output. */
    void finish() {
        try {
            super.complete(output);
        } catch (Throwable e) { // of what is chained to it; the result is there, which takes no memory
        }
    }

    /** After {@link #begin}. */
    void fail(Throwable why) {
        while (!isDone()) {
            try {
                super.completeExceptionally(why);
            } catch (OutOfMemoryError e) { // this takes 16 bytes: once others have given theirs back
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
    }

    private boolean withdraw() {
        return PHASE.compareAndSet(this, WAITING, WITHDRAWN);
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        return withdraw() ? super.cancel(mayInterruptIfRunning) : isCancelled();
    }

    @Override
    public boolean complete(A value) {
        return withdraw() && super.complete(value);
    }

    @Override
    public boolean completeExceptionally(Throwable why) {
        return withdraw() && super.completeExceptionally(why);
    }

    @Override
    public CompletableFuture<A> completeAsync(Supplier<? extends A> supplier, Executor executor) {
        executor.execute(() -> {
            try {
                complete(supplier.get());
            } catch (Throwable e) { // whatever it is, as CompletableFuture has it
                completeExceptionally(e);
            }
        });
        return this;
    }

    @Override
    public void obtrudeValue(A value) {
        throw new UnsupportedOperationException("a queued step's result can't be replaced");
    }

    @Override
    public void obtrudeException(Throwable why) {
        throw new UnsupportedOperationException("a queued step's result can't be replaced");
    }
}
