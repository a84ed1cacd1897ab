package io.lanecell.reference;

import java.util.List;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.RealVector;

/** What several steps, at least one, have in common. */
final class Steps {
    private Steps() {
    }

    static RealVector sum(List<RealVector> steps) {
        return steps.stream().reduce(RealVector::add).orElseThrow();
    }

    /** The largest of each feature, NaN if one is NaN. */
    static RealVector largest(List<RealVector> steps) {
        double[] largest = steps.getFirst().toArray();
        for (RealVector step : steps) {
            for (int i = 0; i < largest.length; i++) {
                largest[i] = Math.max(largest[i], step.getEntry(i));
            }
        }
        return new ArrayRealVector(largest, false);
    }

    /** Σ_t a_t x_t. */
    static RealVector weightedSum(RealVector a, RealVector[] x) {
        RealVector sum = x[0].mapMultiply(a.getEntry(0));
        for (int t = 1; t < x.length; t++) {
            sum = sum.add(x[t].mapMultiply(a.getEntry(t)));
        }
        return sum;
    }
}
