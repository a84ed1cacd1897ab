package io.lanecell.internal.kernel;

import static io.lanecell.internal.kernel.PackedMatrix.LEAD;
import static io.lanecell.internal.kernel.PackedMatrix.PANEL;
import static io.lanecell.internal.kernel.VectorKernels.LANES;
import static io.lanecell.internal.kernel.VectorKernels.SPECIES;

import jdk.incubator.vector.FloatVector;

/**
 * One panel of a {@link PackedMatrix} times several rows of inputs, in tiles whose sums stay in registers: a weight once loaded
 * serves every row of the tile. Weights come from strips as wide as a tile, one contiguous stream: out of a panel they would lie 256
 * bytes apart, and share so few sets of the first-level cache that 128 inputs already drive each other out. What shapes the tiles is C2 as much as the processor. It moves all of an iteration's loads to its
 * beginning, so sums, weights and inputs must fit the registers together: 4 rows × 2 vectors in sixteen of them, 8 × 2 in the
 * thirty-two of AVX-512. It drops bounds checks only where an index is k times a power of two. And an address for every row
 * would spill, so the rows of a tile are first laid side by side.
 */
final class VectorTiles {
    /** Columns of a tile, two vectors. */
    private static final int STRIP = 2 * LANES;
    /** Rows of a tall tile. */
    private static final int TALL = SPECIES.vectorBitSize() == 512 ? 8 : 4;

    private VectorTiles() {
    }

    /** How many of the rows left the next tile has room for. */
    private static int height(int rows, int rowsLeft) {
        return rows == 2 ? 2 : rowsLeft >= TALL ? TALL : rowsLeft >= 2 ? 4 : 1;
    }

    /**
     * Lays rows of inputs out for {@link #rows}: of each tile, its rows' first inputs side by side, then the second, and so on. A
     * tile with room for more rows than are left repeats the last one.
     *
     * @param count  inputs to lay out
     * @param first  which of a row's {@code total} inputs the first of them is
     * @param packed at least {@code (rows + 2) · total} floats
     */
    static void pack(float[] x, int xOffset, int xStride, int rows, int count, int first, int total, float[] packed) {
        for (int row = 0; row < rows;) {
            int height = height(rows, rows - row);
            for (int r = 0; r < height; r++) {
                int from = xOffset + Math.min(row + r, rows - 1) * xStride;
                int to = row * total + first * height + r;
                for (int k = 0; k < count; k++) {
                    packed[to + k * height] = x[from + k];
                }
            }
            row += height;
        }
    }

    /**
     * Multiplies packed rows. The tiles of the same columns follow one another, so that their weights come from the first-level
     * cache from the second tile on. Where a tile repeats its last row, the same numbers are computed and stored again, which
     * changes nothing.
     */
    static void rows(PackedMatrix matrix, int panel, int from, int count, float[] packed, int rows, float[] start,
            int startOffset, int startStride, float[] out, int outOffset, int outStride) {
        int columns = matrix.panelColumns(panel);
        float[] strips = matrix.strips(from, count, STRIP);
        int strip = LEAD + panel * PANEL * count;
        if (rows == 2) {
            for (int column = 0; column < columns; column += 4 * LANES) {
                tile2x4(strips, strip + column * count, count, packed, start, startOffset + column, startStride, out,
                        outOffset + column, outStride);
            }
            return;
        }
        int lone = rows % TALL % 4 == 1 ? 1 : 0;
        for (int column = 0; column < columns; column += 2 * LANES) {
            for (int row = 0; row < rows - lone;) {
                int height = height(rows, rows - row);
                int s = startOffset + row * startStride + column;
                int o = outOffset + row * outStride + column;
                int last = Math.min(height, rows - row) - 1;
                if (height == 8) {
                    tile8x2(strips, strip + column * count, count, packed, row * count, last, start, s, startStride, out, o,
                            outStride);
                } else {
                    tile4x2(strips, strip + column * count, count, packed, row * count, last, start, s, startStride, out, o,
                            outStride);
                }
                row += height;
            }
        }
        if (lone == 1) {
            int row = rows - 1;
            VectorProducts.row(matrix.weights, columns, matrix.panelOffset(panel) + from * PANEL, count, packed, row * count, 0,
                    0, packed, start,
                    startOffset + row * startStride,
                    out, outOffset + row * outStride);
        }
    }

