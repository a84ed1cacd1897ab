package io.lanecell.benchmarks.compare;

import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;

/**
 * What JMH measured of one engine on one case, over all rounds.
 *
 * @param micros         µs per call, one number for each iteration
 * @param allocatedBytes bytes allocated per call, one number for each fork
 * @param iterationMicros how long one iteration ran
 */
record Samples(double[] micros, double[] allocatedBytes, double iterationMicros) {
    /**
     * JMH itself allocates about this much in an iteration, which its profiler shares out among the calls. A call of ours that
     * allocated one object would show several times as much.
     */
    static final double HARNESS_BYTES = 1024;

    static Samples join(List<Samples> rounds) {
        return new Samples(rounds.stream().flatMapToDouble(round -> Arrays.stream(round.micros)).toArray(),
                rounds.stream().flatMapToDouble(round -> Arrays.stream(round.allocatedBytes)).toArray(),
                rounds.getFirst().iterationMicros);
    }

    double medianMicros() {
        return quantile(50);
    }

    double lowerQuartileMicros() {
        return quantile(25);
    }

    double upperQuartileMicros() {
        return quantile(75);
    }

    private double quantile(double percent) {
        return new Percentile().withEstimationType(Percentile.EstimationType.R_7).evaluate(micros, percent);
    }

    /** Bytes that a call allocates: the least of the forks, and 0 where it is no more than the harness's own. */
    double allocatedBytesPerCall() {
        double least = Arrays.stream(allocatedBytes).min().orElse(Double.NaN);
        double calls = Math.max(1, iterationMicros / medianMicros());
        return least * calls <= HARNESS_BYTES ? 0 : least;
    }
}
