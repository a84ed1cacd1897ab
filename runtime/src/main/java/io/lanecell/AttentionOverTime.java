package io.lanecell;

import io.lanecell.internal.kernel.Kernels;
import java.util.Arrays;

/**
 * Additive attention over time (Zhou et al. 2016): with a = softmax over the steps of {@code tanh(H) · w}, the sum {@code Σ a_t H_t}, one
 * fma chain per feature in ascending order of the steps.
 */
final class AttentionOverTime extends Layer {
    /** Steps whose tanh is computed at a time. */
    private static final int BLOCK = 16;
    private static final int PARTIALS = 16;

    private final float[] w;

    /** @param w (F) or (1, F) */
    AttentionOverTime(Tensor w, String name) {
        boolean vector = w.rank() == 1 || w.rank() == 2 && w.dim(0) == 1;
        if (!vector || w.size() == 0) {
            throw new InvalidModelException(
                    "tensor '" + name + "' is " + w + " where one number per feature is expected, [F] or [1, F]");
        }
        this.w = w.toFloats();
    }

    @Override
    int inputSize() {
        return w.length;
    }

    @Override
    int outputSize() {
        return w.length;
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
        int size = w.length;
        return new WholeSequenceStage(batch) {
            private final float[] tanh = new float[BLOCK * size];
            private final float[] partials = new float[PARTIALS];
            private float[] scores = new float[0];

            @Override
            SequenceShape plan(SequenceShape shape) {
                if (scores.length < shape.longest) {
                    scores = new float[shape.longest];
                }
                return super.plan(shape);
            }

            @Override
            void run(float[][] state, SequenceShape shape, float[] in, int inOffset, float[] out, int outOffset) {
                for (int n = 0; n < batch; n++) {
                    score(shape, n, in, inOffset);
                    kernels.softmax(scores, 0, shape.length(n), scores, 0);
                    weightedSum(kernels, scores, shape, n, in, inOffset, size, out, outOffset + n * size);
                }
            }

            private void score(SequenceShape shape, int n, float[] in, int inOffset) {
                for (int first = 0; first < shape.length(n); first += BLOCK) {
                    int rows = Math.min(BLOCK, shape.length(n) - first);
                    for (int row = 0; row < rows; row++) {
                        kernels.activate(ActivationFunction.TANH, 0f, in, inOffset + shape.row(n, first + row) * size, tanh,
                                row * size, size);
                    }
                    kernels.dots(tanh, 0, size, rows, w, 0, size, scores, first, partials);
                }
            }
        };
    }

    /** Writes Σ a_t H_t of sequence {@code n}, one fma chain per feature from +0 on in ascending order of the steps. */
    static void weightedSum(Kernels kernels, float[] a, SequenceShape shape, int n, float[] h, int hOffset, int size, float[] out,
            int outOffset) {
        Arrays.fill(out, outOffset, outOffset + size, 0f);
        for (int t = 0; t < shape.length(n); t++) {
            kernels.addScaled(a[t], h, hOffset + shape.row(n, t) * size, out, outOffset, size);
        }
    }
}
