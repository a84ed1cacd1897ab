package io.lanecell;

import io.lanecell.internal.kernel.Kernels;

/** One row for each sequence out of the recurrent output: its last step, or the last layer's final hidden state. */
final class Selection extends Layer {
    private final int size;
    private final boolean finalHidden;

    Selection(int size, boolean finalHidden) {
        this.size = size;
        this.finalHidden = finalHidden;
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
    int outputSteps(int steps) {
        return 1;
    }

    @Override
    boolean leavesOneRow() {
        return true;
    }

    @Override
    Stage newStage(int batch, Kernels kernels, Workers workers, Stage before) {
        return new Stage() {
            private final SequenceShape oneRow = SequenceShape.ofOneStep(batch);

            @Override
            SequenceShape plan(SequenceShape shape) {
                return oneRow;
            }

            @Override
            void step(float[][] state, int rows, float[] in, int inOffset, float[] out, int outOffset) {
                System.arraycopy(in, inOffset, out, outOffset, rows * size);
            }

            @Override
            void run(float[][] state, SequenceShape shape, float[] in, int inOffset, float[] out, int outOffset) {
                if (finalHidden) {
                    before.finalHidden(state, out, outOffset);
                    return;
                }
                for (int n = 0; n < batch; n++) {
                    int row = shape.row(n, shape.length(n) - 1);
                    System.arraycopy(in, inOffset + row * size, out, outOffset + n * size, size);
                }
            }
        };
    }
}
