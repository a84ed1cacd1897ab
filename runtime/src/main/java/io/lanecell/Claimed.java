package io.lanecell;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * What one thread at a time may use. A class of its own, as making the updater loads the types of all fields beside the one updated; and an
 * updater rather than a VarHandle, which would cost a program's start more.
 */
abstract sealed class Claimed permits Session, StepBatch {
    /** At rest. A session is also at rest with a positive number, that of the {@link SharedCalls} which stay with it. */
    static final int AT_REST = 0;
    static final int IN_USE = -1;
    private static final AtomicIntegerFieldUpdater<Claimed> USE = AtomicIntegerFieldUpdater.newUpdater(Claimed.class, "use");

    private volatile int use;

    /** Takes it into use. Returns what {@link #release} left, to be given to that again; or {@link #IN_USE}, by another thread. */
    final int tryClaim() {
        return USE.getAndSet(this, IN_USE);
    }

    /** Ends the use. */
    final void release(int number) {
        USE.lazySet(this, number);
    }

    /** Gives up the {@link SharedCalls} of that number, if they stay here and nobody uses it. */
    final boolean giveUp(int number) {
        return use == number && USE.compareAndSet(this, number, AT_REST);
    }
}
