package io.lanecell.reference;

import java.util.Arrays;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.RealVector;

/** Attention over a sequence H (Zhou et al. 2016): M = tanh(H), α = softmax(wᵀ M) over the steps, r = H αᵀ. */
final class ReferenceAttentionOverTime implements ReferenceLayer.OverTime {
    private final RealVector w;

    private ReferenceAttentionOverTime(RealVector w) {
        this.w = w;
    }

    /** @param name the tensor w, (F) or (1, F) */
    static ReferenceAttentionOverTime of(LayerWeights weights, String name) {
        return new ReferenceAttentionOverTime(new ArrayRealVector(weights.vectorOrRow(name)));
    }

    @Override
    public int inputSize() {
        return w.getDimension();
    }

    @Override
    public int outputSize() {
        return w.getDimension();
    }

    @Override
    public RealVector of(Sequence x) {
        RealVector[] h = x.own();
        double[] scores = Arrays.stream(h).mapToDouble(step -> step.map(Math::tanh).dotProduct(w)).toArray();
        RealVector alpha = ReferenceSoftmax.SOFTMAX.apply(new ArrayRealVector(scores));
        return Steps.weightedSum(alpha, h);
    }
}
