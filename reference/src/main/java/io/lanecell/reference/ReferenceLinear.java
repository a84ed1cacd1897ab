package io.lanecell.reference;

import io.lanecell.Tensor;
import org.apache.commons.math3.linear.RealVector;

/** torch.nn.Linear: y = x Aᵀ + b for a row x, which is A x + b for a column. */
final class ReferenceLinear implements ReferenceLayer.EachStep {
    private final int inFeatures;
    private final int outFeatures;
    private final Affine map;

    private ReferenceLinear(int inFeatures, int outFeatures, Affine map) {
        this.inFeatures = inFeatures;
        this.outFeatures = outFeatures;
        this.map = map;
    }

    static ReferenceLinear of(LayerWeights weights) {
        Tensor weight = weights.matrix("weight");
        int out = weight.dim(0);
        int in = weight.dim(1);
        String owner = "a linear layer of in_features " + in + ", out_features " + out;
        double[] bias = weights.has("bias") ? weights.vector("bias", out, owner) : new double[out];
        return new ReferenceLinear(in, out, new Affine(weights.matrix("weight", out, in, owner), bias));
    }

    @Override
    public int inputSize() {
        return inFeatures;
    }

    @Override
    public int outputSize() {
        return outFeatures;
    }

    @Override
    public RealVector apply(RealVector x) {
        return map.apply(x);
    }
}
