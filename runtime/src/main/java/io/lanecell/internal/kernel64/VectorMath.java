package io.lanecell.internal.kernel64;

import static io.lanecell.internal.kernel64.GateMath.E10;
import static io.lanecell.internal.kernel64.GateMath.E11;
import static io.lanecell.internal.kernel64.GateMath.E12;
import static io.lanecell.internal.kernel64.GateMath.E13;
import static io.lanecell.internal.kernel64.GateMath.E2;
import static io.lanecell.internal.kernel64.GateMath.E3;
import static io.lanecell.internal.kernel64.GateMath.E4;
import static io.lanecell.internal.kernel64.GateMath.E5;
import static io.lanecell.internal.kernel64.GateMath.E6;
import static io.lanecell.internal.kernel64.GateMath.E7;
import static io.lanecell.internal.kernel64.GateMath.E8;
import static io.lanecell.internal.kernel64.GateMath.E9;
import static io.lanecell.internal.kernel64.GateMath.ERF_SATURATION;
import static io.lanecell.internal.kernel64.GateMath.ERF_SPLIT;
import static io.lanecell.internal.kernel64.GateMath.EXPONENT_SHIFT;
import static io.lanecell.internal.kernel64.GateMath.EXP_LN2_HIGH;
import static io.lanecell.internal.kernel64.GateMath.EXP_LN2_LOW;
import static io.lanecell.internal.kernel64.GateMath.EXP_MAGIC;
import static io.lanecell.internal.kernel64.GateMath.EXP_MIN;
import static io.lanecell.internal.kernel64.GateMath.F0;
import static io.lanecell.internal.kernel64.GateMath.F1;
import static io.lanecell.internal.kernel64.GateMath.F10;
import static io.lanecell.internal.kernel64.GateMath.F11;
import static io.lanecell.internal.kernel64.GateMath.F12;
import static io.lanecell.internal.kernel64.GateMath.F13;
import static io.lanecell.internal.kernel64.GateMath.F14;
import static io.lanecell.internal.kernel64.GateMath.F15;
import static io.lanecell.internal.kernel64.GateMath.F16;
import static io.lanecell.internal.kernel64.GateMath.F17;
import static io.lanecell.internal.kernel64.GateMath.F18;
import static io.lanecell.internal.kernel64.GateMath.F2;
import static io.lanecell.internal.kernel64.GateMath.F3;
import static io.lanecell.internal.kernel64.GateMath.F4;
import static io.lanecell.internal.kernel64.GateMath.F5;
import static io.lanecell.internal.kernel64.GateMath.F6;
import static io.lanecell.internal.kernel64.GateMath.F7;
import static io.lanecell.internal.kernel64.GateMath.F8;
import static io.lanecell.internal.kernel64.GateMath.F9;
import static io.lanecell.internal.kernel64.GateMath.G0;
import static io.lanecell.internal.kernel64.GateMath.G1;
import static io.lanecell.internal.kernel64.GateMath.G10;
import static io.lanecell.internal.kernel64.GateMath.G11;
import static io.lanecell.internal.kernel64.GateMath.G12;
import static io.lanecell.internal.kernel64.GateMath.G2;
import static io.lanecell.internal.kernel64.GateMath.G3;
import static io.lanecell.internal.kernel64.GateMath.G4;
import static io.lanecell.internal.kernel64.GateMath.G5;
import static io.lanecell.internal.kernel64.GateMath.G6;
import static io.lanecell.internal.kernel64.GateMath.G7;
import static io.lanecell.internal.kernel64.GateMath.G8;
import static io.lanecell.internal.kernel64.GateMath.G9;
import static io.lanecell.internal.kernel64.GateMath.LOG2_E;
import static io.lanecell.internal.kernel64.VectorKernels.SPECIES;
import static jdk.incubator.vector.DoubleVector.broadcast;
import static jdk.incubator.vector.VectorOperators.ABS;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.DoubleVector;

/** {@link GateMath} lane by lane, the same operations in the same order: for methods so small that C2 inlines these into them. */
final class VectorMath {
    private static final long SIGN = 0x8000000000000000L;

    private VectorMath() {
    }

