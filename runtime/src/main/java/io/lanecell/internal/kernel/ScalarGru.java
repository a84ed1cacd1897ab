package io.lanecell.internal.kernel;

import static io.lanecell.internal.kernel.PackedMatrix.GROUP;
import static io.lanecell.internal.kernel.PackedMatrix.GROUP_UNITS;
import static io.lanecell.internal.kernel.PackedMatrix.NH;
import static io.lanecell.internal.kernel.PackedMatrix.NX;
import static io.lanecell.internal.kernel.PackedMatrix.PANEL;
import static io.lanecell.internal.kernel.PackedMatrix.RZ;
import static io.lanecell.internal.kernel.PackedMatrix.UNITS;

/** The GRU in plain Java, {@link VectorGru}'s twin. */
final class ScalarGru {
    private ScalarGru() {
    }

    /** The update of one sequence. */
    static void cell(int units, float[] sums, int sumsOffset, float[] h, int hOffset) {
        for (int first = 0; first < units; first += GROUP_UNITS) {
            int at = sumsOffset + first / GROUP_UNITS * GROUP;
            groupCell(Math.min(GROUP_UNITS, units - first), sums, at, h, h, hOffset + first);
        }
    }

    static void step(PackedMatrix matrix, float[] start, int startOffset, float[] x, int xOffset, int inputs, float[] h,
            int recurrent, float[] hNext, float[] groupSums, boolean downward) {
        int firstGroup = matrix.firstPanel * PANEL / GROUP;
        int endGroup = matrix.endPanel * PANEL / GROUP;
        for (int i = firstGroup; i < endGroup; i++) {
            int group = downward ? endGroup - 1 - (i - firstGroup) : i;
            int panel = group * GROUP / PANEL;
            int at = startOffset + group * GROUP;
            ScalarKernels.panelStep(matrix, panel, start, at, x, xOffset, inputs, h, 0, groupSums, NX);
            ScalarKernels.panelStep(matrix, panel + 1, start, at + RZ, x, xOffset, inputs, h, recurrent, groupSums, RZ);
            ScalarKernels.panelStep(matrix, panel + 2, start, at + RZ + PANEL, x, xOffset, inputs, h, recurrent, groupSums,
                    RZ + PANEL);
            ScalarKernels.panelStep(matrix, panel + 3, matrix.bias, group * GROUP + NH, x, xOffset, 0, h, recurrent, groupSums,
                    NH);
            groupCell(PackedMatrix.unitsLeft(recurrent, group * GROUP_UNITS), groupSums, 0, h, hNext, group * GROUP_UNITS);
        }
    }

    private static void groupCell(int units, float[] sums, int offset, float[] h, float[] hNext, int hOffset) {
        for (int unit = 0; unit < units; unit++) {
            int rz = offset + RZ + unit / UNITS * 2 * UNITS + unit % UNITS;
            float r = GateMath.sigmoid(sums[rz]);
            float z = GateMath.sigmoid(sums[rz + UNITS]);
            float n = GateMath.tanh(ExactFma.fma(r, sums[offset + NH + unit], sums[offset + NX + unit]));
            hNext[hOffset + unit] = ExactFma.fma(z, h[hOffset + unit] - n, n);
        }
    }
}
