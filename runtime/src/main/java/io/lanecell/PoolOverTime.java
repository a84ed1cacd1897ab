package io.lanecell;

import io.lanecell.internal.kernel.Kernels;

/** The mean of each feature over a sequence's steps, summed in ascending order, or the largest, NaN where one is. */
final class PoolOverTime extends Layer {
    private final int size;
    private final boolean mean;

    PoolOverTime(int size, boolean mean) {
        this.size = size;
        this.mean = mean;
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
    String steppingObstacle() {
        return "needs the whole sequence";
    }

    @Override
    Stage newStage(int batch, Kernels kernels, Workers workers, Stage before) {
        return new WholeSequenceStage(batch) {
            @Override
            void run(float[][] state, SequenceShape shape, float[] in, int inOffset, float[] out, int outOffset) {
                for (int n = 0; n < batch; n++) {
                    int to = outOffset + n * size;
                    System.arraycopy(in, inOffset + shape.row(n, 0) * size, out, to, size);
                    for (int t = 1; t < shape.length(n); t++) {
                        int row = inOffset + shape.row(n, t) * size;
                        if (mean) {
                            kernels.add(in, row, out, to, size);
                        } else {
                            kernels.max(in, row, out, to, size);
                        }
                    }
                    if (mean) {
                        Pool1d.divide(out, to, size, shape.length(n));
                    }
                }
            }
        };
    }
}
