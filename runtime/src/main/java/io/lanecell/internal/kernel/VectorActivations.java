package io.lanecell.internal.kernel;

import static io.lanecell.internal.kernel.PackedMatrix.PANEL;
import static io.lanecell.internal.kernel.PackedMatrix.UNITS;
import static io.lanecell.internal.kernel.VectorKernels.LANES;
import static io.lanecell.internal.kernel.VectorKernels.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@link GateMath} lane by lane: the same operations in the same order. The cell update writes all five activations out in
 * one method, because C2 stops inlining helpers that take vectors long before a method of this size and would then box every
 * vector they take.
 */
final class VectorActivations {
    private static final int SIGN = 0x80000000;
    private static final FloatVector ZERO = FloatVector.zero(SPECIES);
    private static final FloatVector ONE = all(1f);
    private static final FloatVector TWO = all(2f);
    private static final FloatVector LOG2_E = all(GateMath.LOG2_E);
    private static final FloatVector EXP_MAGIC = all(GateMath.EXP_MAGIC);
    private static final FloatVector EXP_LN2_HIGH = all(GateMath.EXP_LN2_HIGH);
    private static final FloatVector EXP_LN2_LOW = all(GateMath.EXP_LN2_LOW);
    private static final FloatVector EXP_MIN = all(GateMath.EXP_MIN);
    private static final FloatVector EXP_ZERO = all(GateMath.EXP_ZERO);
    private static final FloatVector E7 = all(GateMath.E7);
    private static final FloatVector E6 = all(GateMath.E6);
    private static final FloatVector E5 = all(GateMath.E5);
    private static final FloatVector E4 = all(GateMath.E4);
    private static final FloatVector E3 = all(GateMath.E3);
    private static final FloatVector E2 = all(GateMath.E2);
    private static final FloatVector TANH_MAGIC = all(GateMath.TANH_MAGIC);
    private static final FloatVector TANH_LN2 = all(GateMath.TANH_LN2);
    private static final FloatVector TANH_SATURATION = all(GateMath.TANH_SATURATION);
    private static final FloatVector T6 = all(GateMath.T6);
    private static final FloatVector T5 = all(GateMath.T5);
    private static final FloatVector T4 = all(GateMath.T4);
    private static final FloatVector T3 = all(GateMath.T3);
    private static final FloatVector T2 = all(GateMath.T2);
    private static final FloatVector T1 = all(GateMath.T1);

    private VectorActivations() {
    }

