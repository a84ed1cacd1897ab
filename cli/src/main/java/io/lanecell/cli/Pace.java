package io.lanecell.cli;

import java.util.concurrent.locks.LockSupport;

/** Waits for the moment a paced call is due. */
final class Pace {
    /** Sleeping is given up this long before, and the rest waited for busily. */
    private static final long SPIN_NANOS = 100_000L;

    private Pace() {
    }

    /** Returns when {@link System#nanoTime()} has come to {@code due}. */
    static void waitUntil(long due) {
        long left = due - System.nanoTime();
        if (left > SPIN_NANOS) {
            LockSupport.parkNanos(left - SPIN_NANOS);
        }
        while (System.nanoTime() < due) {
            Thread.onSpinWait();
        }
    }
}
