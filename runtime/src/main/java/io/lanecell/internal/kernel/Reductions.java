package io.lanecell.internal.kernel;

/** Sums and maxima in one fixed order at every vector width: 16 partial results by index mod 16, then a tree. */
final class Reductions {
    /** Partial sums of a reduction. */
    static final int PARTIALS = 16;

    private Reductions() {
    }

    /** The largest number; NaN if the first is NaN, other NaNs are passed over. */
    static float max(float[] x, int offset, int count) {
        float max = x[offset];
        for (int i = 1; i < count; i++) {
            max = x[offset + i] > max ? x[offset + i] : max;
        }
        return max;
    }

    /** The sum: partial sum j takes the elements whose index mod 16 is j, then those at distance 8, 4, 2 and 1 are joined. */
    static float sum(float[] x, int offset, int count) {
        return sum(x, offset, count, 0, 1);
    }

    /** The sum of e^(x − max), in the order of {@link #sum(float[], int, int)}. */
    static float sumOfExp(float[] x, int offset, int count, float max) {
        return sumOfExp(x, offset, count, max, 0, 1);
    }

    /**
     * Goes on with the sum of {@code x_i · y_i} from element {@code from} on, a multiple of 16, and joins the partial sums. Each is a
     * chain of fused multiply-adds.
     *
     * @param partials the 16 partial sums of the elements before; used as scratch
     */
    static float dot(float[] x, int xOffset, float[] y, int yOffset, int from, int count, float[] partials) {
        for (int i = from; i < count; i++) {
            partials[i & 15] = ExactFma.fma(x[xOffset + i], y[yOffset + i], partials[i & 15]);
        }
        return join(partials);
    }

    /** Likewise of {@code x_i}. */
    static float sum(float[] x, int offset, int from, int count, float[] partials) {
        for (int i = from; i < count; i++) {
            partials[i & 15] += x[offset + i];
        }
        return join(partials);
    }

    /** Likewise of {@code (x_i − mean)²}. */
    static float squares(float[] x, int offset, float mean, int from, int count, float[] partials) {
        for (int i = from; i < count; i++) {
            float deviation = x[offset + i] - mean;
            partials[i & 15] = ExactFma.fma(deviation, deviation, partials[i & 15]);
        }
        return join(partials);
    }

    private static float join(float[] partials) {
        for (int distance = 8; distance > 0; distance /= 2) {
            for (int i = 0; i < distance; i++) {
                partials[i] += partials[i + distance];
            }
        }
        return partials[0];
    }

    private static float sum(float[] x, int offset, int count, int residue, int step) {
        if (step < 16) {
            return sum(x, offset, count, residue, step * 2) + sum(x, offset, count, residue + step, step * 2);
        }
        float partial = 0;
        for (int i = residue; i < count; i += 16) {
            partial += x[offset + i];
        }
        return partial;
    }

    private static float sumOfExp(float[] x, int offset, int count, float max, int residue, int step) {
        if (step < 16) {
            return sumOfExp(x, offset, count, max, residue, step * 2)
                    + sumOfExp(x, offset, count, max, residue + step, step * 2);
        }
        float partial = 0;
        for (int i = residue; i < count; i += 16) {
            partial += GateMath.exp(x[offset + i] - max);
        }
        return partial;
    }
}
