package io.lanecell.benchmarks.compare;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * Bytes that a warm call allocates on the Java heap, in any thread. JMH's own profiler counts the few kilobytes that JMH
 * allocates in each iteration too, which is hundreds of bytes a call where a call takes milliseconds; this counts calls alone.
 */
final class Allocation {
    private static final int MOST_CALLS = 200;
    private static final long WINDOW_NANOS = 20_000_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Allocation() {
    }

    /** The mean of a few calls. Other threads' allocations can only add to it, so the least of several such means is the truth. */
    static double perCall(Runnable call) {
        long until = System.nanoTime() + WINDOW_NANOS;
        long before = THREADS.getTotalThreadAllocatedBytes();
        int calls = 0;
        do {
            call.run();
            calls++;
        } while (calls < MOST_CALLS && System.nanoTime() < until);
        return (THREADS.getTotalThreadAllocatedBytes() - before) / (double) calls;
    }
}
