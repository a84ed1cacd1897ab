package io.lanecell;

import io.lanecell.internal.kernel.Kernels;

/** torch.nn.Softmax or torch.nn.LogSoftmax over the features of each step (dim=-1). */
final class Softmax extends Layer {
    private final int size;
    private final boolean log;

    Softmax(int size, boolean log) {
        this.size = size;
        this.log = log;
    }

    @Override
    int inputSize() {
        return size;
    }

    @Override
    int outputSize() {
        return size;
    }

    @Override
    Stage newStage(int batch, Kernels kernels, Workers workers, Stage before) {
        return new RowStage(size, size) {
            @Override
            void rows(int rows, float[] in, int inOffset, float[] out, int outOffset) {
                for (int row = 0; row < rows; row++) {
                    if (log) {
                        kernels.logSoftmax(in, inOffset + row * size, size, out, outOffset + row * size);
                    } else {
                        kernels.softmax(in, inOffset + row * size, size, out, outOffset + row * size);
                    }
                }
            }
        };
    }
}
