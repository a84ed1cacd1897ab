package io.lanecell.reference;

import io.lanecell.LayerSpec;
import java.util.Arrays;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.RealVector;

/**
 * torch.nn.BatchNorm1d at inference, over the features: y = (x − E[x]) / √(Var[x] + ε) · γ + β, where E[x] is {@code running_mean},
 * Var[x] is {@code running_var}, γ is {@code weight} and β is {@code bias}; γ = 1 and β = 0 without them ({@code affine=False}).
 */
final class ReferenceBatchNorm1d implements ReferenceLayer.EachStep {
    private final RealVector mean;
    private final RealVector variance;
    private final double epsilon;
    private final RealVector gamma;
    private final RealVector beta;

    private ReferenceBatchNorm1d(double[] mean, double[] variance, double epsilon, double[] gamma, double[] beta) {
        this.mean = new ArrayRealVector(mean);
        this.variance = new ArrayRealVector(variance);
        this.epsilon = epsilon;
        this.gamma = new ArrayRealVector(gamma);
        this.beta = new ArrayRealVector(beta);
    }

    static ReferenceBatchNorm1d of(LayerSpec.BatchNorm1d spec, LayerWeights weights) {
        double[] mean = weights.vector("running_mean");
        int features = mean.length;
        String owner = "a batch_norm1d of num_features " + features;
        double[] gamma = new double[features];
        Arrays.fill(gamma, 1);
        double[] beta = new double[features];
        if (weights.has("weight") || weights.has("bias")) {
            gamma = weights.vector("weight", features, owner);
            beta = weights.vector("bias", features, owner);
        }
        weights.leaveUnread("num_batches_tracked"); // how long it was trained
        return new ReferenceBatchNorm1d(mean, weights.vector("running_var", features, owner),
                ReferenceLayerNorm.checked(spec.epsilon()), gamma, beta);
    }

    @Override
    public int inputSize() {
        return mean.getDimension();
    }

    @Override
    public int outputSize() {
        return mean.getDimension();
    }

    @Override
    public RealVector apply(RealVector x) {
        return x.subtract(mean).ebeDivide(variance.map(v -> Math.sqrt(v + epsilon))).ebeMultiply(gamma).add(beta);
    }
}
