package io.lanecell.internal.kernel;

import static io.lanecell.internal.kernel.PackedMatrix.PANEL;
import static io.lanecell.internal.kernel.VectorKernels.LANES;
import static io.lanecell.internal.kernel.VectorKernels.SPECIES;

import java.lang.invoke.VarHandle;
import jdk.incubator.vector.FloatVector;

/**
 * One panel of a {@link PackedMatrix} times one row or several rows of inputs. Accumulators live in registers for the whole
 * of the chain; how many there are follows from what the processor needs: about eight fma in flight for one row, and as
 * many rows as registers hold for several, so that a weight once loaded is used often.
 */
final class VectorProducts {
    private VectorProducts() {
    }

    /** A whole panel of one row, x's inputs and then h's: the sums of a step without leaving the registers. */
    static void panel(float[] w, int weights, int xCount, float[] x, int xOffset, int hWeights, int hCount, float[] h,
            float[] start,
            int startOffset, float[] out) {
        if (LANES == 16) {
            panel4(w, weights, xCount, x, xOffset, hWeights, hCount, h, start, startOffset, out, 0);
            return;
        }
        for (int column = 0; column < PANEL; column += 8 * LANES) {
            panel8(w, weights + column, xCount, x, xOffset, hWeights + column, hCount, h, start, startOffset + column, out,
                    column);
        }
    }

    private static void panel8(float[] w, int weights, int xCount, float[] x, int xOffset, int hWeights, int hCount, float[] h,
            float[] start, int startOffset, float[] out, int outOffset) {
        FloatVector a0 = FloatVector.fromArray(SPECIES, start, startOffset);
        FloatVector a1 = FloatVector.fromArray(SPECIES, start, startOffset + LANES);
        FloatVector a2 = FloatVector.fromArray(SPECIES, start, startOffset + 2 * LANES);
        FloatVector a3 = FloatVector.fromArray(SPECIES, start, startOffset + 3 * LANES);
        FloatVector a4 = FloatVector.fromArray(SPECIES, start, startOffset + 4 * LANES);
        FloatVector a5 = FloatVector.fromArray(SPECIES, start, startOffset + 5 * LANES);
        FloatVector a6 = FloatVector.fromArray(SPECIES, start, startOffset + 6 * LANES);
        FloatVector a7 = FloatVector.fromArray(SPECIES, start, startOffset + 7 * LANES);
        for (int k = 0; k < xCount; k++) {
            int at = weights + k * PANEL;
            FloatVector in = FloatVector.broadcast(SPECIES, x[xOffset + k]);
            a0 = FloatVector.fromArray(SPECIES, w, at).fma(in, a0);
            a1 = FloatVector.fromArray(SPECIES, w, at + LANES).fma(in, a1);
            a2 = FloatVector.fromArray(SPECIES, w, at + 2 * LANES).fma(in, a2);
            a3 = FloatVector.fromArray(SPECIES, w, at + 3 * LANES).fma(in, a3);
            a4 = FloatVector.fromArray(SPECIES, w, at + 4 * LANES).fma(in, a4);
            a5 = FloatVector.fromArray(SPECIES, w, at + 5 * LANES).fma(in, a5);
            a6 = FloatVector.fromArray(SPECIES, w, at + 6 * LANES).fma(in, a6);
            a7 = FloatVector.fromArray(SPECIES, w, at + 7 * LANES).fma(in, a7);
        }
        for (int k = 0; k < hCount; k++) {
            int at = hWeights + k * PANEL;
            FloatVector in = FloatVector.broadcast(SPECIES, h[k]);
            a0 = FloatVector.fromArray(SPECIES, w, at).fma(in, a0);
            a1 = FloatVector.fromArray(SPECIES, w, at + LANES).fma(in, a1);
            a2 = FloatVector.fromArray(SPECIES, w, at + 2 * LANES).fma(in, a2);
            a3 = FloatVector.fromArray(SPECIES, w, at + 3 * LANES).fma(in, a3);
            a4 = FloatVector.fromArray(SPECIES, w, at + 4 * LANES).fma(in, a4);
            a5 = FloatVector.fromArray(SPECIES, w, at + 5 * LANES).fma(in, a5);
            a6 = FloatVector.fromArray(SPECIES, w, at + 6 * LANES).fma(in, a6);
            a7 = FloatVector.fromArray(SPECIES, w, at + 7 * LANES).fma(in, a7);
        }
        a0.intoArray(out, outOffset);
        a1.intoArray(out, outOffset + LANES);
        a2.intoArray(out, outOffset + 2 * LANES);
        a3.intoArray(out, outOffset + 3 * LANES);
        a4.intoArray(out, outOffset + 4 * LANES);
        a5.intoArray(out, outOffset + 5 * LANES);
        a6.intoArray(out, outOffset + 6 * LANES);
        a7.intoArray(out, outOffset + 7 * LANES);
    }

