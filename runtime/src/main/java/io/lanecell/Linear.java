package io.lanecell;

import io.lanecell.internal.kernel.Kernels;
import io.lanecell.internal.kernel.PackedMatrix;
import java.util.Set;

/** torch.nn.Linear: {@code y = x · weightᵀ + bias}. */
final class Linear extends Layer {
    private final PackedMatrix matrix;
    private final int inputSize;
    private final int outputSize;

    Linear(Weights weights) {
        Tensor weight = TensorChecks.matrix(weights, "weight");
        TensorChecks.noneBut(weights, Set.of("weight", "bias"), "a linear layer");
        outputSize = weight.dim(0);
        inputSize = weight.dim(1);
        float[] bias = weights.has("bias") ? TensorChecks.floats(weights, "bias", outputSize) : null;
        matrix = PackedMatrix.of(weight.toFloats(), bias, outputSize, inputSize);
    }

    private Linear(PackedMatrix matrix, int inputSize, int outputSize) {
        this.matrix = matrix;
        this.inputSize = inputSize;
        this.outputSize = outputSize;
    }

    /** This layer with the batch norm behind it. */
    Linear with(BatchNorm1d norm) {
        return new Linear(matrix.scaled(norm.scale(), norm.shift()), inputSize, outputSize);
    }

    @Override
    int inputSize() {
        return inputSize;
    }

    @Override
    int outputSize() {
        return outputSize;
    }

    @Override
    Stage newStage(int batch, Kernels kernels, Workers workers, Stage before) {
        return new RowStage(inputSize, outputSize) {
            // The kernel writes whole panels, so results go through a buffer as wide as the panels are.
            private float[] padded = new float[matrix.paddedOutputs() * batch];
            private float[] packed = new float[batch > 1 ? (batch + 2) * inputSize : 0];

            @Override
            void rows(int rows, float[] in, int inOffset, float[] out, int outOffset) {
                int width = matrix.paddedOutputs();
                if (padded.length < rows * width) {
                    padded = new float[rows * width];
                    packed = new float[(rows + 2) * inputSize];
                }
                kernels.multiply(matrix, 0, inputSize, in, inOffset, inputSize, rows, matrix.bias(), 0, 0, padded, 0, width,
                        packed);
                for (int row = 0; row < rows; row++) {
                    System.arraycopy(padded, row * width, out, outOffset + row * outputSize, outputSize);
                }
            }
        };
    }
}
