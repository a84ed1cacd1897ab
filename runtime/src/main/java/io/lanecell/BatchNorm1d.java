package io.lanecell;

import io.lanecell.internal.kernel.Kernels;
import java.util.Set;

/**
 * torch.nn.BatchNorm1d at inference: {@code x · scale + shift} with {@code scale = weight / √(running_var + ε)} and
 * {@code shift = bias − running_mean · scale}, both found in float64. Behind a linear layer or a convolution it becomes part of that.
 */
final class BatchNorm1d extends Layer {
    private final double[] scale;
    private final double[] shift;
    private final float[] factors;
    private final float[] summands;

    BatchNorm1d(Weights weights, double epsilon) {
        TensorChecks.noneBut(weights, Set.of("running_mean", "running_var", "weight", "bias", "num_batches_tracked"),
                "a batch norm");
        int size = TensorChecks.vectorSize(weights, "running_mean");
        double[] mean = TensorChecks.doubles(weights, "running_mean", size);
        double[] variance = TensorChecks.doubles(weights, "running_var", size);
        double[] weight = weights.has("weight") ? TensorChecks.doubles(weights, "weight", size) : null;
        double[] bias = weights.has("bias") ? TensorChecks.doubles(weights, "bias", size) : null;
        scale = new double[size];
        shift = new double[size];
        for (int i = 0; i < size; i++) {
            scale[i] = (weight == null ? 1 : weight[i]) / Math.sqrt(variance[i] + epsilon);
            shift[i] = (bias == null ? 0 : bias[i]) - mean[i] * scale[i];
        }
        factors = narrow(scale);
        summands = narrow(shift);
    }

    /** The factor of each feature. */
    double[] scale() {
        return scale;
    }

    /** What is added to each feature. */
    double[] shift() {
        return shift;
    }

    @Override
    int inputSize() {
        return scale.length;
    }

    @Override
    int outputSize() {
        return scale.length;
    }

    @Override
    Stage newStage(int batch, Kernels kernels, Workers workers, Stage before) {
        int size = scale.length;
        return new RowStage(size, size) {
            @Override
            void rows(int rows, float[] in, int inOffset, float[] out, int outOffset) {
                for (int row = 0; row < rows; row++) {
                    kernels.scaleAndShift(in, inOffset + row * size, factors, summands, out, outOffset + row * size, size);
                }
            }
        };
    }

    private static float[] narrow(double[] values) {
        float[] narrow = new float[values.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = (float) values[i];
        }
        return narrow;
    }
}
