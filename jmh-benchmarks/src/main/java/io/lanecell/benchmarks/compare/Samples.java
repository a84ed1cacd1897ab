package io.lanecell.benchmarks.compare;

import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;

/**
 * What JMH measured of one engine on one case, over all rounds.
 *
 * @param micros         µs per call, one number for each iteration
 * @param allocatedBytes bytes allocated per call, one number for each iteration
 */
record Samples(double[] micros, double[] allocatedBytes) {
    static Samples join(List<Samples> rounds) {
        return new Samples(rounds.stream().flatMapToDouble(round -> Arrays.stream(round.micros)).toArray(),
                rounds.stream().flatMapToDouble(round -> Arrays.stream(round.allocatedBytes)).toArray());
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

    /** Bytes that a call allocates, the least of the iterations. */
    double allocatedBytesPerCall() {
        return Arrays.stream(allocatedBytes).min().orElse(Double.NaN);
    }
}
