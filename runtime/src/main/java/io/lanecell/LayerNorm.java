package io.lanecell;

import io.lanecell.internal.kernel.Kernels;
import java.util.Arrays;
import java.util.Set;

/** torch.nn.LayerNorm over the features of each step: {@code (x − mean) / √(variance + ε) · weight + bias}. */
final class LayerNorm extends Layer {
    private static final int PARTIALS = 16;

    private final float[] weight;
    private final float[] bias;
    private final float epsilon;

    /** Without weight and bias. */
    LayerNorm(int size, double epsilon) {
        weight = new float[size];
        Arrays.fill(weight, 1f);
        bias = new float[size];
        this.epsilon = (float) epsilon;
    }

    LayerNorm(Weights weights, double epsilon) {
        TensorChecks.noneBut(weights, Set.of("weight", "bias"), "a layer norm");
        int size = TensorChecks.vectorSize(weights, "weight");
        weight = TensorChecks.floats(weights, "weight", size);
        bias = weights.has("bias") ? TensorChecks.floats(weights, "bias", size) : new float[size];
        this.epsilon = (float) epsilon;
    }

    @Override
    int inputSize() {
        return weight.length;
    }

    @Override
    int outputSize() {
        return weight.length;
    }

    @Override
    Stage newStage(int batch, Kernels kernels, Workers workers, Stage before) {
        int size = weight.length;
        return new RowStage(size, size) {
            private final float[] partials = new float[PARTIALS];

            @Override
            void rows(int rows, float[] in, int inOffset, float[] out, int outOffset) {
                for (int row = 0; row < rows; row++) {
                    kernels.layerNorm(in, inOffset + row * size, size, weight, bias, epsilon, out, outOffset + row * size,
                            partials);
                }
            }
        };
    }
}
