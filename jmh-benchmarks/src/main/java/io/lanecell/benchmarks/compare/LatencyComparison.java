package io.lanecell.benchmarks.compare;

import io.lanecell.benchmarks.WarmUp;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * How long single calls take to the rarest, ours and the peers' in one JVM: back to back, and one a millisecond as a live stream makes them.
 * Engines take turns of a quarter of a second, and with them a control, a loop in registers about as long as our call, which shows what the machine does to
 * any work.
 *
 * @param cases   to run
 * @param engines to run them on; the first is ours
 * @param seconds of calls, of each engine and way of calling
 */
record LatencyComparison(List<Geometry> cases, List<EngineProvider> engines, double seconds) {
    private static final long SLICE_NANOS = 250_000_000L;
    private static final long EVERY_NANOS = 1_000_000L;
    /** Sleeping is given up this long before a paced call is due, and the rest waited for busily. */
    private static final long SPIN_NANOS = 100_000L;
    private static final int PRECISION = 3;

    /**
     * What was timed of one engine.
     *
     * @param everyNanos from one call to the next, 0 back to back
     */
    record Row(Geometry geometry, String engine, long everyNanos, Histogram nanos) {
        /** In words. */
        String how() {
            return everyNanos == 0 ? "back to back" : "one a millisecond";
        }

        double micros(double percentile) {
            return nanos.getValueAtPercentile(percentile) / 1e3;
        }
    }

    private record Competitor(String name, Runnable call) {
    }

    /** Checks every engine, then times them; those that disagree with the reference are named and left out. */
    List<Row> run(List<String> refused) {
        List<Row> rows = new ArrayList<>();
        Comparison comparison = new Comparison(cases, engines, 1, Effort.QUICK);
        try (Progress progress = new Progress(2 * cases.size())) {
            for (Geometry geometry : cases) {
                List<EngineProvider> agreeing = List.copyOf(comparison.agreeing(geometry, refused).keySet());
                List<Engine> opened = new ArrayList<>();
                try {
                    time(geometry, competitors(geometry, agreeing, opened), rows, progress);
                } finally {
                    opened.forEach(Engine::close);
                }
            }
        }
        return rows;
    }

    private static List<Competitor> competitors(Geometry geometry, List<EngineProvider> providers, List<Engine> opened) {
        Task task = new Task(geometry);
        List<Competitor> competitors = new ArrayList<>();
        for (EngineProvider provider : providers) {
            Engine engine = provider.open(task, 1);
            opened.add(engine);
            engine.setInput(task.input(), 0);
            engine.reset();
            WarmUp.untilCompiled(engine::call);
            competitors.add(new Competitor(provider.name(), engine::call));
        }
        return competitors;
    }

    private void time(Geometry geometry, List<Competitor> competitors, List<Row> rows, Progress progress) {
        if (competitors.isEmpty()) {
            return;
        }
        List<Competitor> all = new ArrayList<>(competitors);
        Histogram ours = new Histogram(PRECISION);
        slice(all.getFirst().call, SLICE_NANOS, 0, ours);
        all.add(new Competitor("control", Control.lasting(ours.getValueAtPercentile(50))));
        for (long every : new long[]{0, EVERY_NANOS}) {
            progress.next(geometry + (every == 0 ? " back to back" : " paced"));
            List<Row> timed = all.stream().map(one -> new Row(geometry, one.name, every, new Histogram(PRECISION))).toList();
            for (double done = 0; done < seconds; done += SLICE_NANOS / 1e9) {
                for (int i = 0; i < all.size(); i++) {
                    slice(all.get(i).call, SLICE_NANOS, every, timed.get(i).nanos);
                }
            }
            rows.addAll(timed);
        }
    }

    /** Times calls for a while, begun {@code every} apart; 0 for one as soon as the other ends. */
    private static void slice(Runnable call, long nanos, long every, Histogram into) {
        long begin = System.nanoTime();
        long due = begin;
        long now = begin;
        while (now - begin < nanos) {
            if (every > 0) {
                due = Math.max(due + every, now);
                waitUntil(due);
            }
            long start = System.nanoTime();
            call.run();
            now = System.nanoTime();
            into.recordValue(now - start);
        }
    }

    private static void waitUntil(long due) {
        long left = due - System.nanoTime();
        if (left > SPIN_NANOS) {
            LockSupport.parkNanos(left - SPIN_NANOS);
        }
        while (System.nanoTime() < due) {
            Thread.onSpinWait();
        }
    }

    /** The table. */
    static String format(List<Row> rows) {
        StringBuilder text = new StringBuilder();
        String line = "%-14s %-18s %-16s %9s %8s %8s %8s %8s%n";
        text.append(String.format(line, "µs per call", "", "", "calls", "p50", "p99", "p99.9", "worst"));
        for (Row row : rows) {
            text.append(String.format(line, row.geometry, row.how(), row.engine,
                    String.format(Locale.ROOT, "%,d", row.nanos.getTotalCount()),
                    cell(row.micros(50)), cell(row.micros(99)), cell(row.micros(99.9)), cell(row.nanos.getMaxValue() / 1e3)));
        }
        return text.toString();
    }

    private static String cell(double micros) {
        return String.format(Locale.ROOT, micros < 10 ? "%.2f" : micros < 100 ? "%.1f" : "%.0f", micros);
    }

    /** A loop in registers. */
    private static final class Control implements Runnable {
        private static final int ATTEMPTS = 12;

        private final long rounds;
        /** Keeps the loop from being optimised away. */
        private long state = 1;

        private Control(long rounds) {
            this.rounds = rounds;
        }

        /** One that takes about so long, found by trying. */
        static Control lasting(long nanos) {
            long rounds = 100;
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                Histogram measured = new Histogram(PRECISION);
                slice(new Control(rounds), SLICE_NANOS / 10, 0, measured);
                rounds = Math.max(1, Math.round(rounds * (double) nanos / Math.max(1, measured.getValueAtPercentile(50))));
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
