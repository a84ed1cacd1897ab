package io.lanecell.internal.kernel;

/** Sums and maxima in one fixed order at every vector width: 16 partial results by index mod 16, then a tree. */
final class Reductions {
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