    private static void tile8x2(float[] w, int weights, int count, float[] x, int xOffset, int last, float[] start, int s0,
            int startStride, float[] out, int o0, int outStride) {
        int s1 = s0 + Math.min(1, last) * startStride;
        int s2 = s0 + Math.min(2, last) * startStride;
        int s3 = s0 + Math.min(3, last) * startStride;
        int s4 = s0 + Math.min(4, last) * startStride;
        int s5 = s0 + Math.min(5, last) * startStride;
        int s6 = s0 + Math.min(6, last) * startStride;
        int s7 = s0 + Math.min(7, last) * startStride;
        FloatVector a00 = FloatVector.fromArray(SPECIES, start, s0);
        FloatVector a01 = FloatVector.fromArray(SPECIES, start, s0 + LANES);
        FloatVector a10 = FloatVector.fromArray(SPECIES, start, s1);
        FloatVector a11 = FloatVector.fromArray(SPECIES, start, s1 + LANES);
        FloatVector a20 = FloatVector.fromArray(SPECIES, start, s2);
        FloatVector a21 = FloatVector.fromArray(SPECIES, start, s2 + LANES);
        FloatVector a30 = FloatVector.fromArray(SPECIES, start, s3);
        FloatVector a31 = FloatVector.fromArray(SPECIES, start, s3 + LANES);
        FloatVector a40 = FloatVector.fromArray(SPECIES, start, s4);
        FloatVector a41 = FloatVector.fromArray(SPECIES, start, s4 + LANES);
        FloatVector a50 = FloatVector.fromArray(SPECIES, start, s5);
        FloatVector a51 = FloatVector.fromArray(SPECIES, start, s5 + LANES);
        FloatVector a60 = FloatVector.fromArray(SPECIES, start, s6);
        FloatVector a61 = FloatVector.fromArray(SPECIES, start, s6 + LANES);
        FloatVector a70 = FloatVector.fromArray(SPECIES, start, s7);
        FloatVector a71 = FloatVector.fromArray(SPECIES, start, s7 + LANES);
        for (int k = 0; k < count; k++) {
            int at = weights + k * STRIP;
            int xk = xOffset + k * 8;
            FloatVector w0 = FloatVector.fromArray(SPECIES, w, at);
            FloatVector w1 = FloatVector.fromArray(SPECIES, w, at + LANES);
            FloatVector in = FloatVector.broadcast(SPECIES, x[xk]);
            a00 = w0.fma(in, a00);
            a01 = w1.fma(in, a01);
            in = FloatVector.broadcast(SPECIES, x[xk + 1]);
            a10 = w0.fma(in, a10);
            a11 = w1.fma(in, a11);
            in = FloatVector.broadcast(SPECIES, x[xk + 2]);
            a20 = w0.fma(in, a20);
            a21 = w1.fma(in, a21);
            in = FloatVector.broadcast(SPECIES, x[xk + 3]);
            a30 = w0.fma(in, a30);
            a31 = w1.fma(in, a31);
            in = FloatVector.broadcast(SPECIES, x[xk + 4]);
            a40 = w0.fma(in, a40);
            a41 = w1.fma(in, a41);
            in = FloatVector.broadcast(SPECIES, x[xk + 5]);
            a50 = w0.fma(in, a50);
            a51 = w1.fma(in, a51);
            in = FloatVector.broadcast(SPECIES, x[xk + 6]);
            a60 = w0.fma(in, a60);
            a61 = w1.fma(in, a61);
            in = FloatVector.broadcast(SPECIES, x[xk + 7]);
            a70 = w0.fma(in, a70);
            a71 = w1.fma(in, a71);
        }
        int o1 = o0 + Math.min(1, last) * outStride;
        int o2 = o0 + Math.min(2, last) * outStride;
        int o3 = o0 + Math.min(3, last) * outStride;
        int o4 = o0 + Math.min(4, last) * outStride;
        int o5 = o0 + Math.min(5, last) * outStride;
        int o6 = o0 + Math.min(6, last) * outStride;
        int o7 = o0 + Math.min(7, last) * outStride;
        a00.intoArray(out, o0);
        a01.intoArray(out, o0 + LANES);
        a10.intoArray(out, o1);
        a11.intoArray(out, o1 + LANES);
        a20.intoArray(out, o2);
        a21.intoArray(out, o2 + LANES);
        a30.intoArray(out, o3);
        a31.intoArray(out, o3 + LANES);
        a40.intoArray(out, o4);
        a41.intoArray(out, o4 + LANES);
        a50.intoArray(out, o5);
        a51.intoArray(out, o5 + LANES);
        a60.intoArray(out, o6);
        a61.intoArray(out, o6 + LANES);
        a70.intoArray(out, o7);
        a71.intoArray(out, o7 + LANES);
    }

