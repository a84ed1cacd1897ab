package io.lanecell.benchmarks;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;

/** JMH's warm-up is a fixed time, too short for the compiler where the machine is slow or busy. */
public final class WarmUp {
    private static final long IDLE_NANOS = 400_000_000;
    private static final long LONGEST_NANOS = 6_000_000_000L;

    private WarmUp() {
    }

    /** Calls until the compiler has been idle for a while. */
    public static void untilCompiled(Runnable call) {
        CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
        long start = System.nanoTime();
        long idleSince = start;
        long compiled = compiler.getTotalCompilationTime();
        while (System.nanoTime() - idleSince < IDLE_NANOS && System.nanoTime() - start < LONGEST_NANOS) {
            call.run();
            if (compiler.getTotalCompilationTime() != compiled) {
                compiled = compiler.getTotalCompilationTime();
                idleSince = System.nanoTime();
            }
        }
    }
}
