package io.lanecell.internal.kernel;

import static io.lanecell.internal.kernel.Activations.SQRT_HALF;
import static io.lanecell.internal.kernel.VectorKernels.LANES;
import static io.lanecell.internal.kernel.VectorKernels.SPECIES;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;

/** Functions of every number by itself: {@link VectorMath} along arrays. */
final class VectorActivations {
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
            VectorMath.sigmoid(FloatVector.fromArray(SPECIES, x, xOffset + i)).intoArray(out, outOffset + i);
        }
        return bound;
    }

    static int silu(float[] x, int xOffset, float[] out, int outOffset, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, xOffset + i);
            v.mul(VectorMath.sigmoid(v)).intoArray(out, outOffset + i);
        }
        return bound;
    }

    static int tanh(float[] x, int xOffset, float[] out, int outOffset, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            VectorMath.tanh(FloatVector.fromArray(SPECIES, x, xOffset + i)).intoArray(out, outOffset + i);
        }
        return bound;
    }

    static int gelu(float[] x, int xOffset, float[] out, int outOffset, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, xOffset + i);
            FloatVector half = v.mul(broadcast(SPECIES, 0.5f));
            half.fma(VectorMath.erf(v.mul(broadcast(SPECIES, SQRT_HALF))), half).intoArray(out, outOffset + i);
        }
        return bound;
    }

    static void expOfDifference(float[] x, int xOffset, int count, float max, float[] out, int outOffset) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            VectorMath.exp(FloatVector.fromArray(SPECIES, x, xOffset + i).sub(max)).intoArray(out, outOffset + i);
        }
        for (int i = bound; i < count; i++) {
            out[outOffset + i] = GateMath.exp(x[xOffset + i] - max);
        }
    }
}