    private static void tile4x2(float[] w, int weights, int count, float[] x, int xOffset, int last, float[] start, int s0,
            int startStride, float[] out, int o0, int outStride) {
        int s1 = s0 + Math.min(1, last) * startStride;
        int s2 = s0 + Math.min(2, last) * startStride;
        int s3 = s0 + Math.min(3, last) * startStride;
        FloatVector a00 = FloatVector.fromArray(SPECIES, start, s0);
        FloatVector a01 = FloatVector.fromArray(SPECIES, start, s0 + LANES);
        FloatVector a10 = FloatVector.fromArray(SPECIES, start, s1);
        FloatVector a11 = FloatVector.fromArray(SPECIES, start, s1 + LANES);
        FloatVector a20 = FloatVector.fromArray(SPECIES, start, s2);
        FloatVector a21 = FloatVector.fromArray(SPECIES, start, s2 + LANES);
        FloatVector a30 = FloatVector.fromArray(SPECIES, start, s3);
        FloatVector a31 = FloatVector.fromArray(SPECIES, start, s3 + LANES);
        for (int k = 0; k < count; k++) {
            int at = weights + k * STRIP;
            int xk = xOffset + k * 4;
            FloatVector w0 = FloatVector.fromArray(SPECIES, w, at);
            FloatVector w1 = FloatVector.fromArray(SPECIES, w, at + LANES);
            FloatVector in = FloatVector.broadcast(SPECIES, x[xk]);
            a00 = w0.fma(in, a00);
            a01 = w1.fma(in, a01);
            in = FloatVector.broadcast(SPECIES, x[xk + 1]);
            a10 = w0.fma(in, a10);
            a11 = w1.fma(in, a11);
            in = FloatVector.broadcast(SPECIES, x[xk + 2]);
            a20 = w0.fma(in, a20);
            a21 = w1.fma(in, a21);
            in = FloatVector.broadcast(SPECIES, x[xk + 3]);
            a30 = w0.fma(in, a30);
            a31 = w1.fma(in, a31);
        }
        int o1 = o0 + Math.min(1, last) * outStride;
        int o2 = o0 + Math.min(2, last) * outStride;
        int o3 = o0 + Math.min(3, last) * outStride;
        a00.intoArray(out, o0);
        a01.intoArray(out, o0 + LANES);
        a10.intoArray(out, o1);
        a11.intoArray(out, o1 + LANES);
        a20.intoArray(out, o2);
        a21.intoArray(out, o2 + LANES);
        a30.intoArray(out, o3);
        a31.intoArray(out, o3 + LANES);
    }

    private static void tile2x4(float[] w, int weights, int count, float[] x, float[] start, int s0, int startStride, float[] out,
            int o0, int outStride) {
        int second = count * STRIP;
        int s1 = s0 + startStride;
        FloatVector a00 = FloatVector.fromArray(SPECIES, start, s0);
        FloatVector a01 = FloatVector.fromArray(SPECIES, start, s0 + LANES);
        FloatVector a02 = FloatVector.fromArray(SPECIES, start, s0 + 2 * LANES);
        FloatVector a03 = FloatVector.fromArray(SPECIES, start, s0 + 3 * LANES);
        FloatVector a10 = FloatVector.fromArray(SPECIES, start, s1);
        FloatVector a11 = FloatVector.fromArray(SPECIES, start, s1 + LANES);
        FloatVector a12 = FloatVector.fromArray(SPECIES, start, s1 + 2 * LANES);
        FloatVector a13 = FloatVector.fromArray(SPECIES, start, s1 + 3 * LANES);
        for (int k = 0; k < count; k++) {
            int at = weights + k * STRIP;
            FloatVector in0 = FloatVector.broadcast(SPECIES, x[k * 2]);
            FloatVector in1 = FloatVector.broadcast(SPECIES, x[k * 2 + 1]);
            FloatVector wk = FloatVector.fromArray(SPECIES, w, at);
            a00 = wk.fma(in0, a00);
            a10 = wk.fma(in1, a10);
            wk = FloatVector.fromArray(SPECIES, w, at + LANES);
            a01 = wk.fma(in0, a01);
            a11 = wk.fma(in1, a11);
            wk = FloatVector.fromArray(SPECIES, w, at + second);
            a02 = wk.fma(in0, a02);
            a12 = wk.fma(in1, a12);
            wk = FloatVector.fromArray(SPECIES, w, at + second + LANES);
            a03 = wk.fma(in0, a03);
            a13 = wk.fma(in1, a13);
        }
        int o1 = o0 + outStride;
        a00.intoArray(out, o0);
        a01.intoArray(out, o0 + LANES);
        a02.intoArray(out, o0 + 2 * LANES);
        a03.intoArray(out, o0 + 3 * LANES);
        a10.intoArray(out, o1);
        a11.intoArray(out, o1 + LANES);
        a12.intoArray(out, o1 + 2 * LANES);
        a13.intoArray(out, o1 + 3 * LANES);
    }
}
