package io.lanecell.internal.kernel;

import static io.lanecell.internal.kernel.PackedMatrix.PANEL;
import static io.lanecell.internal.kernel.VectorKernels.LANES;
import static io.lanecell.internal.kernel.VectorKernels.SPECIES;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;

/** The plain recurrent network: its fused step and its update. */
final class VectorRnn {
    private VectorRnn() {
    }

    static void step(boolean relu, PackedMatrix matrix, float[] start, int startOffset, float[] x, int xOffset, int inputs,
            float[] h, int recurrent, float[] hNext, float[] panelSums, boolean downward) {
        int ofH = (matrix.inputs - recurrent) * PANEL;
        for (int i = matrix.firstPanel; i < matrix.endPanel; i++) {
            int panel = downward ? matrix.endPanel - 1 - (i - matrix.firstPanel) : i;
            int weights = matrix.panelOffset(panel);
            int first = panel * PANEL;
            VectorProducts.row(matrix.weights, matrix.panelColumns(panel), weights, inputs, x, xOffset, weights + ofH, recurrent,
                    h, start, startOffset + first, panelSums, 0);
            activate(relu, PackedMatrix.unitsLeft(recurrent, first), panelSums, 0, hNext, first);
        }
    }

    static void cell(boolean relu, int rows, int units, float[] sums, int sumsOffset, int sumsStride, float[] h, int hStride) {
        for (int row = 0; row < rows; row++) {
            activate(relu, units, sums, sumsOffset + row * sumsStride, h, row * hStride);
        }
    }

    private static void activate(boolean relu, int units, float[] sums, int sumsOffset, float[] h, int hOffset) {
        if (relu) {
            relu(units, sums, sumsOffset, h, hOffset);
        } else {
            VectorCells.rnn(units, sums, sumsOffset, h, hOffset);
        }
    }

    private static void relu(int units, float[] sums, int sumsOffset, float[] h, int hOffset) {
        for (int u = 0; u < units; u += LANES) {
            FloatVector x = FloatVector.fromArray(SPECIES, sums, sumsOffset + u);
            x.blend(broadcast(SPECIES, 0f), x.compare(LT, broadcast(SPECIES, 0f))).intoArray(h, hOffset + u);
        }
    }
}
