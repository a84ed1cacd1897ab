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
import static io.lanecell.internal.kernel64.GateMath.EXPONENT_SHIFT;
import static io.lanecell.internal.kernel64.GateMath.EXP_LN2_HIGH;
import static io.lanecell.internal.kernel64.GateMath.EXP_LN2_LOW;
import static io.lanecell.internal.kernel64.GateMath.EXP_MAGIC;
import static io.lanecell.internal.kernel64.GateMath.EXP_MIN;
import static io.lanecell.internal.kernel64.GateMath.LOG2_E;
import static io.lanecell.internal.kernel64.VectorKernels.LANES;
import static io.lanecell.internal.kernel64.VectorKernels.SPECIES;
import static jdk.incubator.vector.DoubleVector.broadcast;
import static jdk.incubator.vector.VectorOperators.ABS;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.DoubleVector;

/**
 * {@link GateMath} lane by lane along arrays: the same operations in the same order. Every loop is written out, without helpers that take
 * vectors: with polynomials as long as these C2 would not inline all of them, and box the vectors. Written out, a method is too long to be
 * inlined itself, so that each is compiled alone and has room for its vectors.
 */
final class VectorActivations {
    private static final long SIGN = 0x8000000000000000L;

    private VectorActivations() {
    }

    // Each computes whole vectors, and returns how many numbers those were.

    /** x where x ≥ 0, else slope · x, or 0 whatever x is (−∞ too). */
    static int leakyRelu(double[] x, int xOffset, double slope, boolean leaky, double[] out, int outOffset, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            DoubleVector v = DoubleVector.fromArray(SPECIES, x, xOffset + i);
            DoubleVector below = leaky ? v.mul(broadcast(SPECIES, slope)) : broadcast(SPECIES, 0d);
            v.blend(below, v.compare(LT, broadcast(SPECIES, 0d))).intoArray(out, outOffset + i);
        }
        return bound;
    }

    static int sigmoid(double[] x, int xOffset, double[] out, int outOffset, int count) {
        return sigmoid(x, xOffset, false, out, outOffset, count);
    }

    static int silu(double[] x, int xOffset, double[] out, int outOffset, int count) {
        return sigmoid(x, xOffset, true, out, outOffset, count);
    }

    /** The sigmoid, or what it is {@code times} x. */
    private static int sigmoid(double[] x, int xOffset, boolean times, double[] out, int outOffset, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            DoubleVector v = DoubleVector.fromArray(SPECIES, x, xOffset + i);
            DoubleVector z = v.lanewise(ABS).neg();
            DoubleVector n = z.fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, EXP_MAGIC));
            DoubleVector s = n.reinterpretAsLongs().lanewise(LSHL, EXPONENT_SHIFT).reinterpretAsDoubles();
            n = n.sub(broadcast(SPECIES, EXP_MAGIC));
            DoubleVector t = n.fma(broadcast(SPECIES, EXP_LN2_HIGH), z);
            t = n.fma(broadcast(SPECIES, EXP_LN2_LOW), t);
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
            p = p.fma(t, broadcast(SPECIES, 1d));
            DoubleVector e = t.mul(s).fma(p, s);
            e = e.blend(broadcast(SPECIES, 0d), z.compare(LT, broadcast(SPECIES, EXP_MIN)));
            DoubleVector y = broadcast(SPECIES, 1d).blend(e, v.compare(LT, broadcast(SPECIES, 0d)))
                    .div(e.add(broadcast(SPECIES, 1d)));
            (times ? v.mul(y) : y).intoArray(out, outOffset + i);
        }
        return bound;
    }

    static int tanh(double[] x, int xOffset, double[] out, int outOffset, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            DoubleVector v = DoubleVector.fromArray(SPECIES, x, xOffset + i);
            DoubleVector z = v.lanewise(ABS).mul(broadcast(SPECIES, -2d));
            z = z.blend(broadcast(SPECIES, EXP_MIN), z.compare(LT, broadcast(SPECIES, EXP_MIN)));
            DoubleVector n = z.fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, EXP_MAGIC));
            DoubleVector s = n.reinterpretAsLongs().lanewise(LSHL, EXPONENT_SHIFT).reinterpretAsDoubles();
            n = n.sub(broadcast(SPECIES, EXP_MAGIC));
            DoubleVector t = n.fma(broadcast(SPECIES, EXP_LN2_HIGH), z);
            t = n.fma(broadcast(SPECIES, EXP_LN2_LOW), t);
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
            p = p.fma(t, broadcast(SPECIES, 1d));
            DoubleVector m = t.mul(s).fma(p, s.sub(broadcast(SPECIES, 1d)));
            m = m.div(m.add(broadcast(SPECIES, 2d)));
            m.reinterpretAsLongs().and(~SIGN).or(v.reinterpretAsLongs().and(SIGN)).reinterpretAsDoubles()
                    .intoArray(out, outOffset + i);
        }
        return bound;
    }

    /** None: erf's polynomials are left to the scalar twin. */
    static int gelu(double[] x, int xOffset, double[] out, int outOffset, int count) {
        return 0;
    }

    static void expOfDifference(double[] x, int xOffset, int count, double max, double[] out, int outOffset) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            DoubleVector z = DoubleVector.fromArray(SPECIES, x, xOffset + i).sub(max);
            DoubleVector n = z.fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, EXP_MAGIC));
            DoubleVector s = n.reinterpretAsLongs().lanewise(LSHL, EXPONENT_SHIFT).reinterpretAsDoubles();
            n = n.sub(broadcast(SPECIES, EXP_MAGIC));
            DoubleVector t = n.fma(broadcast(SPECIES, EXP_LN2_HIGH), z);
            t = n.fma(broadcast(SPECIES, EXP_LN2_LOW), t);
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
            p = p.fma(t, broadcast(SPECIES, 1d));
            t.mul(s).fma(p, s).blend(broadcast(SPECIES, 0d), z.compare(LT, broadcast(SPECIES, EXP_MIN)))
                    .intoArray(out, outOffset + i);
        }
        for (int i = bound; i < count; i++) {
            out[outOffset + i] = GateMath.exp(x[xOffset + i] - max);
        }
    }
}