    private static void panel4(float[] w, int weights, int xCount, float[] x, int xOffset, int hWeights, int hCount, float[] h,
            float[] start, int startOffset, float[] out, int outOffset) {
        FloatVector a0 = FloatVector.fromArray(SPECIES, start, startOffset);
        FloatVector a1 = FloatVector.fromArray(SPECIES, start, startOffset + LANES);
        FloatVector a2 = FloatVector.fromArray(SPECIES, start, startOffset + 2 * LANES);
        FloatVector a3 = FloatVector.fromArray(SPECIES, start, startOffset + 3 * LANES);
        for (int k = 0; k < xCount; k++) {
            int at = weights + k * PANEL;
            FloatVector in = FloatVector.broadcast(SPECIES, x[xOffset + k]);
            a0 = FloatVector.fromArray(SPECIES, w, at).fma(in, a0);
            a1 = FloatVector.fromArray(SPECIES, w, at + LANES).fma(in, a1);
            a2 = FloatVector.fromArray(SPECIES, w, at + 2 * LANES).fma(in, a2);
            a3 = FloatVector.fromArray(SPECIES, w, at + 3 * LANES).fma(in, a3);
            VarHandle.loadLoadFence();
        }
        for (int k = 0; k < hCount; k++) {
            int at = hWeights + k * PANEL;
            FloatVector in = FloatVector.broadcast(SPECIES, h[k]);
            a0 = FloatVector.fromArray(SPECIES, w, at).fma(in, a0);
            a1 = FloatVector.fromArray(SPECIES, w, at + LANES).fma(in, a1);
            a2 = FloatVector.fromArray(SPECIES, w, at + 2 * LANES).fma(in, a2);
            a3 = FloatVector.fromArray(SPECIES, w, at + 3 * LANES).fma(in, a3);
            VarHandle.loadLoadFence();
        }
        a0.intoArray(out, outOffset);
        a1.intoArray(out, outOffset + LANES);
        a2.intoArray(out, outOffset + 2 * LANES);
        a3.intoArray(out, outOffset + 3 * LANES);
    }

    /** One row: all columns of a panel in one pass where eight vectors (or four wide ones) hold them, else in several. */
    static void row(float[] w, int weights, int width, int count, float[] x, int xOffset, float[] start, int startOffset,
            float[] out, int outOffset) {
        int column = 0;
        for (; column + 8 * LANES <= width; column += 8 * LANES) {
            row8(w, weights + column, width, count, x, xOffset, start, startOffset + column, out, outOffset + column);
        }
        for (; column + 4 * LANES <= width; column += 4 * LANES) {
            row4(w, weights + column, width, count, x, xOffset, start, startOffset + column, out, outOffset + column);
        }
        for (; column < width; column += 2 * LANES) {
            row2(w, weights + column, width, count, x, xOffset, start, startOffset + column, out, outOffset + column);
        }
    }

