package io.lanecell.internal.kernel;

import static io.lanecell.internal.kernel.Activations.SQRT_HALF;
import static io.lanecell.internal.kernel.GateMath.E2;
import static io.lanecell.internal.kernel.GateMath.E3;
import static io.lanecell.internal.kernel.GateMath.E4;
import static io.lanecell.internal.kernel.GateMath.E5;
import static io.lanecell.internal.kernel.GateMath.E6;
import static io.lanecell.internal.kernel.GateMath.E7;
import static io.lanecell.internal.kernel.GateMath.ERF_SPLIT;
import static io.lanecell.internal.kernel.GateMath.EXPONENT_SHIFT;
import static io.lanecell.internal.kernel.GateMath.EXP_LN2_HIGH;
import static io.lanecell.internal.kernel.GateMath.EXP_LN2_LOW;
import static io.lanecell.internal.kernel.GateMath.EXP_MAGIC;
import static io.lanecell.internal.kernel.GateMath.EXP_MIN;
import static io.lanecell.internal.kernel.GateMath.F0;
import static io.lanecell.internal.kernel.GateMath.F1;
import static io.lanecell.internal.kernel.GateMath.F2;
import static io.lanecell.internal.kernel.GateMath.F3;
import static io.lanecell.internal.kernel.GateMath.F4;
import static io.lanecell.internal.kernel.GateMath.F5;
import static io.lanecell.internal.kernel.GateMath.F6;
import static io.lanecell.internal.kernel.GateMath.G0;
import static io.lanecell.internal.kernel.GateMath.G1;
import static io.lanecell.internal.kernel.GateMath.G2;
import static io.lanecell.internal.kernel.GateMath.G3;
import static io.lanecell.internal.kernel.GateMath.G4;
import static io.lanecell.internal.kernel.GateMath.G5;
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
import static io.lanecell.internal.kernel.VectorKernels.LANES;
import static io.lanecell.internal.kernel.VectorKernels.SPECIES;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.VectorOperators.ABS;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;

/** {@link GateMath} lane by lane along arrays: the same operations in the same order, in methods so small that C2 inlines the helpers. */
final class VectorActivations {
    private static final int SIGN = 0x80000000;

    private VectorActivations() {
    }

    // Each computes whole vectors, and returns how many numbers those were.

    /** x where x ≥ 0, else slope · x, or 0 whatever x is (−∞ too). */
    static int leakyRelu(float[] x, int xOffset, float slope, boolean leaky, float[] out, int outOffset, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, xOffset + i);
            FloatVector below = leaky ? v.mul(broadcast(SPECIES, slope)) : broadcast(SPECIES, 0f);
            v.blend(below, v.compare(LT, broadcast(SPECIES, 0f))).intoArray(out, outOffset + i);
        }
        return bound;
    }

    static int sigmoid(float[] x, int xOffset, float[] out, int outOffset, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            sigmoid(FloatVector.fromArray(SPECIES, x, xOffset + i)).intoArray(out, outOffset + i);
        }
        return bound;
    }

    static int silu(float[] x, int xOffset, float[] out, int outOffset, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, xOffset + i);
            v.mul(sigmoid(v)).intoArray(out, outOffset + i);
        }
        return bound;
    }

    static int tanh(float[] x, int xOffset, float[] out, int outOffset, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            tanh(FloatVector.fromArray(SPECIES, x, xOffset + i)).intoArray(out, outOffset + i);
        }
        return bound;
    }

    static int gelu(float[] x, int xOffset, float[] out, int outOffset, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, xOffset + i);
            FloatVector half = v.mul(broadcast(SPECIES, 0.5f));
            half.fma(erf(v.mul(broadcast(SPECIES, SQRT_HALF))), half).intoArray(out, outOffset + i);
        }
        return bound;
    }

    static void expOfDifference(float[] x, int xOffset, int count, float max, float[] out, int outOffset) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            exp(FloatVector.fromArray(SPECIES, x, xOffset + i).sub(max)).intoArray(out, outOffset + i);
        }
        for (int i = bound; i < count; i++) {
            out[outOffset + i] = GateMath.exp(x[xOffset + i] - max);
        }
    }

    private static FloatVector exp(FloatVector z) {
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
        return t.mul(s).fma(p, s).blend(broadcast(SPECIES, 0f), z.compare(LT, broadcast(SPECIES, EXP_MIN)));
    }

    private static FloatVector tanh(FloatVector x) {
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
        return m.reinterpretAsInts().and(~SIGN).or(x.reinterpretAsInts().and(SIGN)).reinterpretAsFloats();
    }

    private static FloatVector sigmoid(FloatVector x) {
        FloatVector e = exp(x.lanewise(ABS).neg());
        return broadcast(SPECIES, 1f).blend(e, x.compare(LT, broadcast(SPECIES, 0f))).div(e.add(broadcast(SPECIES, 1f)));
    }

    /** Both of GateMath.erf's branches, of which each lane takes its own. */
    private static FloatVector erf(FloatVector x) {
        FloatVector t = x.lanewise(ABS);
        FloatVector s = x.mul(x);
        FloatVector u = t.fma(broadcast(SPECIES, F4), broadcast(SPECIES, F3));
        FloatVector r = t.fma(broadcast(SPECIES, F6), broadcast(SPECIES, F5)).fma(s, u);
        r = r.fma(t, broadcast(SPECIES, F2));
        r = r.fma(t, broadcast(SPECIES, F1));
        r = r.fma(t, broadcast(SPECIES, F0));
        r = r.fma(t, t.neg());
        FloatVector far = broadcast(SPECIES, 1f).sub(exp(r));
        far = far.reinterpretAsInts().and(~SIGN).or(x.reinterpretAsInts().and(SIGN)).reinterpretAsFloats();
        FloatVector p = s.fma(broadcast(SPECIES, G5), broadcast(SPECIES, G4));
        p = p.fma(s, broadcast(SPECIES, G3));
        p = p.fma(s, broadcast(SPECIES, G2));
        p = p.fma(s, broadcast(SPECIES, G1));
        p = p.fma(s, broadcast(SPECIES, G0));
        return p.fma(x, x).blend(far, t.compare(GT, broadcast(SPECIES, ERF_SPLIT)));
    }
}
