package io.lanecell.benchmarks.compare;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.OptionalDouble;

/**
 * Bytes that a warm call allocates on the Java heap, in any thread. JMH's own profiler counts the few kilobytes that JMH
 * allocates in each iteration too, which is hundreds of bytes a call where a call takes milliseconds; this counts calls alone.
 */
final class Allocation {
    private static final String LABEL = "lanecell: bytes allocated per call ";
    private static final int WINDOWS = 3;
    private static final int MOST_CALLS = 200;
    private static final long WINDOW_NANOS = 20_000_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Allocation() {
    }

    /** The least of a few windows of calls, since other threads' allocations can only add to it. */
    static double perCall(Runnable call) {
        double least = Double.POSITIVE_INFINITY;
        for (int window = 0; window < WINDOWS; window++) {
            long until = System.nanoTime() + WINDOW_NANOS;
            long before = THREADS.getTotalThreadAllocatedBytes();
            int calls = 0;
            do {
                call.run();
                calls++;
            } while (calls < MOST_CALLS && System.nanoTime() < until);
            least = Math.min(least, (THREADS.getTotalThreadAllocatedBytes() - before) / (double) calls);
        }
        return least;
    }

    /** How a fork tells its parent: a line on standard output. */
    static void print(double bytes) {
        System.out.println(LABEL + bytes);
    }

    /** What a fork told, found in its log. */
    static OptionalDouble parse(String log) {
        return log.lines().filter(line -> line.contains(LABEL))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(LABEL) + LABEL.length()).strip()))
                .findFirst();
    }
}
