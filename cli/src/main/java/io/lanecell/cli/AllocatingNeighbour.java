package io.lanecell.cli;

import java.util.concurrent.locks.LockSupport;

/** A thread that allocates at a given rate beside what is timed, as the rest of a service does; most of it is garbage at once. */
final class AllocatingNeighbour implements AutoCloseable {
    private static final long TICK_NANOS = 1_000_000L;
    private static final int OBJECT_BYTES = 1024;
    /** How many objects live on for a while: a megabyte. */
    private static final int LIVING = 1024;

    private final byte[][] living = new byte[LIVING][];
    private final Thread thread;
    private volatile boolean closed;

    /** Begins. A rate of 0 does nothing. */
    AllocatingNeighbour(int megabytesPerSecond) {
        long bytesPerMicro = megabytesPerSecond;
        thread = Thread.ofPlatform().daemon().name("allocating neighbour").unstarted(() -> allocate(bytesPerMicro));
        if (megabytesPerSecond > 0) {
            thread.start();
        }
    }

    private void allocate(long bytesPerMicro) {
        long begin = System.nanoTime();
        long objects = 0;
        while (!closed) {
            long due = (System.nanoTime() - begin) / 1000 * bytesPerMicro / OBJECT_BYTES;
            for (; objects < due; objects++) {
                living[(int) (objects % LIVING)] = new byte[OBJECT_BYTES];
            }
            LockSupport.parkNanos(TICK_NANOS);
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}
