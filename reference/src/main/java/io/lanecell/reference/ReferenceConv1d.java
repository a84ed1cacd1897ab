package io.lanecell.reference;

import io.lanecell.InvalidModelException;
import io.lanecell.LayerSpec;
import io.lanecell.Tensor;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.RealVector;

/**
 * torch.nn.Conv1d, for a sequence of steps of channels: {@code weight} (out_channels, in_channels / groups, kernel_size),
 * {@code bias} (out_channels) if any. Padding is zeros.
 */
final class ReferenceConv1d implements ReferenceLayer.Windowed {
    private final Window window;
    private final int groups;
    /** Output channel, then the group's input channel, then the window's place. */
    private final double[][][] weight;
    private final double[] bias;

    private ReferenceConv1d(Window window, int groups, double[][][] weight, double[] bias) {
        this.window = window;
        this.groups = groups;
        this.weight = weight;
        this.bias = bias;
    }

    static ReferenceConv1d of(LayerSpec.Conv1d spec, LayerWeights weights) {
        Tensor shape = weights.cube("weight");
        int out = shape.dim(0);
        int perGroup = shape.dim(1);
        int kernelSize = shape.dim(2);
        Window window = new Window(kernelSize, spec.stride(), spec.paddingLeft(), spec.paddingRight(), spec.dilation());
        if (spec.groups() < 1 || out % spec.groups() != 0) {
            throw new InvalidModelException("groups " + spec.groups() + " do not divide out_channels " + out
                    + ", the first extent of '" + weights.fullName("weight") + "': give the groups it was trained with");
        }
        String owner = "a conv1d of out_channels " + out;
        double[] bias = weights.has("bias") ? weights.vector("bias", out, owner) : new double[out];
        double[] values = shape.toDoubles();
        double[][][] weight = new double[out][perGroup][kernelSize];
        for (int o = 0; o < out; o++) {
            for (int i = 0; i < perGroup; i++) {
                System.arraycopy(values, (o * perGroup + i) * kernelSize, weight[o][i], 0, kernelSize);
            }
        }
        return new ReferenceConv1d(window, spec.groups(), weight, bias);
    }

    @Override
    public int inputSize() {
        return Math.multiplyExact(weight[0].length, groups);
    }

    @Override
    public int outputSize() {
        return weight.length;
    }

    @Override
    public Window window() {
        return window;
    }

    /** out[o] = bias[o] + Σ over the group's channels i and the window's places k of weight[o][i][k] · x[step(t, k)][i]. */
    @Override
    public RealVector at(int t, RealVector[] x) {
        int perGroup = weight[0].length;
        double[] out = bias.clone();
        for (int o = 0; o < out.length; o++) {
            int firstChannel = o / (out.length / groups) * perGroup;
            for (int k = 0; k < window.kernelSize(); k++) {
                int step = window.step(t, k);
                for (int i = 0; i < perGroup && step >= 0 && step < x.length; i++) {
                    out[o] += weight[o][i][k] * x[step].getEntry(firstChannel + i);
                }
            }
        }
        return new ArrayRealVector(out, false);
    }
}
