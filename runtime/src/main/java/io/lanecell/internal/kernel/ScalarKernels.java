package io.lanecell.internal.kernel;

import io.lanecell.ActivationFunction;
import java.util.Arrays;

/** The kernels in plain Java: the vector kernel's twin, bit for bit, and what runs where the Vector API can't. */
public final class ScalarKernels implements Kernels {
    // Eight chains hide the latency of an fma (4 cycles, two a cycle) and still fit the registers.
    private static final int CHAINS = 8;

    @Override
    public String name() {
        return "scalar";
    }

    @Override
    public int lanes() {
        return 1;
    }

    @Override
    public void multiply(PackedMatrix matrix, int from, int count, float[] x, int xOffset, int xStride, int rows, float[] start,
            int startOffset, int startStride, float[] out, int outOffset, int outStride, float[] packed) {
        for (int panel = matrix.firstPanel; panel < matrix.endPanel; panel++) {
            int first = panel * PackedMatrix.PANEL;
            int weights = matrix.panelOffset(panel) + from * PackedMatrix.PANEL;
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < matrix.panelColumns(panel); column += CHAINS) {
                    chains(matrix.weights, weights + column, count, x, xOffset + row * xStride, start,
                            startOffset + row * startStride + first + column, out, outOffset + row * outStride + first + column);
                }
            }
        }
    }

    /** Eight outputs. Math.fma itself, because a call around it makes C1's code, which serves a new process, five times slower. */
    private static void chains(float[] w, int weightOffset, int count, float[] x, int xOffset, float[] start,
            int startOffset, float[] out, int outOffset) {
        if (!ExactFma.HARDWARE) {
            emulatedChains(w, weightOffset, count, x, xOffset, start, startOffset, out, outOffset);
            return;
        }
        float a0 = start[startOffset];
        float a1 = start[startOffset + 1];
        float a2 = start[startOffset + 2];
        float a3 = start[startOffset + 3];
        float a4 = start[startOffset + 4];
        float a5 = start[startOffset + 5];
        float a6 = start[startOffset + 6];
        float a7 = start[startOffset + 7];
        for (int k = 0, at = weightOffset; k < count; k++, at += PackedMatrix.PANEL) {
            float xk = x[xOffset + k];
            a0 = Math.fma(w[at], xk, a0);
            a1 = Math.fma(w[at + 1], xk, a1);
            a2 = Math.fma(w[at + 2], xk, a2);
            a3 = Math.fma(w[at + 3], xk, a3);
            a4 = Math.fma(w[at + 4], xk, a4);
            a5 = Math.fma(w[at + 5], xk, a5);
            a6 = Math.fma(w[at + 6], xk, a6);
            a7 = Math.fma(w[at + 7], xk, a7);
        }
        out[outOffset] = a0;
        out[outOffset + 1] = a1;
        out[outOffset + 2] = a2;
        out[outOffset + 3] = a3;
        out[outOffset + 4] = a4;
        out[outOffset + 5] = a5;
        out[outOffset + 6] = a6;
        out[outOffset + 7] = a7;
    }

    private static void emulatedChains(float[] w, int weightOffset, int count, float[] x, int xOffset, float[] start,
            int startOffset, float[] out, int outOffset) {
        for (int chain = 0; chain < CHAINS; chain++) {
            float sum = start[startOffset + chain];
            for (int k = 0, at = weightOffset + chain; k < count; k++, at += PackedMatrix.PANEL) {
                sum = ExactFma.emulated(w[at], x[xOffset + k], sum);
            }
            out[outOffset + chain] = sum;
        }
    }

    @Override
    public void lstmCell(int rows, int units, float[] gates, int gatesOffset, int gatesStride, float[] c, float[] h,
            int hStride) {
        for (int row = 0; row < rows; row++) {
            for (int block = 0; block < units; block += PackedMatrix.UNITS) {
                cellBlock(gates, gatesOffset + row * gatesStride + 4 * block, c, row * units + block, h, row * hStride + block);
            }
        }
    }

    private static void cellBlock(float[] gates, int gatesOffset, float[] c, int cOffset, float[] h, int hOffset) {
        for (int unit = 0; unit < PackedMatrix.UNITS; unit++) {
            int at = gatesOffset + unit;
            float i = GateMath.sigmoid(gates[at + PackedMatrix.I]);
            float f = GateMath.sigmoid(gates[at + PackedMatrix.F]);
            float g = GateMath.tanh(gates[at + PackedMatrix.G]);
            float o = GateMath.sigmoid(gates[at + PackedMatrix.O]);
            float cell = ExactFma.fma(f, c[cOffset + unit], i * g);
            c[cOffset + unit] = cell;
            h[hOffset + unit] = o * GateMath.tanh(cell);
        }
    }

    @Override
    public void lstmStep(PackedMatrix matrix, float[] start, int startOffset, float[] x, int xOffset, int inputs, float[] h,
            int recurrent, float[] c, float[] hNext, float[] panelSums, boolean downward) {
        for (int i = matrix.firstPanel; i < matrix.endPanel; i++) {
            int panel = downward ? matrix.endPanel - 1 - (i - matrix.firstPanel) : i;
            panelStep(matrix, panel, start, startOffset + panel * PackedMatrix.PANEL, x, xOffset, inputs, h, recurrent, panelSums,
                    0);
            cellBlock(panelSums, 0, c, panel * PackedMatrix.UNITS, hNext, panel * PackedMatrix.UNITS);
        }
    }

    @Override
    public void gruCell(int rows, int units, float[] sums, int sumsOffset, int sumsStride, float[] h, int hStride) {
        for (int row = 0; row < rows; row++) {
            ScalarGru.cell(units, sums, sumsOffset + row * sumsStride, h, row * hStride);
        }
    }

    @Override
    public void gruStep(PackedMatrix matrix, float[] start, int startOffset, float[] x, int xOffset, int inputs, float[] h,
            int recurrent, float[] hNext, float[] groupSums, boolean downward) {
        ScalarGru.step(matrix, start, startOffset, x, xOffset, inputs, h, recurrent, hNext, groupSums, downward);
    }

    @Override
    public void rnnCell(boolean relu, int rows, int units, float[] sums, int sumsOffset, int sumsStride, float[] h,
            int hStride) {
        for (int row = 0; row < rows; row++) {
            rnnUnits(relu, units, sums, sumsOffset + row * sumsStride, h, row * hStride);
        }
    }

    private static void rnnUnits(boolean relu, int units, float[] sums, int sumsOffset, float[] h, int hOffset) {
        for (int unit = 0; unit < units; unit++) {
            float sum = sums[sumsOffset + unit];
            h[hOffset + unit] = !relu ? GateMath.tanh(sum) : sum < 0 ? 0f : sum;
        }
    }

    @Override
    public void rnnStep(boolean relu, PackedMatrix matrix, float[] start, int startOffset, float[] x, int xOffset, int inputs,
            float[] h, int recurrent, float[] hNext, float[] panelSums, boolean downward) {
        for (int i = matrix.firstPanel; i < matrix.endPanel; i++) {
            int panel = downward ? matrix.endPanel - 1 - (i - matrix.firstPanel) : i;
            int first = panel * PackedMatrix.PANEL;
            panelStep(matrix, panel, start, startOffset + first, x, xOffset, inputs, h, recurrent, panelSums, 0);
            rnnUnits(relu, PackedMatrix.unitsLeft(recurrent, first), panelSums, 0, hNext, first);
        }
    }

    /** One panel's sums of one step: from their start, x and h. */
    static void panelStep(PackedMatrix matrix, int panel, float[] start, int startOffset, float[] x, int xOffset, int inputs,
            float[] h, int recurrent, float[] out, int outOffset) {
        int weights = matrix.panelOffset(panel);
        int ofH = weights + (matrix.inputs - recurrent) * PackedMatrix.PANEL;
        for (int column = 0; column < matrix.panelColumns(panel); column += CHAINS) {
            chains(matrix.weights, weights + column, inputs, x, xOffset, start, startOffset + column, out, outOffset + column);
            chains(matrix.weights, ofH + column, recurrent, h, 0, out, outOffset + column, out, outOffset + column);
        }
    }

    @Override
    public void softmax(float[] x, int xOffset, int count, float[] out, int outOffset) {
        float max = Reductions.max(x, xOffset, count);
        for (int i = 0; i < count; i++) {
            out[outOffset + i] = GateMath.exp(x[xOffset + i] - max);
        }
        float sum = Reductions.sum(out, outOffset, count);
        for (int i = 0; i < count; i++) {
            out[outOffset + i] = out[outOffset + i] / sum;
        }
    }

    @Override
    public void activate(ActivationFunction function, float parameter, float[] x, int xOffset, float[] out, int outOffset,
            int count) {
        Activations.apply(function, parameter, x, xOffset, out, outOffset, count);
    }

    @Override
    public void addScaled(float factor, float[] x, int xOffset, float[] out, int outOffset, int count) {
        for (int i = 0; i < count; i++) {
            out[outOffset + i] = ExactFma.fma(factor, x[xOffset + i], out[outOffset + i]);
        }
    }

    @Override
    public void add(float[] x, int xOffset, float[] out, int outOffset, int count) {
        for (int i = 0; i < count; i++) {
            out[outOffset + i] += x[xOffset + i];
        }
    }

    @Override
    public void max(float[] x, int xOffset, float[] out, int outOffset, int count) {
        for (int i = 0; i < count; i++) {
            out[outOffset + i] = Math.max(out[outOffset + i], x[xOffset + i]);
        }
    }

    @Override
    public void scaleAndShift(float[] x, int xOffset, float[] scale, float[] shift, float[] out, int outOffset, int count) {
        for (int i = 0; i < count; i++) {
            out[outOffset + i] = ExactFma.fma(x[xOffset + i], scale[i], shift[i]);
        }
    }

    @Override
    public void layerNorm(float[] x, int xOffset, int count, float[] weight, float[] bias, float epsilon, float[] out,
            int outOffset, float[] partials) {
        Arrays.fill(partials, 0, Reductions.PARTIALS, 0f);
        float mean = Reductions.sum(x, xOffset, 0, count, partials) / count;
        Arrays.fill(partials, 0, Reductions.PARTIALS, 0f);
        float variance = Reductions.squares(x, xOffset, mean, 0, count, partials) / count;
        float scale = 1f / (float) Math.sqrt(variance + epsilon);
        for (int i = 0; i < count; i++) {
            out[outOffset + i] = ExactFma.fma((x[xOffset + i] - mean) * scale, weight[i], bias[i]);
        }
    }

    @Override
    public void dots(float[] x, int xOffset, int xStride, int rows, float[] y, int yOffset, int count, float[] out,
            int outOffset, float[] partials) {
        for (int row = 0; row < rows; row++) {
            Arrays.fill(partials, 0, Reductions.PARTIALS, 0f);
            out[outOffset + row] = Reductions.dot(x, xOffset + row * xStride, y, yOffset, 0, count, partials);
        }
    }

    @Override
    public void ownInputs(float[] w, int taps, int inputs, int outputs, float[] bias, float[] x, int xOffset, int tapStride,
            float[] out, int outOffset) {
        for (int o = 0; o < outputs; o++) {
            out[outOffset + o] = ownInputs(w, taps, inputs, outputs, o, bias[o], x, xOffset, tapStride);
        }
    }

    /** One output. */
    static float ownInputs(float[] w, int taps, int inputs, int outputs, int o, float start, float[] x, int xOffset,
            int tapStride) {
        float sum = start;
        for (int tap = 0; tap < taps; tap++) {
            for (int i = 0; i < inputs; i++) {
                sum = ExactFma.fma(w[(tap * inputs + i) * outputs + o], x[xOffset + tap * tapStride + i * outputs + o], sum);
            }
        }
        return sum;
    }
}
