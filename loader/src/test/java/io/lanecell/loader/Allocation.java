package io.lanecell.loader;

import java.lang.management.ManagementFactory;

/** Counts heap bytes. */
final class Allocation {
    private Allocation() {
    }

    /** Bytes that this thread has allocated so far. */
    static long ofThisThread() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }
}
