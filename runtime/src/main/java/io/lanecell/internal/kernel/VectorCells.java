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
import static io.lanecell.internal.kernel.PackedMatrix.F;
import static io.lanecell.internal.kernel.PackedMatrix.G;
import static io.lanecell.internal.kernel.PackedMatrix.I;
import static io.lanecell.internal.kernel.PackedMatrix.NH;
import static io.lanecell.internal.kernel.PackedMatrix.NX;
import static io.lanecell.internal.kernel.PackedMatrix.O;
import static io.lanecell.internal.kernel.PackedMatrix.RZ;
import static io.lanecell.internal.kernel.PackedMatrix.UNITS;
import static io.lanecell.internal.kernel.VectorKernels.LANES;
import static io.lanecell.internal.kernel.VectorKernels.SPECIES;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.VectorOperators.ABS;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;

/**
 * The updates of recurrent cells, whose activations are {@link GateMath}'s lane by lane: the same operations in the same order. They
 * are written out, because C2 stops inlining helpers that take vectors, even {@code broadcast} behind a shorter name, long before
 * a method of this size, and would then box every vector they take. Constants are broadcast where they are used: that is one
 * instruction, while the vector in a static field takes three.
 */
final class VectorCells {
    private static final int SIGN = 0x80000000;

    private VectorCells() {
    }

    /**
     * An LSTM's cell update of one sequence, {@code units} a multiple of 16. The gates' sums become the gates. Three passes over all
     * blocks, each of one kind of activation: one after another in every block, each would wait for the one before it.
     */
    static void lstm(int units, float[] gates, int gatesOffset, float[] c, int cOffset, float[] h, int hOffset) {
        // i, f and o, which lie side by side: GateMath.sigmoid
        for (int block = 0; block < units; block += UNITS) {
            int at = gatesOffset + 4 * block;
            for (int u = 0; u < 3 * UNITS; u += LANES) {
                FloatVector x = FloatVector.fromArray(SPECIES, gates, at + u);
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
                broadcast(SPECIES, 1f).blend(e, x.compare(LT, broadcast(SPECIES, 0f)))
                        .div(e.add(broadcast(SPECIES, 1f))).intoArray(gates, at + u);
            }
        }
        // c' = f ∘ c + i ∘ tanh(g): GateMath.tanh
        for (int block = 0; block < units; block += UNITS) {
            int at = gatesOffset + 4 * block;
            for (int u = 0; u < UNITS; u += LANES) {
                FloatVector x = FloatVector.fromArray(SPECIES, gates, at + G + u);
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
                FloatVector inputGate = FloatVector.fromArray(SPECIES, gates, at + I + u);
                FloatVector forgetGate = FloatVector.fromArray(SPECIES, gates, at + F + u);
                FloatVector cell = FloatVector.fromArray(SPECIES, c, cOffset + block + u);
                forgetGate.fma(cell, inputGate.mul(y)).intoArray(c, cOffset + block + u);
            }
        }
        // h' = o ∘ tanh(c')
        for (int block = 0; block < units; block += UNITS) {
            int at = gatesOffset + 4 * block;
            for (int u = 0; u < UNITS; u += LANES) {
                FloatVector x = FloatVector.fromArray(SPECIES, c, cOffset + block + u);
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
                FloatVector.fromArray(SPECIES, gates, at + O + u).mul(y).intoArray(h, hOffset + block + u);
            }
        }
    }

    /** A GRU's update of a group of units of one sequence. The sums of r and z become the gates. */
    static void gru(int units, float[] sums, int at, float[] h, float[] hNext, int hOffset) {
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

    /** A plain recurrent network's update of one sequence with tanh: {@link GateMath#tanh}. */
    static void rnn(int units, float[] sums, int sumsOffset, float[] h, int hOffset) {
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
