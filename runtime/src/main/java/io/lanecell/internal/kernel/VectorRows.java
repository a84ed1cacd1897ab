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

    /** One pass over the outputs for each of an output's inputs: few outputs' sums would leave loops of one or two turns within. */
    static void ownInputs(float[] w, int taps, int inputs, int outputs, float[] bias, float[] x, int xOffset, int tapStride,
            float[] out, int outOffset) {
        System.arraycopy(bias, 0, out, outOffset, outputs);
        for (int tap = 0; tap < taps; tap++) {
            for (int i = 0; i < inputs; i++) {
                addProducts(w, (tap * inputs + i) * outputs, x, xOffset + tap * tapStride + i * outputs, out, outOffset, outputs);
            }
        }
    }

    private static void addProducts(float[] w, int wOffset, float[] x, int xOffset, float[] out, int outOffset, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector sum = FloatVector.fromArray(SPECIES, out, outOffset + i);
            FloatVector.fromArray(SPECIES, w, wOffset + i).fma(FloatVector.fromArray(SPECIES, x, xOffset + i), sum)
                    .intoArray(out, outOffset + i);
        }
        for (int i = bound; i < count; i++) {
            out[outOffset + i] = ExactFma.fma(w[wOffset + i], x[xOffset + i], out[outOffset + i]);
        }
    }
}
