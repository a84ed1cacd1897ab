package io.lanecell.cli;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;

/** Threads that use sessions of models that are swapped underneath, for as long as is asked, under observation. */
final class Soak {
    private static final int SAMPLES = 60;
    private static final long SHORTEST_NANOS = 100_000_000L;

    private final long nanos;
    private final SoakService service;
    private final List<SoakWorker> workers = new ArrayList<>();
    private final SoakMemory memory = new SoakMemory();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile boolean ended;

    Soak(double minutes, int threads, long seed) {
        nanos = Math.round(60e9 * minutes);
        SplittableRandom random = new SplittableRandom(seed);
        service = new SoakService(random);
        for (int i = 0; i < threads; i++) {
            workers.add(new SoakWorker(random.split(), service));
        }
    }

    /** Runs; ends early at the first failure. */
    void run() {
        List<Thread> threads = workers.stream().map(worker -> Thread.ofPlatform().daemon().start(() -> work(worker))).toList();
        try (TerminalProgress progress = new TerminalProgress("soak")) {
            long begin = System.nanoTime();
            long every = Math.max(nanos / SAMPLES, SHORTEST_NANOS);
            for (long due = every; due <= nanos && failure.get() == null; due += every) {
                Thread.sleep(Math.max(0, (begin + due - System.nanoTime()) / 1_000_000L));
                memory.sample();
                progress.at(due, nanos);
            }
            ended = true;
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            failure.compareAndSet(null, e);
        } finally {
            ended = true;
        }
        memory.sample(); // perhaps the only one, where it failed at once
        service.close();
    }

    private void work(SoakWorker worker) {
        try {
            while (!ended) {
                worker.act();
            }
        } catch (RuntimeException | Error e) {
            failure.compareAndSet(null, e);
            ended = true;
        }
    }

    /** How often each thing was done, by all threads. */
    Map<SoakWorker.Action, Long> counts() {
        Map<SoakWorker.Action, Long> counts = new EnumMap<>(SoakWorker.Action.class);
        workers.forEach(worker -> worker.counts().forEach((action, count) -> counts.merge(action, count, Long::sum)));
        return counts;
    }

    /** The largest distance from the reference. */
    double worstError() {
        return workers.stream().mapToDouble(SoakWorker::worstError).max().orElse(0);
    }

    /** Heap and threads over time. */
    SoakMemory memory() {
        return memory;
    }

    /** What went wrong, empty if nothing. */
    List<String> failures() {
        List<String> failures = new ArrayList<>();
        Throwable thrown = failure.get();
        if (thrown instanceof SoakFailure) {
            failures.add(thrown.getMessage());
        } else if (thrown != null) {
            failures.add(thrown + " at " + (thrown.getStackTrace().length > 0 ? thrown.getStackTrace()[0] : "an unknown place"));
        } else {
            failures.addAll(memory.growth());
        }
        return failures;
    }
}
