package io.lanecell;

import io.lanecell.internal.kernel.Kernels;
import java.util.Set;

/** torch.nn.Embedding: a row of {@code weight} for each token. Always the first layer; its input is one whole number a step. */
final class Embedding extends Layer {
    /** Whole numbers up to here survive in float32, which is how tokens travel to this layer. */
    private static final int MAX_ROWS = 1 << 24;

    private final float[] table;
    private final int rowCount;
    private final int rowSize;

    Embedding(Weights weights) {
        Tensor weight = TensorChecks.matrix(weights, "weight");
        TensorChecks.noneBut(weights, Set.of("weight"), "an embedding");
        rowCount = weight.dim(0);
        rowSize = weight.dim(1);
        if (rowCount > MAX_ROWS) {
            throw new InvalidModelException("tensor '" + weights.fullName("weight") + "' has " + rowCount
                    + " rows, an embedding may have at most " + MAX_ROWS);
        }
        table = weight.toFloats();
    }

    @Override
    int inputSize() {
        return 1;
    }

    @Override
    int outputSize() {
        return rowSize;
    }

    /** Tokens it knows: 0 up to this, exclusive. */
    int rowCount() {
        return rowCount;
    }

    @Override
    Stage newStage(int batch, Kernels kernels, Workers workers, Stage before) {
        return new Stage() {
            @Override
            void step(float[][] state, int rows, float[] in, int inOffset, float[] out, int outOffset) {
                for (int row = 0; row < rows; row++) {
                    lookUp(in[inOffset + row], out, outOffset + row * rowSize);
                }
            }

            // Padding may hold anything and is never looked at; it becomes zeros.
            @Override
            void run(float[][] state, SequenceShape shape, float[] in, int inOffset, float[] out, int outOffset) {
                for (int n = 0; n < batch; n++) {
                    for (int t = 0; t < shape.length(n); t++) {
                        int row = shape.row(n, t);
                        lookUp(in[inOffset + row], out, outOffset + row * rowSize);
                    }
                }
                shape.zeroPadding(out, outOffset, rowSize);
            }
        };
    }

    /** Copies a token's row. */
    void lookUp(float token, float[] out, int outOffset) {
        System.arraycopy(table, (int) token * rowSize, out, outOffset, rowSize);
    }
}
