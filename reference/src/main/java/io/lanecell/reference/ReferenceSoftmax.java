package io.lanecell.reference;

import org.apache.commons.math3.linear.RealVector;

/**
 * torch.nn.Softmax and torch.nn.LogSoftmax over the features. The largest element is subtracted first, as PyTorch does, so that
 * exp can't overflow. It also makes a row that holds NaN, +Inf, or nothing but −Inf, NaN throughout (∞ − ∞), as in PyTorch.
 */
enum ReferenceSoftmax implements ReferenceLayer.EachStep {
    /** Softmax(x_i) = exp(x_i) / Σ_j exp(x_j). */
    SOFTMAX {
        @Override
        public RealVector apply(RealVector x) {
            RealVector exp = belowLargest(x).map(Math::exp);
            double sum = sum(exp);
            return exp.map(e -> e / sum);
        }
    },
    /** LogSoftmax(x_i) = log(exp(x_i) / Σ_j exp(x_j)) = x_i − log Σ_j exp(x_j). */
    LOG_SOFTMAX {
        @Override
        public RealVector apply(RealVector x) {
            RealVector below = belowLargest(x);
            double logSum = Math.log(sum(below.map(Math::exp)));
            return below.map(b -> b - logSum);
        }
    };

    private static RealVector belowLargest(RealVector x) {
        double largest = Double.NEGATIVE_INFINITY;
        for (double value : x.toArray()) {
            largest = Math.max(largest, value); // NaN if any is
        }
        return x.mapSubtract(largest);
    }

    private static double sum(RealVector x) {
        double sum = 0;
        for (double value : x.toArray()) {
            sum += value;
        }
        return sum;
    }
}
