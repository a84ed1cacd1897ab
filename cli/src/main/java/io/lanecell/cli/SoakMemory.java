package io.lanecell.cli;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Heap after a collection and live threads, over time. */
final class SoakMemory {
    /** What sessions and classes make when they are first used, and what a sample finds on its way, is no growth. */
    private static final double HEAP_FACTOR = 1.1;
    private static final long HEAP_SLACK = 8 << 20;

    private final MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    private final List<Long> heap = new ArrayList<>();
    private final List<Long> threads = new ArrayList<>();

    /** Takes a sample; collects the garbage first. */
    void sample() {
        memory.gc();
        add(memory.getHeapMemoryUsage().getUsed(), ManagementFactory.getThreadMXBean().getThreadCount());
    }

    /** Takes a sample from elsewhere. */
    void add(long heapBytes, long threadCount) {
        heap.add(heapBytes);
        threads.add(threadCount);
    }

    /** Bytes in use in the first quarter of the time, the median. */
    long firstHeap() {
        return median(heap.subList(0, quarter()));
    }

    /** The same of the last quarter. */
    long lastHeap() {
        return median(heap.subList(heap.size() - quarter(), heap.size()));
    }

    /** Live threads in the first quarter of the time, the fewest: threads that soon end, such as a warm-up's, don't count. */
    long firstThreads() {
        return Collections.min(threads.subList(0, quarter()));
    }

    /** The same of the last quarter. */
    long lastThreads() {
        return Collections.min(threads.subList(threads.size() - quarter(), threads.size()));
    }

    private int quarter() {
        return Math.max(1, heap.size() / 4);
    }

    private static long median(List<Long> samples) {
        return samples.stream().sorted().toList().get((samples.size() - 1) / 2);
    }

    /** What has grown, empty if nothing. */
    List<String> growth() {
        List<String> growth = new ArrayList<>();
        if (lastHeap() > HEAP_FACTOR * firstHeap() + HEAP_SLACK) {
            growth.add("the heap has grown from " + megabytes(firstHeap()) + " to " + megabytes(lastHeap()));
        }
        if (lastThreads() > firstThreads()) {
            growth.add("threads have grown from " + firstThreads() + " to " + lastThreads());
        }
        return growth;
    }

    /** A number of bytes in words. */
    static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }
}
