package io.lanecell;

import io.lanecell.internal.kernel.Kernels;

/** Between (N, C, T), as torch.nn.Conv1d has it whatever batch_first says, and the steps of features that a chain is made of. */
final class Transpose extends Layer {
    private final int size;
    private final boolean first;

    /** @param first whether it is the first layer of its chain rather than the last */
    Transpose(int size, boolean first) {
        this.size = size;
        this.first = first;
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
        return new Stage() {
            @Override
            void step(float[][] state, int rows, float[] in, int inOffset, float[] out, int outOffset) {
                System.arraycopy(in, inOffset, out, outOffset, rows * size);
            }

            @Override
            void run(float[][] state, SequenceShape shape, float[] in, int inOffset, float[] out, int outOffset) {
                for (int n = 0; n < batch; n++) {
                    int channels = (first ? inOffset : outOffset) + n * size * shape.steps;
                    for (int t = 0; t < shape.steps; t++) {
                        int row = (first ? outOffset : inOffset) + shape.row(n, t) * size;
                        if (first) {
                            gather(in, channels + t, shape.steps, out, row, t < shape.length(n));
                        } else {
                            scatter(in, row, out, channels + t, shape.steps);
                        }
                    }
                }
            }
        };
    }

    /** Steps beyond a sequence's length may hold anything and become zeros. */
    private void gather(float[] in, int from, int stride, float[] out, int to, boolean within) {
        for (int c = 0; c < size; c++) {
            out[to + c] = within ? in[from + c * stride] : 0f;
        }
    }

    private void scatter(float[] in, int from, float[] out, int to, int stride) {
        for (int c = 0; c < size; c++) {
            out[to + c * stride] = in[from + c];
        }
    }
}