    private static void row8(float[] w, int weights, int width, int count, float[] x, int xOffset, float[] start,
            int startOffset, float[] out, int outOffset) {
        FloatVector a0 = FloatVector.fromArray(SPECIES, start, startOffset);
        FloatVector a1 = FloatVector.fromArray(SPECIES, start, startOffset + LANES);
        FloatVector a2 = FloatVector.fromArray(SPECIES, start, startOffset + 2 * LANES);
        FloatVector a3 = FloatVector.fromArray(SPECIES, start, startOffset + 3 * LANES);
        FloatVector a4 = FloatVector.fromArray(SPECIES, start, startOffset + 4 * LANES);
        FloatVector a5 = FloatVector.fromArray(SPECIES, start, startOffset + 5 * LANES);
        FloatVector a6 = FloatVector.fromArray(SPECIES, start, startOffset + 6 * LANES);
        FloatVector a7 = FloatVector.fromArray(SPECIES, start, startOffset + 7 * LANES);
        for (int k = 0; k < count; k++) {
            int at = weights + k * width;
            FloatVector xk = FloatVector.broadcast(SPECIES, x[xOffset + k]);
            a0 = FloatVector.fromArray(SPECIES, w, at).fma(xk, a0);
            a1 = FloatVector.fromArray(SPECIES, w, at + LANES).fma(xk, a1);
            a2 = FloatVector.fromArray(SPECIES, w, at + 2 * LANES).fma(xk, a2);
            a3 = FloatVector.fromArray(SPECIES, w, at + 3 * LANES).fma(xk, a3);
            a4 = FloatVector.fromArray(SPECIES, w, at + 4 * LANES).fma(xk, a4);
            a5 = FloatVector.fromArray(SPECIES, w, at + 5 * LANES).fma(xk, a5);
            a6 = FloatVector.fromArray(SPECIES, w, at + 6 * LANES).fma(xk, a6);
            a7 = FloatVector.fromArray(SPECIES, w, at + 7 * LANES).fma(xk, a7);
        }
        a0.intoArray(out, outOffset);
        a1.intoArray(out, outOffset + LANES);
        a2.intoArray(out, outOffset + 2 * LANES);
        a3.intoArray(out, outOffset + 3 * LANES);
        a4.intoArray(out, outOffset + 4 * LANES);
        a5.intoArray(out, outOffset + 5 * LANES);
        a6.intoArray(out, outOffset + 6 * LANES);
        a7.intoArray(out, outOffset + 7 * LANES);
    }

    private static void row4(float[] w, int weights, int width, int count, float[] x, int xOffset, float[] start,
            int startOffset, float[] out, int outOffset) {
        FloatVector a0 = FloatVector.fromArray(SPECIES, start, startOffset);
        FloatVector a1 = FloatVector.fromArray(SPECIES, start, startOffset + LANES);
        FloatVector a2 = FloatVector.fromArray(SPECIES, start, startOffset + 2 * LANES);
        FloatVector a3 = FloatVector.fromArray(SPECIES, start, startOffset + 3 * LANES);
        for (int k = 0; k < count; k++) {
            int at = weights + k * width;
            FloatVector xk = FloatVector.broadcast(SPECIES, x[xOffset + k]);
            a0 = FloatVector.fromArray(SPECIES, w, at).fma(xk, a0);
            a1 = FloatVector.fromArray(SPECIES, w, at + LANES).fma(xk, a1);
            a2 = FloatVector.fromArray(SPECIES, w, at + 2 * LANES).fma(xk, a2);
            a3 = FloatVector.fromArray(SPECIES, w, at + 3 * LANES).fma(xk, a3);
            // No instruction on x86: it keeps C2 from shuffling the loads of unrolled iterations, which with 512-bit vectors
            // costs the hardware prefetcher its ascending stream and half the bandwidth of the second-level cache. (At 256
            // bits, in row8, it was measured to do nothing.)
            VarHandle.loadLoadFence();
        }
        a0.intoArray(out, outOffset);
        a1.intoArray(out, outOffset + LANES);
        a2.intoArray(out, outOffset + 2 * LANES);
        a3.intoArray(out, outOffset + 3 * LANES);
    }