    static DoubleVector exp(DoubleVector z) {
        DoubleVector n = z.fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, EXP_MAGIC));
        DoubleVector s = n.reinterpretAsLongs().lanewise(LSHL, EXPONENT_SHIFT).reinterpretAsDoubles();
        n = n.sub(broadcast(SPECIES, EXP_MAGIC));
        DoubleVector t = n.fma(broadcast(SPECIES, EXP_LN2_HIGH), z);
        t = n.fma(broadcast(SPECIES, EXP_LN2_LOW), t);
        return t.mul(s).fma(expPolynomial(t), s).blend(broadcast(SPECIES, 0d), z.compare(LT, broadcast(SPECIES, EXP_MIN)));
    }

    static DoubleVector tanh(DoubleVector x) {
        DoubleVector z = x.lanewise(ABS).mul(broadcast(SPECIES, -2d));
        z = z.blend(broadcast(SPECIES, EXP_MIN), z.compare(LT, broadcast(SPECIES, EXP_MIN)));
        DoubleVector n = z.fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, EXP_MAGIC));
        DoubleVector s = n.reinterpretAsLongs().lanewise(LSHL, EXPONENT_SHIFT).reinterpretAsDoubles();
        n = n.sub(broadcast(SPECIES, EXP_MAGIC));
        DoubleVector t = n.fma(broadcast(SPECIES, EXP_LN2_HIGH), z);
        t = n.fma(broadcast(SPECIES, EXP_LN2_LOW), t);
        DoubleVector m = t.mul(s).fma(expPolynomial(t), s.sub(broadcast(SPECIES, 1d)));
        m = m.div(m.add(broadcast(SPECIES, 2d)));
        return m.reinterpretAsLongs().and(~SIGN).or(x.reinterpretAsLongs().and(SIGN)).reinterpretAsDoubles();
    }

    private static DoubleVector expPolynomial(DoubleVector t) {
        DoubleVector p = t.fma(broadcast(SPECIES, E13), broadcast(SPECIES, E12));
        p = p.fma(t, broadcast(SPECIES, E11));
        p = p.fma(t, broadcast(SPECIES, E10));
        p = p.fma(t, broadcast(SPECIES, E9));
        p = p.fma(t, broadcast(SPECIES, E8));
        p = p.fma(t, broadcast(SPECIES, E7));
        p = p.fma(t, broadcast(SPECIES, E6));
        p = p.fma(t, broadcast(SPECIES, E5));
        p = p.fma(t, broadcast(SPECIES, E4));
        p = p.fma(t, broadcast(SPECIES, E3));
        p = p.fma(t, broadcast(SPECIES, E2));
        return p.fma(t, broadcast(SPECIES, 1d));
    }

    static DoubleVector sigmoid(DoubleVector x) {
        DoubleVector e = exp(x.lanewise(ABS).neg());
        return broadcast(SPECIES, 1d).blend(e, x.compare(LT, broadcast(SPECIES, 0d))).div(e.add(broadcast(SPECIES, 1d)));
    }

    /** Both of GateMath.erf's branches, of which each lane takes its own. */
    static DoubleVector erf(DoubleVector x) {
        DoubleVector t = x.lanewise(ABS);
        DoubleVector u = t.blend(broadcast(SPECIES, ERF_SATURATION), t.compare(GT, broadcast(SPECIES, ERF_SATURATION)));
        DoubleVector r = u.fma(broadcast(SPECIES, F18), broadcast(SPECIES, F17));
        r = r.fma(u, broadcast(SPECIES, F16));
        r = r.fma(u, broadcast(SPECIES, F15));
        r = r.fma(u, broadcast(SPECIES, F14));
        r = r.fma(u, broadcast(SPECIES, F13));
        r = r.fma(u, broadcast(SPECIES, F12));
        r = r.fma(u, broadcast(SPECIES, F11));
        r = r.fma(u, broadcast(SPECIES, F10));
        r = r.fma(u, broadcast(SPECIES, F9));
        r = r.fma(u, broadcast(SPECIES, F8));
        r = r.fma(u, broadcast(SPECIES, F7));
        r = r.fma(u, broadcast(SPECIES, F6));
        r = r.fma(u, broadcast(SPECIES, F5));
        r = r.fma(u, broadcast(SPECIES, F4));
        r = r.fma(u, broadcast(SPECIES, F3));
        r = r.fma(u, broadcast(SPECIES, F2));
        r = r.fma(u, broadcast(SPECIES, F1));
        r = r.fma(u, broadcast(SPECIES, F0));
        DoubleVector far = broadcast(SPECIES, 1d).sub(exp(r));
        far = far.reinterpretAsLongs().and(~SIGN).or(x.reinterpretAsLongs().and(SIGN)).reinterpretAsDoubles();
        DoubleVector s = x.mul(x);
        DoubleVector p = s.fma(broadcast(SPECIES, G12), broadcast(SPECIES, G11));
        p = p.fma(s, broadcast(SPECIES, G10));
        p = p.fma(s, broadcast(SPECIES, G9));
        p = p.fma(s, broadcast(SPECIES, G8));
        p = p.fma(s, broadcast(SPECIES, G7));
        p = p.fma(s, broadcast(SPECIES, G6));
        p = p.fma(s, broadcast(SPECIES, G5));
        p = p.fma(s, broadcast(SPECIES, G4));
        p = p.fma(s, broadcast(SPECIES, G3));
        p = p.fma(s, broadcast(SPECIES, G2));
        p = p.fma(s, broadcast(SPECIES, G1));
        p = p.fma(s, broadcast(SPECIES, G0));
        return p.fma(x, x).blend(far, t.compare(GT, broadcast(SPECIES, ERF_SPLIT)));
    }
}