    /** The cell update of one sequence, {@code units} a multiple of 16. */
    static void lstmCell(int units, float[] gates, int gatesOffset, float[] c, int cOffset, float[] h, int hOffset) {
        for (int unit = 0; unit < units; unit += LANES) {
            int at = gatesOffset + unit / UNITS * PANEL + unit % UNITS;

            // σ of the input, forget and output gates, side by side: GateMath.sigmoid
            FloatVector xi = FloatVector.fromArray(SPECIES, gates, at);
            FloatVector xf = FloatVector.fromArray(SPECIES, gates, at + UNITS);
            FloatVector xo = FloatVector.fromArray(SPECIES, gates, at + 3 * UNITS);
            FloatVector zi = xi.lanewise(VectorOperators.ABS).neg();
            FloatVector zf = xf.lanewise(VectorOperators.ABS).neg();
            FloatVector zo = xo.lanewise(VectorOperators.ABS).neg();
            zi = zi.blend(EXP_MIN, zi.compare(VectorOperators.LT, EXP_MIN));
            zf = zf.blend(EXP_MIN, zf.compare(VectorOperators.LT, EXP_MIN));
            zo = zo.blend(EXP_MIN, zo.compare(VectorOperators.LT, EXP_MIN));
            FloatVector ni = zi.fma(LOG2_E, EXP_MAGIC);
            FloatVector nf = zf.fma(LOG2_E, EXP_MAGIC);
            FloatVector no = zo.fma(LOG2_E, EXP_MAGIC);
            FloatVector si = ni.reinterpretAsInts().lanewise(VectorOperators.LSHL, GateMath.EXPONENT_SHIFT).reinterpretAsFloats();
            FloatVector sf = nf.reinterpretAsInts().lanewise(VectorOperators.LSHL, GateMath.EXPONENT_SHIFT).reinterpretAsFloats();
            FloatVector so = no.reinterpretAsInts().lanewise(VectorOperators.LSHL, GateMath.EXPONENT_SHIFT).reinterpretAsFloats();
            ni = ni.sub(EXP_MAGIC);
            nf = nf.sub(EXP_MAGIC);
            no = no.sub(EXP_MAGIC);
            FloatVector ti = ni.fma(EXP_LN2_HIGH, zi);
            FloatVector tf = nf.fma(EXP_LN2_HIGH, zf);
            FloatVector to = no.fma(EXP_LN2_HIGH, zo);
            ti = ni.fma(EXP_LN2_LOW, ti);
            tf = nf.fma(EXP_LN2_LOW, tf);
            to = no.fma(EXP_LN2_LOW, to);
            FloatVector pi = ti.fma(E7, E6);
            FloatVector pf = tf.fma(E7, E6);
            FloatVector po = to.fma(E7, E6);
            pi = pi.fma(ti, E5);
            pf = pf.fma(tf, E5);
            po = po.fma(to, E5);
            pi = pi.fma(ti, E4);
            pf = pf.fma(tf, E4);
            po = po.fma(to, E4);
            pi = pi.fma(ti, E3);
            pf = pf.fma(tf, E3);
            po = po.fma(to, E3);
            pi = pi.fma(ti, E2);
            pf = pf.fma(tf, E2);
            po = po.fma(to, E2);
            pi = pi.fma(ti, ONE);
            pf = pf.fma(tf, ONE);
            po = po.fma(to, ONE);
            FloatVector ei = ti.mul(si).fma(pi, si);
            FloatVector ef = tf.mul(sf).fma(pf, sf);
            FloatVector eo = to.mul(so).fma(po, so);
            FloatVector i = ONE.blend(ei, xi.compare(VectorOperators.LT, ZERO)).div(ei.add(ONE));
            FloatVector f = ONE.blend(ef, xf.compare(VectorOperators.LT, ZERO)).div(ef.add(ONE));
            FloatVector o = ONE.blend(eo, xo.compare(VectorOperators.LT, ZERO)).div(eo.add(ONE));
            i = i.blend(ZERO, xi.compare(VectorOperators.LT, EXP_ZERO));
            f = f.blend(ZERO, xf.compare(VectorOperators.LT, EXP_ZERO));
            o = o.blend(ZERO, xo.compare(VectorOperators.LT, EXP_ZERO));

            // tanh of the cell gate: GateMath.tanh
            FloatVector g = FloatVector.fromArray(SPECIES, gates, at + 2 * UNITS);
            FloatVector z = g.lanewise(VectorOperators.ABS).neg();
            z = z.blend(TANH_SATURATION, z.compare(VectorOperators.LT, TANH_SATURATION));
            FloatVector n = z.fma(LOG2_E, TANH_MAGIC);
            FloatVector s = n.reinterpretAsInts().lanewise(VectorOperators.LSHL, GateMath.EXPONENT_SHIFT).reinterpretAsFloats();
            n = n.sub(TANH_MAGIC);
            FloatVector t = n.fma(TANH_LN2, z);
            FloatVector p = t.fma(T6, T5);
            p = p.fma(t, T4);
            p = p.fma(t, T3);
            p = p.fma(t, T2);
            p = p.fma(t, T1);
            FloatVector m = p.fma(t.mul(s), s.sub(ONE));
            m = m.div(m.add(TWO));
            FloatVector tanhG = m.reinterpretAsInts().and(~SIGN).or(g.reinterpretAsInts().and(SIGN)).reinterpretAsFloats();

            FloatVector cell = f.fma(FloatVector.fromArray(SPECIES, c, cOffset + unit), i.mul(tanhG));
            cell.intoArray(c, cOffset + unit);

            // tanh of the new cell state: GateMath.tanh
            z = cell.lanewise(VectorOperators.ABS).neg();
            z = z.blend(TANH_SATURATION, z.compare(VectorOperators.LT, TANH_SATURATION));
            n = z.fma(LOG2_E, TANH_MAGIC);
            s = n.reinterpretAsInts().lanewise(VectorOperators.LSHL, GateMath.EXPONENT_SHIFT).reinterpretAsFloats();
            n = n.sub(TANH_MAGIC);
            t = n.fma(TANH_LN2, z);
            p = t.fma(T6, T5);
            p = p.fma(t, T4);
            p = p.fma(t, T3);
            p = p.fma(t, T2);
            p = p.fma(t, T1);
            m = p.fma(t.mul(s), s.sub(ONE));
            m = m.div(m.add(TWO));
            FloatVector tanhC = m.reinterpretAsInts().and(~SIGN).or(cell.reinterpretAsInts().and(SIGN)).reinterpretAsFloats();

            o.mul(tanhC).intoArray(h, hOffset + unit);
        }
    }

