package io.lanecell.cli;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/** Times calls one by one, in turns with a control that takes as long. */
final class LatencyBench {
    private static final long WARM_UP_NANOS = 3_000_000_000L;
    private static final long SLICE_NANOS = 250_000_000L;
    private static final int ALLOCATION_WINDOWS = 5;
    private static final int ALLOCATION_CALLS = 1000;

    private final Runnable call;
    private final long nanos;
    private final long everyNanos;

    LatencyBench(Runnable call, double seconds, long everyNanos) {
        this.call = call;
        this.nanos = Math.round(1e9 * seconds);
        this.everyNanos = everyNanos;
    }

    /** Back to back, then paced, each followed by its control. */
    List<Latency> run() {
        try (TerminalProgress progress = new TerminalProgress("bench")) {
            slice(call, WARM_UP_NANOS, 0, new Histogram(3));
            Histogram recent = new Histogram(3);
            slice(call, SLICE_NANOS, 0, recent);
            Control control = Control.lasting(recent.getValueAtPercentile(50));
            List<Latency> latencies = new ArrayList<>();
            inTurns(control, 0, latencies, progress);
            inTurns(control, everyNanos, latencies, progress);
            return latencies;
        }
    }

    private void inTurns(Control control, long pace, List<Latency> latencies, TerminalProgress progress) {
        Histogram ours = new Histogram(3);
        Histogram machine = new Histogram(3);
        for (long done = 0; done < nanos; done += SLICE_NANOS) {
            long slice = Math.max(Math.min(nanos - done, SLICE_NANOS), 2 * pace);
            slice(call, slice, pace, ours);
            slice(control, slice, pace, machine);
            progress.at(WARM_UP_NANOS + 2 * done + (pace == 0 ? 0 : 2 * nanos), WARM_UP_NANOS + 4 * nanos);
        }
        String how = pace == 0 ? "back to back" : "one every " + Math.round(pace / 1e3) + " µs";
        latencies.add(new Latency(how, "model", ours));
        latencies.add(new Latency(how, "control", machine));
    }

    /** Times calls for a while, begun {@code pace} apart; 0 for one as soon as the other ends. */
    private static void slice(Runnable call, long nanos, long pace, Histogram into) {
        long begin = System.nanoTime();
        long due = begin;
        long now = begin;
        while (now - begin < nanos) {
            if (pace > 0) {
                due += pace;
                Pace.waitUntil(due);
            }
            long start = System.nanoTime();
            call.run();
            now = System.nanoTime();
            into.recordValue(now - start);
            // A call that ends after the next was due doesn't make the rest hurry.
            due = Math.max(due, now - pace);
        }
    }

    /** Bytes that a warm call allocates; the least of a few means, because other work of the JVM can only add to it. */
    double allocatedBytesPerCall() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int window = 0; window < ALLOCATION_WINDOWS; window++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < ALLOCATION_CALLS; i++) {
                call.run();
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        return least / (double) ALLOCATION_CALLS;
    }

    /** A loop in registers. */
    private static final class Control implements Runnable {
        private final long rounds;
        /** Keeps the loop from being optimised away. */
        private long state = 1;

        private Control(long rounds) {
            this.rounds = rounds;
        }

        /** One that takes about so long, found by trying. */
        static Control lasting(long nanos) {
            long rounds = 100;
            for (int attempt = 0; attempt < 20; attempt++) {
                Control control = new Control(rounds);
                Histogram measured = new Histogram(3);
                slice(control, SLICE_NANOS / 10, 0, measured);
                double took = Math.max(1, measured.getValueAtPercentile(50));
                if (attempt > 5 && Math.abs(took - nanos) < 0.02 * nanos) {
                    break;
                }
                rounds = Math.max(1, Math.round(rounds * nanos / took));
            }
            return new Control(rounds);
        }

        @Override
        public void run() {
            long x = state;
            for (long i = 0; i < rounds; i++) {
                x = x * 6364136223846793005L + 1442695040888963407L;
            }
            state = x;
        }
    }
}
