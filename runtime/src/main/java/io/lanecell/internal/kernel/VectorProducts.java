package io.lanecell.internal.kernel;

import static io.lanecell.internal.kernel.PackedMatrix.PANEL;
import static io.lanecell.internal.kernel.VectorKernels.LANES;
import static io.lanecell.internal.kernel.VectorKernels.SPECIES;

import java.lang.invoke.VarHandle;
import jdk.incubator.vector.FloatVector;

/**
 * One panel of a {@link PackedMatrix} times one row of inputs. The sums live in registers for the whole of their chains; there
 * are as many as the processor needs in flight, about eight.
 */
final class VectorProducts {
    private VectorProducts() {
    }

    /**
     * One panel times one row, x's inputs and then h's, so that a step's sums never leave the registers: all columns in one
     * pass where eight vectors (or four wide ones) hold them, else in several.
     *
     * @param columns  columns of the panel to compute, from its first on
     * @param xWeights where the weights of the first input of x stand
     * @param hWeights likewise of h
     */
    static void row(float[] w, int columns, int xWeights, int xCount, float[] x, int xOffset, int hWeights, int hCount, float[] h,
            float[] start, int startOffset, float[] out, int outOffset) {
        int column = 0;
        for (; column + 8 * LANES <= columns; column += 8 * LANES) {
            chains8(w, xWeights + column, xCount, x, xOffset, hWeights + column, hCount, h, start, startOffset + column,
                    out,
                    outOffset + column);
        }
        for (; column + 4 * LANES <= columns; column += 4 * LANES) {
            chains4(w, xWeights + column, xCount, x, xOffset, hWeights + column, hCount, h, start, startOffset + column,
                    out,
                    outOffset + column);
        }
        for (; column < columns; column += 2 * LANES) {
            chains2(w, xWeights + column, xCount, x, xOffset, hWeights + column, hCount, h, start, startOffset + column,
                    out,
                    outOffset + column);
        }
    }

    private static void chains8(float[] w, int xWeights, int xCount, float[] x, int xOffset, int hWeights, int hCount,
            float[] h, float[] start, int startOffset, float[] out, int outOffset) {
        FloatVector a0 = FloatVector.fromArray(SPECIES, start, startOffset);
        FloatVector a1 = FloatVector.fromArray(SPECIES, start, startOffset + LANES);
        FloatVector a2 = FloatVector.fromArray(SPECIES, start, startOffset + 2 * LANES);
        FloatVector a3 = FloatVector.fromArray(SPECIES, start, startOffset + 3 * LANES);
        FloatVector a4 = FloatVector.fromArray(SPECIES, start, startOffset + 4 * LANES);
        FloatVector a5 = FloatVector.fromArray(SPECIES, start, startOffset + 5 * LANES);
        FloatVector a6 = FloatVector.fromArray(SPECIES, start, startOffset + 6 * LANES);
        FloatVector a7 = FloatVector.fromArray(SPECIES, start, startOffset + 7 * LANES);
        for (int k = 0; k < xCount; k++) {
            int at = xWeights + k * PANEL;
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

    private static void chains4(float[] w, int xWeights, int xCount, float[] x, int xOffset, int hWeights, int hCount,
            float[] h, float[] start, int startOffset, float[] out, int outOffset) {
        FloatVector a0 = FloatVector.fromArray(SPECIES, start, startOffset);
        FloatVector a1 = FloatVector.fromArray(SPECIES, start, startOffset + LANES);
        FloatVector a2 = FloatVector.fromArray(SPECIES, start, startOffset + 2 * LANES);
        FloatVector a3 = FloatVector.fromArray(SPECIES, start, startOffset + 3 * LANES);
        for (int k = 0; k < xCount; k++) {
            int at = xWeights + k * PANEL;
            FloatVector in = FloatVector.broadcast(SPECIES, x[xOffset + k]);
            a0 = FloatVector.fromArray(SPECIES, w, at).fma(in, a0);
            a1 = FloatVector.fromArray(SPECIES, w, at + LANES).fma(in, a1);
            a2 = FloatVector.fromArray(SPECIES, w, at + 2 * LANES).fma(in, a2);
            a3 = FloatVector.fromArray(SPECIES, w, at + 3 * LANES).fma(in, a3);
            // No instruction on x86: it keeps C2 from shuffling the loads of unrolled iterations, which with 512-bit vectors
            // costs the hardware prefetcher its ascending stream and half the bandwidth of the second-level cache. (At 256
            // bits, with eight chains, it was measured to do nothing.)
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

    private static void chains2(float[] w, int xWeights, int xCount, float[] x, int xOffset, int hWeights, int hCount,
            float[] h, float[] start, int startOffset, float[] out, int outOffset) {
        FloatVector a0 = FloatVector.fromArray(SPECIES, start, startOffset);
        FloatVector a1 = FloatVector.fromArray(SPECIES, start, startOffset + LANES);
        for (int k = 0; k < xCount; k++) {
            int at = xWeights + k * PANEL;
            FloatVector in = FloatVector.broadcast(SPECIES, x[xOffset + k]);
            a0 = FloatVector.fromArray(SPECIES, w, at).fma(in, a0);
            a1 = FloatVector.fromArray(SPECIES, w, at + LANES).fma(in, a1);
        }
        for (int k = 0; k < hCount; k++) {
            int at = hWeights + k * PANEL;
            FloatVector in = FloatVector.broadcast(SPECIES, h[k]);
            a0 = FloatVector.fromArray(SPECIES, w, at).fma(in, a0);
            a1 = FloatVector.fromArray(SPECIES, w, at + LANES).fma(in, a1);
        }
        a0.intoArray(out, outOffset);
        a1.intoArray(out, outOffset + LANES);
    }
}
