package io.lanecell.internal.kernel;

import static io.lanecell.internal.kernel.GateMath.E2;
import static io.lanecell.internal.kernel.GateMath.E3;
import static io.lanecell.internal.kernel.GateMath.E4;
import static io.lanecell.internal.kernel.GateMath.E5;
import static io.lanecell.internal.kernel.GateMath.E6;
import static io.lanecell.internal.kernel.GateMath.E7;
import static io.lanecell.internal.kernel.GateMath.EXPONENT_SHIFT;
import static io.lanecell.internal.kernel.GateMath.EXP_LN2_HIGH;
import static io.lanecell.internal.kernel.GateMath.EXP_LN2_LOW;
import static io.lanecell.internal.kernel.GateMath.EXP_MAGIC;
import static io.lanecell.internal.kernel.GateMath.EXP_MIN;
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
import static io.lanecell.internal.kernel.PackedMatrix.GROUP;
import static io.lanecell.internal.kernel.PackedMatrix.GROUP_UNITS;
import static io.lanecell.internal.kernel.PackedMatrix.NH;
import static io.lanecell.internal.kernel.PackedMatrix.NX;
import static io.lanecell.internal.kernel.PackedMatrix.PANEL;
import static io.lanecell.internal.kernel.PackedMatrix.RZ;
import static io.lanecell.internal.kernel.PackedMatrix.UNITS;
import static io.lanecell.internal.kernel.VectorKernels.LANES;
import static io.lanecell.internal.kernel.VectorKernels.SPECIES;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.VectorOperators.ABS;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;

/** The GRU: its fused step, and its update, which writes the activations out as {@link VectorActivations} does and for its reasons. */
final class VectorGru {
    private static final int SIGN = 0x80000000;

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
            group(PackedMatrix.unitsLeft(recurrent, first), groupSums, 0, h, hNext, first);
        }
    }

    static void cell(int rows, int units, float[] sums, int sumsOffset, int sumsStride, float[] h, int hStride) {
        for (int row = 0; row < rows; row++) {
            for (int first = 0; first < units; first += GROUP_UNITS) {
                group(Math.min(GROUP_UNITS, units - first), sums, sumsOffset + row * sumsStride + first / GROUP_UNITS * GROUP, h,
                        h, row * hStride + first);
            }
        }
    }

    /** The update of a group of units of one sequence. The sums of r and z become the gates. */
    private static void group(int units, float[] sums, int at, float[] h, float[] hNext, int hOffset) {
        // r and z, which lie side by side: GateMath.sigmoid
        for (int u = 0; u < 2 * units; u += LANES) {
            FloatVector x = FloatVector.fromArray(SPECIES, sums, at + RZ + u);
            FloatVector z = x.lanewise(ABS).neg();
            FloatVector n = z.fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, EXP_MAGIC));
            FloatVector s = n.reinterpretAsInts().lanewise(LSHL, EXPONENT_SHIFT).reinterpretAsFloats();
            n = n.sub(broadcast(SPECIES, EXP_MAGIC));
            FloatVector t = n.fma(broadcast(SPECIES, EXP_LN2_HIGH), z);
            t = n.fma(broadcast(SPECIES, EXP_LN2_LOW), t);
            FloatVector p = t.fma(broadcast(SPECIES, E7), broadcast(SPECIES, E6));
            p = p.fma(t, broadcast(SPECIES, E5));
            p = p.fma(t, broadcast(SPECIES, E4));
            p = p.fma(t, broadcast(SPECIES, E3));
            p = p.fma(t, broadcast(SPECIES, E2));
            p = p.fma(t, broadcast(SPECIES, 1f));
            FloatVector e = t.mul(s).fma(p, s);
            e = e.blend(broadcast(SPECIES, 0f), z.compare(LT, broadcast(SPECIES, EXP_MIN)));
            broadcast(SPECIES, 1f).blend(e, x.compare(LT, broadcast(SPECIES, 0f))).div(e.add(broadcast(SPECIES, 1f)))
                    .intoArray(sums, at + RZ + u);
        }
        // n = tanh(n_x + r ∘ n_h): GateMath.tanh; h' = n + z ∘ (h − n)
        for (int block = 0; block < units; block += UNITS) {
            int rz = at + RZ + 2 * block;
            for (int u = 0; u < UNITS; u += LANES) {
                FloatVector reset = FloatVector.fromArray(SPECIES, sums, rz + u);
                FloatVector ofX = FloatVector.fromArray(SPECIES, sums, at + NX + block + u);
                FloatVector x = FloatVector.fromArray(SPECIES, sums, at + NH + block + u).fma(reset, ofX);
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
                FloatVector y = m.reinterpretAsInts().and(~SIGN).or(x.reinterpretAsInts().and(SIGN)).reinterpretAsFloats();
                FloatVector update = FloatVector.fromArray(SPECIES, sums, rz + UNITS + u);
                FloatVector hidden = FloatVector.fromArray(SPECIES, h, hOffset + block + u);
                update.fma(hidden.sub(y), y).intoArray(hNext, hOffset + block + u);
            }
        }
    }
}