    static void sigmoid(float[] x, float[] out, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, i);
            FloatVector e = exp(v.lanewise(VectorOperators.ABS).neg());
            FloatVector y = ONE.blend(e, v.compare(VectorOperators.LT, ZERO)).div(e.add(ONE));
            y.blend(ZERO, v.compare(VectorOperators.LT, EXP_ZERO)).intoArray(out, i);
        }
        for (int i = bound; i < count; i++) {
            out[i] = GateMath.sigmoid(x[i]);
        }
    }

    static void tanh(float[] x, float[] out, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            tanh(FloatVector.fromArray(SPECIES, x, i)).intoArray(out, i);
        }
        for (int i = bound; i < count; i++) {
            out[i] = GateMath.tanh(x[i]);
        }
    }

    static void expOfDifference(float[] x, int xOffset, int count, float max, float[] out, int outOffset) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector z = FloatVector.fromArray(SPECIES, x, xOffset + i).sub(max);
            exp(z).blend(ZERO, z.compare(VectorOperators.LT, EXP_ZERO)).intoArray(out, outOffset + i);
        }
        for (int i = bound; i < count; i++) {
            out[outOffset + i] = GateMath.exp(x[xOffset + i] - max);
        }
    }

    /** e^z for z ≤ 0, e^−87 below −87. */
    private static FloatVector exp(FloatVector z) {
        z = z.blend(EXP_MIN, z.compare(VectorOperators.LT, EXP_MIN));
        FloatVector n = z.fma(LOG2_E, EXP_MAGIC);
        FloatVector s = n.reinterpretAsInts().lanewise(VectorOperators.LSHL, GateMath.EXPONENT_SHIFT).reinterpretAsFloats();
        n = n.sub(EXP_MAGIC);
        FloatVector t = n.fma(EXP_LN2_HIGH, z);
        t = n.fma(EXP_LN2_LOW, t);
        FloatVector p = t.fma(E7, E6);
        p = p.fma(t, E5);
        p = p.fma(t, E4);
        p = p.fma(t, E3);
        p = p.fma(t, E2);
        p = p.fma(t, ONE);
        return t.mul(s).fma(p, s);
    }

    private static FloatVector tanh(FloatVector x) {
        FloatVector z = x.lanewise(VectorOperators.ABS).neg();
        z = z.blend(TANH_SATURATION, z.compare(VectorOperators.LT, TANH_SATURATION));
        FloatVector n = z.fma(LOG2_E, TANH_MAGIC);
        FloatVector s = n.reinterpretAsInts().lanewise(VectorOperators.LSHL, GateMath.EXPONENT_SHIFT).reinterpretAsFloats();
        n = n.sub(TANH_MAGIC);
        FloatVector t = n.fma(TANH_LN2, z);
        FloatVector p = t.fma(T6, T5);
        p = p.fma(t, T4);
        p = p.fma(t, T3);
        p = p.fma(t, T2);
        p = p.fma(t, T1);
        FloatVector m = p.fma(t.mul(s), s.sub(ONE));
        m = m.div(m.add(TWO));
        FloatVector y = m.reinterpretAsInts().and(~SIGN).or(x.reinterpretAsInts().and(SIGN)).reinterpretAsFloats();
        return y;
    }

    private static FloatVector all(float value) {
        return FloatVector.broadcast(SPECIES, value);
    }
}
