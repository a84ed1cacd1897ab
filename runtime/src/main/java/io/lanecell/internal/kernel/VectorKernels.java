package io.lanecell.internal.kernel;

import static io.lanecell.internal.kernel.PackedMatrix.PANEL;
import static io.lanecell.internal.kernel.PackedMatrix.UNITS;

import io.lanecell.ActivationFunction;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The kernels on {@code jdk.incubator.vector}, at the machine's preferred width. A lane is an output (or a hidden unit), so
 * every lane does what the scalar twin does for that output, in the same order.
 */
public final class VectorKernels implements Kernels {
    static final VectorSpecies<Float> SPECIES = species();
    static final int LANES = SPECIES.length();

    private static VectorSpecies<Float> species() {
        Integer bits = Integer.getInteger("lanecell.vector.bits"); // for tests: all widths on one machine
        return bits == null ? FloatVector.SPECIES_PREFERRED : VectorSpecies.of(float.class, VectorShape.forBitSize(bits));
    }

    @Override
    public String name() {
        return "vector";
    }

    @Override
    public int lanes() {
        return LANES;
    }

    @Override
    public void multiply(PackedMatrix matrix, int from, int count, float[] x, int xOffset, int xStride, int rows, float[] start,
            int startOffset, int startStride, float[] out, int outOffset, int outStride, float[] packed) {
        if (rows != 1) {
            VectorTiles.pack(x, xOffset, xStride, rows, count, 0, count, packed);
            tiles(matrix, from, count, packed, rows, start, startOffset, startStride, out, outOffset, outStride);
            return;
        }
        for (int panel = matrix.firstPanel; panel < matrix.endPanel; panel++) {
            int first = panel * PANEL;
            VectorProducts.row(matrix.weights, matrix.panelColumns(panel), matrix.panelOffset(panel) + from * PANEL, count, x,
                    xOffset, 0, 0, x, start, startOffset + first, out, outOffset + first);
        }
    }

    @Override
    public void multiply(PackedMatrix matrix, float[] x, int xOffset, int xStride, int inputs, float[] h, int hStride,
            int recurrent, int rows, float[] out, int outStride, float[] packed) {
        if (rows != 1) {
            int count = inputs + recurrent;
            VectorTiles.pack(x, xOffset, xStride, rows, inputs, 0, count, packed);
            VectorTiles.pack(h, 0, hStride, rows, recurrent, inputs, count, packed);
            tiles(matrix, 0, count, packed, rows, matrix.bias, 0, 0, out, 0, outStride);
            return;
        }
        for (int panel = matrix.firstPanel; panel < matrix.endPanel; panel++) {
            int weights = matrix.panelOffset(panel);
            VectorProducts.row(matrix.weights, matrix.panelColumns(panel), weights, inputs, x, xOffset, weights + inputs * PANEL,
                    recurrent, h, matrix.bias, panel * PANEL, out, panel * PANEL);
        }
    }

    private static void tiles(PackedMatrix matrix, int from, int count, float[] packed, int rows, float[] start, int startOffset,
            int startStride, float[] out, int outOffset, int outStride) {
        for (int panel = matrix.firstPanel; panel < matrix.endPanel; panel++) {
            int first = panel * PANEL;
            VectorTiles.rows(matrix, panel, from, count, packed, rows, start, startOffset + first, startStride, out,
                    outOffset + first, outStride);
        }
    }

    @Override
    public void lstmCell(int rows, int units, float[] gates, int gatesOffset, int gatesStride, float[] c, float[] h,
            int hStride) {
        for (int row = 0; row < rows; row++) {
            VectorCells.lstm(units, gates, gatesOffset + row * gatesStride, c, row * units, h, row * hStride);
        }
    }

    @Override
    public void lstmStep(PackedMatrix matrix, float[] start, int startOffset, float[] x, int xOffset, int inputs, float[] h,
            int recurrent, float[] c, float[] hNext, float[] panelSums, boolean downward) {
        int ofH = (matrix.inputs - recurrent) * PANEL;
        for (int i = matrix.firstPanel; i < matrix.endPanel; i++) {
            int panel = downward ? matrix.endPanel - 1 - (i - matrix.firstPanel) : i;
            int weights = matrix.panelOffset(panel);
            VectorProducts.row(matrix.weights, PANEL, weights, inputs, x, xOffset, weights + ofH, recurrent, h, start,
                    startOffset + panel * PANEL, panelSums, 0);
            VectorCells.lstm(UNITS, panelSums, 0, c, panel * UNITS, hNext, panel * UNITS);
        }
    }

