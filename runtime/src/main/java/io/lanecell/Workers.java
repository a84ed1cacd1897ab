package io.lanecell;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Threads that share the work of one call of a {@link Session}. Results have the same bits whatever their number. Any number of
 * sessions may be given the same workers; they serve one call at a time, others wait. Between calls they sleep and take no
 * processor time. Pinning them to cores is the caller's affair ({@code taskset}).
 *
 * <p>Close them when no session needs them any more; a call of a session whose workers are closed is refused.
 */
public final class Workers implements AutoCloseable {
    /** Turns a worker spins for the next task before it sleeps: some 20 µs, so that calls in a row find it awake. */
    private static final int SPINS_BEFORE_SLEEP = 1_000;
    /** Turns before a waiting thread offers its core to others, in case the one it waits for has none: some 10 µs, or at once. */
    private static final int SPINS_BEFORE_YIELD = Runtime.getRuntime().availableProcessors() > 1 ? 500 : 1;

    /** A call's work, of which every worker does its part at the same time as the others. */
    interface Task {
        void run(int part);
    }

    private final Thread[] threads;
    private final ReentrantLock callers = new ReentrantLock();
    private final AtomicInteger unfinished = new AtomicInteger();
    private final AtomicInteger arrived = new AtomicInteger();
    private volatile int barrierPhase;
    private volatile int taskNumber;
    private volatile boolean closed;
    private volatile Throwable failure;
    private Task task;

    private Workers(int count) {
        threads = new Thread[count - 1];
        for (int i = 0; i < threads.length; i++) {
            int part = i + 1;
            threads[i] = Thread.ofPlatform().daemon().name("lanecell-worker-" + part).start(() -> work(part));
        }
    }

    /**
     * @param count threads that share a call's work, the caller's own included: 1 or more
     * @throws InvalidInputException if {@code count} is less than 1
     */
    public static Workers of(int count) {
        if (count < 1) {
            throw new InvalidInputException("workers must be at least 1, the caller itself, got " + count);
        }
        return new Workers(count);
    }

    /** Threads that share a call's work, the caller's own included. */
    public int count() {
        return threads.length + 1;
    }

    /** Ends the threads once the call under way, if there is one, is done. */
    @Override
    public void close() {
        callers.lock();
        try {
            closed = true;
            for (Thread thread : threads) {
                LockSupport.unpark(thread);
            }
        } finally {
            callers.unlock();
        }
    }

    /** Runs every part of a task, part 0 on this thread, and returns when all are done. */
    void run(Task work) {
        callers.lock();
        try {
            if (closed) {
                throw new InvalidInputException("the session's workers are closed: make a session with others");
            }
            task = work;
            failure = null;
            arrived.set(0);
            unfinished.set(threads.length);
            taskNumber++;
            for (Thread thread : threads) {
                LockSupport.unpark(thread);
            }
            runPart(work, 0);
            for (int spins = 0; unfinished.get() > 0; spins++) {
                pause(spins);
            }
            task = null;
        } finally {
            callers.unlock();
        }
        if (failure != null) {
            throw new IllegalStateException("a worker failed", failure);
        }
    }

    /** Within a task: returns when every part has come here. */
    void await() {
        int phase = barrierPhase;
        if (arrived.incrementAndGet() == threads.length + 1) {
            arrived.set(0);
            barrierPhase = phase + 1;
            return;
        }
        for (int spins = 0; barrierPhase == phase; spins++) {
            if (failure != null) {
                throw new IllegalStateException("another worker failed");
            }
            pause(spins);
        }
    }

    private void work(int part) {
        int done = 0;
        while (true) {
            for (int spins = 0; taskNumber == done; spins++) {
                if (closed) {
                    return;
                }
                if (spins < SPINS_BEFORE_SLEEP) {
                    Thread.onSpinWait();
                } else {
                    LockSupport.park(this);
                }
            }
            done = taskNumber;
            runPart(task, part);
            unfinished.decrementAndGet();
        }
    }

    private void runPart(Task work, int part) {
        try {
            work.run(part);
        } catch (Throwable e) { // whatever it is must reach the caller, and release who waits at a barrier
            if (failure == null) {
                failure = e;
            }
        }
    }

    private static void pause(int spins) {
        if (spins % SPINS_BEFORE_YIELD == SPINS_BEFORE_YIELD - 1) {
            Thread.yield();
        } else {
            Thread.onSpinWait();
        }
    }
}
