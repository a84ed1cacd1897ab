package io.lanecell.reference;

import io.lanecell.InvalidModelException;
import io.lanecell.LayerSpec;
import java.util.Arrays;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.RealVector;

/**
 * torch.nn.LayerNorm over the features: y = (x − E[x]) / √(Var[x] + ε) · γ + β, where E and Var (divided by the number of features,
 * not one less) are over the step's features, γ is {@code weight} and β is {@code bias}.
 */
final class ReferenceLayerNorm implements ReferenceLayer.EachStep {
    /** Null with {@code elementwise_affine=False}, which takes any number of features. */
    private final RealVector gamma;
    private final RealVector beta;
    private final double epsilon;

    private ReferenceLayerNorm(RealVector gamma, RealVector beta, double epsilon) {
        this.gamma = gamma;
        this.beta = beta;
        this.epsilon = epsilon;
    }

    /** A layer of the chain. With a prefix it has a weight at least; without, weight and bias are taken if they are there. */
    static ReferenceLayerNorm of(LayerSpec.LayerNorm spec, LayerWeights weights) {
        boolean affine = !spec.weights().isEmpty() || weights.has("weight") || weights.has("bias");
        if (!affine) {
            return new ReferenceLayerNorm(null, null, checked(spec.epsilon()));
        }
        double[] gamma = weights.vector("weight");
        double[] beta = weights.has("bias")
                ? weights.vector("bias", gamma.length, "a layer_norm of normalized_shape [" + gamma.length + "]")
                : new double[gamma.length];
        return of(gamma, beta, spec.epsilon());
    }

    /** A norm with these γ and β. */
    static ReferenceLayerNorm of(double[] gamma, double[] beta, double epsilon) {
        return new ReferenceLayerNorm(new ArrayRealVector(gamma), new ArrayRealVector(beta), checked(epsilon));
    }

    /** ε, if it can be one. */
    static double checked(double epsilon) {
        if (!(epsilon >= 0 && epsilon < Double.POSITIVE_INFINITY)) {
            throw new InvalidModelException("eps must be a number of 0 or more, found " + epsilon);
        }
        return epsilon;
    }

    @Override
    public int inputSize() {
        return gamma == null ? ANY : gamma.getDimension();
    }

    @Override
    public int outputSize() {
        return inputSize();
    }

    @Override
    public RealVector apply(RealVector x) {
        double mean = Arrays.stream(x.toArray()).sum() / x.getDimension();
        RealVector fromMean = x.mapSubtract(mean);
        double variance = fromMean.dotProduct(fromMean) / x.getDimension();
        RealVector normalised = fromMean.mapDivide(Math.sqrt(variance + epsilon));
        return gamma == null ? normalised : normalised.ebeMultiply(gamma).add(beta);
    }
}
