package io.lanecell.benchmarks.compare;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * All that a comparison found.
 *
 * @param machine where it ran
 * @param limits  of that machine
 * @param conduct how it was measured, in words
 * @param threads that were asked for
 * @param rows    by case, then by engine
 * @param refused engines that disagree with the reference, one sentence each
 */
record Results(Machine machine, MachineLimits limits, String conduct, int threads, List<CaseResult> rows,
        List<String> refused) {
    /** The cases that have a row, in order. */
    List<Geometry> cases() {
        return rows.stream().map(CaseResult::geometry).distinct().toList();
    }

    /** The engines that have a row, in order of appearance. */
    List<String> engines() {
        return rows.stream().map(CaseResult::engine).distinct().toList();
    }

    Optional<CaseResult> row(Geometry geometry, String engine) {
        return rows.stream().filter(row -> row.geometry().equals(geometry) && row.engine().equals(engine)).findFirst();
    }

    /** The fastest peer of a case. */
    Optional<CaseResult> bestPeer(Geometry geometry) {
        return rows.stream().filter(row -> row.geometry().equals(geometry) && Engines.isPeer(row.engine()))
                .min(Comparator.comparingDouble(CaseResult::medianMicros));
    }

    /** The best peer's median over this one's: above 1 the row is faster. */
    OptionalDouble ratioToBestPeer(CaseResult row) {
        Optional<CaseResult> best = bestPeer(row.geometry());
        return best.isPresent() ? OptionalDouble.of(best.get().medianMicros() / row.medianMicros()) : OptionalDouble.empty();
    }
}