    @Override
    public void gruCell(int rows, int units, float[] sums, int sumsOffset, int sumsStride, float[] h, int hStride) {
        VectorGru.cell(rows, units, sums, sumsOffset, sumsStride, h, hStride);
    }

    @Override
    public void gruStep(PackedMatrix matrix, float[] start, int startOffset, float[] x, int xOffset, int inputs, float[] h,
            int recurrent, float[] hNext, float[] groupSums, boolean downward) {
        VectorGru.step(matrix, start, startOffset, x, xOffset, inputs, h, recurrent, hNext, groupSums, downward);
    }

    @Override
    public void rnnCell(boolean relu, int rows, int units, float[] sums, int sumsOffset, int sumsStride, float[] h,
            int hStride) {
        VectorRnn.cell(relu, rows, units, sums, sumsOffset, sumsStride, h, hStride);
    }

    @Override
    public void rnnStep(boolean relu, PackedMatrix matrix, float[] start, int startOffset, float[] x, int xOffset, int inputs,
            float[] h, int recurrent, float[] hNext, float[] panelSums, boolean downward) {
        VectorRnn.step(relu, matrix, start, startOffset, x, xOffset, inputs, h, recurrent, hNext, panelSums, downward);
    }

    @Override
    public void softmax(float[] x, int xOffset, int count, float[] out, int outOffset) {
        float max = Reductions.max(x, xOffset, count);
        VectorActivations.expOfDifference(x, xOffset, count, max, out, outOffset);
        float sum = Reductions.sum(out, outOffset, count);
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector.fromArray(SPECIES, out, outOffset + i).div(sum).intoArray(out, outOffset + i);
        }
        for (int i = bound; i < count; i++) {
            out[outOffset + i] = out[outOffset + i] / sum;
        }
    }

    @Override
    public void activate(ActivationFunction function, float parameter, float[] x, int xOffset, float[] out, int outOffset,
            int count) {
        int done = switch (function) {
            case RELU -> VectorActivations.leakyRelu(x, xOffset, 0f, false, out, outOffset, count);
            case LEAKY_RELU -> VectorActivations.leakyRelu(x, xOffset, parameter, true, out, outOffset, count);
            case SIGMOID -> VectorActivations.sigmoid(x, xOffset, out, outOffset, count);
            case SILU -> VectorActivations.silu(x, xOffset, out, outOffset, count);
            case TANH -> VectorActivations.tanh(x, xOffset, out, outOffset, count);
            case GELU -> VectorActivations.gelu(x, xOffset, out, outOffset, count);
            default -> 0;
        };
        Activations.apply(function, parameter, x, xOffset + done, out, outOffset + done, count - done);
    }

    @Override
    public void addScaled(float factor, float[] x, int xOffset, float[] out, int outOffset, int count) {
        VectorRows.addScaled(factor, x, xOffset, out, outOffset, count);
    }

    @Override
    public void add(float[] x, int xOffset, float[] out, int outOffset, int count) {
        VectorRows.add(x, xOffset, out, outOffset, count);
    }

    @Override
    public void max(float[] x, int xOffset, float[] out, int outOffset, int count) {
        VectorRows.max(x, xOffset, out, outOffset, count);
    }

    @Override
    public void scaleAndShift(float[] x, int xOffset, float[] scale, float[] shift, float[] out, int outOffset, int count) {
        VectorRows.scaleAndShift(x, xOffset, scale, shift, out, outOffset, count);
    }

    @Override
    public void layerNorm(float[] x, int xOffset, int count, float[] weight, float[] bias, float epsilon, float[] out,
            int outOffset, float[] partials) {
        float mean = VectorReductions.sum(x, xOffset, count, partials) / count;
        float variance = VectorReductions.squares(x, xOffset, mean, count, partials) / count;
        float scale = 1f / (float) Math.sqrt(variance + epsilon);
        VectorRows.normalise(x, xOffset, mean, scale, weight, bias, out, outOffset, count);
    }

    @Override
    public void dots(float[] x, int xOffset, int xStride, int rows, float[] y, int yOffset, int count, float[] out,
            int outOffset, float[] partials) {
        for (int row = 0; row < rows; row++) {
            out[outOffset + row] = VectorReductions.dot(x, xOffset + row * xStride, y, yOffset, count, partials);
        }
    }

    @Override
    public void ownInputs(float[] w, int taps, int inputs, int outputs, float[] bias, float[] x, int xOffset, int tapStride,
            float[] out, int outOffset) {
        VectorRows.ownInputs(w, taps, inputs, outputs, bias, x, xOffset, tapStride, out, outOffset);
    }
}
