package io.lanecell.internal.kernel;

import static io.lanecell.internal.kernel.GateMath.EXPONENT_SHIFT;
import static io.lanecell.internal.kernel.GateMath.LOG2_E;
import static io.lanecell.internal.kernel.GateMath.T1;
import static io.lanecell.internal.kernel.GateMath.T2;
import static io.lanecell.internal.kernel.GateMath.T3;
import static io.lanecell.internal.kernel.GateMath.T4;
import static io.lanecell.internal.kernel.GateMath.T5;
import static io.lanecell.internal.kernel.GateMath.T6;
import static io.lanecell.internal.kernel.GateMath.TANH_LN2;
import static io.lanecell.internal.kernel.GateMath.TANH_MAGIC;
import static io.lanecell.internal.kernel.GateMath.TANH_SATURATION;
import static io.lanecell.internal.kernel.PackedMatrix.PANEL;
import static io.lanecell.internal.kernel.VectorKernels.LANES;
import static io.lanecell.internal.kernel.VectorKernels.SPECIES;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.VectorOperators.ABS;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;

/** The plain recurrent network: its fused step and its update. */
final class VectorRnn {
    private static final int SIGN = 0x80000000;

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
            tanh(units, sums, sumsOffset, h, hOffset);
        }
    }

    private static void relu(int units, float[] sums, int sumsOffset, float[] h, int hOffset) {
        for (int u = 0; u < units; u += LANES) {
            FloatVector x = FloatVector.fromArray(SPECIES, sums, sumsOffset + u);
            x.blend(broadcast(SPECIES, 0f), x.compare(LT, broadcast(SPECIES, 0f))).intoArray(h, hOffset + u);
        }
    }

    /** {@link GateMath#tanh}. */
    private static void tanh(int units, float[] sums, int sumsOffset, float[] h, int hOffset) {
        for (int u = 0; u < units; u += LANES) {
            FloatVector x = FloatVector.fromArray(SPECIES, sums, sumsOffset + u);
            FloatVector z = x.lanewise(ABS).neg();
            z = z.blend(broadcast(SPECIES, TANH_SATURATION), z.compare(LT, broadcast(SPECIES, TANH_SATURATION)));
            FloatVector n = z.fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, TANH_MAGIC));
            FloatVector s = n.reinterpretAsInts().lanewise(LSHL, EXPONENT_SHIFT).reinterpretAsFloats();
            n = n.sub(broadcast(SPECIES, TANH_MAGIC));
            FloatVector t = n.fma(broadcast(SPECIES, TANH_LN2), z);
            FloatVector p = t.fma(broadcast(SPECIES, T6), broadcast(SPECIES, T5));
            p = p.fma(t, broadcast(SPECIES, T4));
            p = p.fma(t, broadcast(SPECIES, T3));
            p = p.fma(t, broadcast(SPECIES, T2));
            p = p.fma(t, broadcast(SPECIES, T1));
            FloatVector m = p.fma(t.mul(s), s.sub(broadcast(SPECIES, 1f)));
            m = m.div(m.add(broadcast(SPECIES, 2f)));
            m.reinterpretAsInts().and(~SIGN).or(x.reinterpretAsInts().and(SIGN)).reinterpretAsFloats().intoArray(h, hOffset + u);
        }
    }
}
