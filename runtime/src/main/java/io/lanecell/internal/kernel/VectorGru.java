package io.lanecell.internal.kernel;

import static io.lanecell.internal.kernel.PackedMatrix.GROUP;
import static io.lanecell.internal.kernel.PackedMatrix.GROUP_UNITS;
import static io.lanecell.internal.kernel.PackedMatrix.NH;
import static io.lanecell.internal.kernel.PackedMatrix.NX;
import static io.lanecell.internal.kernel.PackedMatrix.PANEL;

/** The GRU: its fused step and its update. */
final class VectorGru {
    private VectorGru() {
    }

    static void step(PackedMatrix matrix, float[] start, int startOffset, float[] x, int xOffset, int inputs, float[] h,
            int recurrent, float[] hNext, float[] groupSums, boolean downward) {
        float[] w = matrix.weights;
        int ofH = (matrix.inputs - recurrent) * PANEL;
        int firstGroup = matrix.firstPanel * PANEL / GROUP;
        int endGroup = matrix.endPanel * PANEL / GROUP;
        for (int i = firstGroup; i < endGroup; i++) {
            int group = downward ? endGroup - 1 - (i - firstGroup) : i;
            int panel = group * GROUP / PANEL;
            for (int p = 0; p < GROUP; p += PANEL, panel++) {
                int weights = matrix.panelOffset(panel);
                boolean ofHOnly = p == NH;
                VectorProducts.row(w, matrix.panelColumns(panel), weights, ofHOnly ? 0 : inputs, x, xOffset, weights + ofH,
                        p == NX ? 0 : recurrent, h, ofHOnly ? matrix.bias : start,
                        (ofHOnly ? 0 : startOffset) + group * GROUP + p, groupSums, p);
            }
            int first = group * GROUP_UNITS;
            VectorCells.gru(PackedMatrix.unitsLeft(recurrent, first), groupSums, 0, h, hNext, first);
        }
    }

    static void cell(int rows, int units, float[] sums, int sumsOffset, int sumsStride, float[] h, int hStride) {
        for (int row = 0; row < rows; row++) {
            for (int first = 0; first < units; first += GROUP_UNITS) {
                VectorCells.gru(Math.min(GROUP_UNITS, units - first), sums,
                        sumsOffset + row * sumsStride + first / GROUP_UNITS * GROUP, h,
                        h, row * hStride + first);
            }
        }
    }
}
