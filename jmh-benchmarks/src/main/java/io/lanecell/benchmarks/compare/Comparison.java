package io.lanecell.benchmarks.compare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Checks and times every engine on every case.
 *
 * @param cases   to run
 * @param engines to run them on
 * @param threads that engines may use
 * @param effort  how long to measure
 */
record Comparison(List<Geometry> cases, List<EngineProvider> engines, int threads, Effort effort) {
    Results run() {
        List<CaseResult> rows = new ArrayList<>();
        List<String> refused = new ArrayList<>();
        MachineLimits limits;
        long began = System.nanoTime();
        int done = 0;
        try (Progress progress = new Progress(MachineLimits.measurements() + cases.size() * (1 + forksPerCase()))) {
            limits = MachineLimits.measure(Effort.LIMITS, progress::next);
            for (Geometry geometry : cases) {
                progress.next(geometry + ": agreement");
                Map<EngineProvider, Double> errors = agreeing(geometry, refused);
                done++;
                int casesDone = done;
                Map<EngineProvider, Samples> samples = time(geometry, List.copyOf(errors.keySet()), progress,
                        () -> effort.hasTimeFor((System.nanoTime() - began) / 1e9, casesDone, cases.size()));
                errors.forEach((engine, error) -> rows
                        .add(CaseResult.of(geometry, engine.name(), engine.threads(threads), samples.get(engine), error)));
            }
        }
        return new Results(Machine.here(), limits, effort.describe(), threads, List.copyOf(rows), List.copyOf(refused));
    }

    private int forksPerCase() {
        return engines.stream().mapToInt(engine -> effort.roundsOf(engine.name())).sum();
    }

    /** The engines that compute what the reference computes, with their errors; the others are refused and not timed. */
    Map<EngineProvider, Double> agreeing(Geometry geometry, List<String> refused) {
        Task task = new Task(geometry);
        double[] expected = task.expected();
        Map<EngineProvider, Double> errors = new LinkedHashMap<>();
        for (EngineProvider provider : engines) {
            double error = maxAbsError(provider, task, expected);
            if (Agreement.accepts(error)) {
                errors.put(provider, error);
            } else {
                refused.add(String.format(Locale.ROOT, "%s on %s: it is %.1e off the reference, %.0e is allowed; not timed",
                        provider.name(), geometry, error, Agreement.TOLERANCE));
            }
        }
        return errors;
    }

    private double maxAbsError(EngineProvider provider, Task task, double[] expected) {
        try (Engine engine = provider.open(task, threads)) {
            return Agreement.maxAbsError(engine, task, expected);
        } catch (LinkageError e) {
            throw new CompareException("the native library of '" + provider.name() + "' can't be loaded here (" + e.getMessage()
                    + "): leave it out with --peers", e);
        }
    }

    /** Rounds of one fork of each engine in turn, the first in any case. */
    private Map<EngineProvider, Samples> time(Geometry geometry, List<EngineProvider> agreeing, Progress progress,
            BooleanSupplier hasTime) {
        Map<EngineProvider, List<Samples>> rounds = new LinkedHashMap<>();
        for (int round = 0; round < effort.rounds() && (round == 0 || hasTime.getAsBoolean()); round++) {
            for (EngineProvider engine : agreeing) {
                if (round < effort.roundsOf(engine.name())) {
                    progress.next(geometry + ": " + engine.name());
                    rounds.computeIfAbsent(engine, _ -> new ArrayList<>()).add(Jmh.time(geometry, engine, threads, effort));
                }
            }
        }
        Map<EngineProvider, Samples> joined = new LinkedHashMap<>();
        rounds.forEach((engine, samples) -> joined.put(engine, Samples.join(samples)));
        return joined;
    }
}