    private static void row2(float[] w, int weights, int width, int count, float[] x, int xOffset, float[] start,
            int startOffset, float[] out, int outOffset) {
        FloatVector a0 = FloatVector.fromArray(SPECIES, start, startOffset);
        FloatVector a1 = FloatVector.fromArray(SPECIES, start, startOffset + LANES);
        for (int k = 0; k < count; k++) {
            int at = weights + k * width;
            FloatVector xk = FloatVector.broadcast(SPECIES, x[xOffset + k]);
            a0 = FloatVector.fromArray(SPECIES, w, at).fma(xk, a0);
            a1 = FloatVector.fromArray(SPECIES, w, at + LANES).fma(xk, a1);
        }
        a0.intoArray(out, outOffset);
        a1.intoArray(out, outOffset + LANES);
    }

    /**
     * Several rows, in tiles of up to four rows and two vectors. The tiles of one pair of vectors follow one another, so its
     * weights come from the first-level cache from the second tile on. A tile with fewer rows repeats its last one: the
     * same numbers are computed and stored again, which changes nothing.
     */
    static void rows(float[] w, int weights, int width, int count, float[] x, int xOffset, int xStride, int rows, float[] start,
            int startOffset, int startStride, float[] out, int outOffset, int outStride) {
        for (int column = 0; column < width; column += 2 * LANES) {
            for (int row = 0; row < rows; row += 4) {
                int last = Math.min(3, rows - 1 - row);
                tile4x2(w, weights + column, width, count, x, xOffset + row * xStride, xStride, last, start,
                        startOffset + row * startStride + column, startStride, out, outOffset + row * outStride + column,
                        outStride);
            }
        }
    }

    private static void tile4x2(float[] w, int weights, int width, int count, float[] x, int x0, int xStride, int last,
            float[] start, int s0, int startStride, float[] out, int o0, int outStride) {
        int r1 = Math.min(1, last);
        int r2 = Math.min(2, last);
        int x1 = x0 + r1 * xStride;
        int x2 = x0 + r2 * xStride;
        int x3 = x0 + last * xStride;
        int s1 = s0 + r1 * startStride;
        int s2 = s0 + r2 * startStride;
        int s3 = s0 + last * startStride;
        FloatVector a00 = FloatVector.fromArray(SPECIES, start, s0);
        FloatVector a01 = FloatVector.fromArray(SPECIES, start, s0 + LANES);
        FloatVector a10 = FloatVector.fromArray(SPECIES, start, s1);
        FloatVector a11 = FloatVector.fromArray(SPECIES, start, s1 + LANES);
        FloatVector a20 = FloatVector.fromArray(SPECIES, start, s2);
        FloatVector a21 = FloatVector.fromArray(SPECIES, start, s2 + LANES);
        FloatVector a30 = FloatVector.fromArray(SPECIES, start, s3);
        FloatVector a31 = FloatVector.fromArray(SPECIES, start, s3 + LANES);
        for (int k = 0; k < count; k++) {
            int at = weights + k * width;
            FloatVector w0 = FloatVector.fromArray(SPECIES, w, at);
            FloatVector w1 = FloatVector.fromArray(SPECIES, w, at + LANES);
            FloatVector xk = FloatVector.broadcast(SPECIES, x[x0 + k]);
            a00 = w0.fma(xk, a00);
            a01 = w1.fma(xk, a01);
            xk = FloatVector.broadcast(SPECIES, x[x1 + k]);
            a10 = w0.fma(xk, a10);
            a11 = w1.fma(xk, a11);
            xk = FloatVector.broadcast(SPECIES, x[x2 + k]);
            a20 = w0.fma(xk, a20);
            a21 = w1.fma(xk, a21);
            xk = FloatVector.broadcast(SPECIES, x[x3 + k]);
            a30 = w0.fma(xk, a30);
            a31 = w1.fma(xk, a31);
        }
        int o1 = o0 + r1 * outStride;
        int o2 = o0 + r2 * outStride;
        int o3 = o0 + last * outStride;
        a00.intoArray(out, o0);
        a01.intoArray(out, o0 + LANES);
        a10.intoArray(out, o1);
        a11.intoArray(out, o1 + LANES);
        a20.intoArray(out, o2);
        a21.intoArray(out, o2 + LANES);
        a30.intoArray(out, o3);
        a31.intoArray(out, o3 + LANES);
    }
}
