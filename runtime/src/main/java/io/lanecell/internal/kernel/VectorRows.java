package io.lanecell.internal.kernel;

import static io.lanecell.internal.kernel.VectorKernels.LANES;
import static io.lanecell.internal.kernel.VectorKernels.SPECIES;

import jdk.incubator.vector.FloatVector;

/** What is done to every number of a row by itself: whole vectors, then the rest one by one in the same arithmetic. */
final class VectorRows {
    private VectorRows() {
    }

    static void addScaled(float factor, float[] x, int xOffset, float[] out, int outOffset, int count) {
        FloatVector f = FloatVector.broadcast(SPECIES, factor);
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector sum = FloatVector.fromArray(SPECIES, out, outOffset + i);
            FloatVector.fromArray(SPECIES, x, xOffset + i).fma(f, sum).intoArray(out, outOffset + i);
        }
        for (int i = bound; i < count; i++) {
            out[outOffset + i] = ExactFma.fma(factor, x[xOffset + i], out[outOffset + i]);
        }
    }

    static void add(float[] x, int xOffset, float[] out, int outOffset, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector sum = FloatVector.fromArray(SPECIES, out, outOffset + i);
            sum.add(FloatVector.fromArray(SPECIES, x, xOffset + i)).intoArray(out, outOffset + i);
        }
        for (int i = bound; i < count; i++) {
            out[outOffset + i] += x[xOffset + i];
        }
    }

    static void max(float[] x, int xOffset, float[] out, int outOffset, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector largest = FloatVector.fromArray(SPECIES, out, outOffset + i);
            largest.max(FloatVector.fromArray(SPECIES, x, xOffset + i)).intoArray(out, outOffset + i);
        }
        for (int i = bound; i < count; i++) {
            out[outOffset + i] = Math.max(out[outOffset + i], x[xOffset + i]);
        }
    }

    static void scaleAndShift(float[] x, int xOffset, float[] scale, float[] shift, float[] out, int outOffset, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector s = FloatVector.fromArray(SPECIES, scale, i);
            FloatVector.fromArray(SPECIES, x, xOffset + i).fma(s, FloatVector.fromArray(SPECIES, shift, i))
                    .intoArray(out, outOffset + i);
        }
        for (int i = bound; i < count; i++) {
            out[outOffset + i] = ExactFma.fma(x[xOffset + i], scale[i], shift[i]);
        }
    }

    static void normalise(float[] x, int xOffset, float mean, float scale, float[] weight, float[] bias, float[] out,
            int outOffset, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector y = FloatVector.fromArray(SPECIES, x, xOffset + i).sub(mean).mul(scale);
            y.fma(FloatVector.fromArray(SPECIES, weight, i), FloatVector.fromArray(SPECIES, bias, i))
                    .intoArray(out, outOffset + i);
        }
        for (int i = bound; i < count; i++) {
            out[outOffset + i] = ExactFma.fma((x[xOffset + i] - mean) * scale, weight[i], bias[i]);
        }
    }

    /** Four vectors of outputs at a time, whose sums stay in registers; then the rest. */
    static void ownInputs(float[] w, int taps, int inputs, int outputs, float[] bias, float[] x, int xOffset, int tapStride,
            float[] out, int outOffset) {
        int o = 0;
        for (; o + 4 * LANES <= outputs; o += 4 * LANES) {
            FloatVector a0 = FloatVector.fromArray(SPECIES, bias, o);
            FloatVector a1 = FloatVector.fromArray(SPECIES, bias, o + LANES);
            FloatVector a2 = FloatVector.fromArray(SPECIES, bias, o + 2 * LANES);
            FloatVector a3 = FloatVector.fromArray(SPECIES, bias, o + 3 * LANES);
            for (int tap = 0; tap < taps; tap++) {
                for (int i = 0; i < inputs; i++) {
                    int wk = (tap * inputs + i) * outputs + o;
                    int xk = xOffset + tap * tapStride + i * outputs + o;
                    a0 = FloatVector.fromArray(SPECIES, w, wk).fma(FloatVector.fromArray(SPECIES, x, xk), a0);
                    a1 = FloatVector.fromArray(SPECIES, w, wk + LANES).fma(FloatVector.fromArray(SPECIES, x, xk + LANES), a1);
                    a2 = FloatVector.fromArray(SPECIES, w, wk + 2 * LANES).fma(FloatVector.fromArray(SPECIES, x, xk + 2 * LANES),
                            a2);
                    a3 = FloatVector.fromArray(SPECIES, w, wk + 3 * LANES).fma(FloatVector.fromArray(SPECIES, x, xk + 3 * LANES),
                            a3);
                }
            }
            a0.intoArray(out, outOffset + o);
            a1.intoArray(out, outOffset + o + LANES);
            a2.intoArray(out, outOffset + o + 2 * LANES);
            a3.intoArray(out, outOffset + o + 3 * LANES);
        }
        for (; o < outputs; o++) {
            out[outOffset + o] = ScalarKernels.ownInputs(w, taps, inputs, outputs, o, bias[o], x, xOffset, tapStride);
        }
    }
}
