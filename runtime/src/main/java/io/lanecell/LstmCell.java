package io.lanecell;

import io.lanecell.internal.kernel.Kernels;
import io.lanecell.internal.kernel.PackedMatrix;

/**
 * torch.nn.LSTM's cell:
 *
 * <pre>
 *   i = σ(W_ii x + b_ii + W_hi h + b_hi)      f, o likewise      g = tanh(W_ig x + b_ig + W_hg h + b_hg)
 *   c' = f ∘ c + i ∘ g                        h' = o ∘ tanh(c')  or  W_hr (o ∘ tanh(c')) with a projection
 * </pre>
 */
final class LstmCell extends RecurrentCell {
    private final PackedMatrix projection;

    LstmCell(Weights weights, RecurrentGeometry geometry, int layer, String suffix) {
        super(geometry, layer, PackedMatrix.ofGates(weights.get("weight_ih" + suffix).toFloats(),
                weights.get("weight_hh" + suffix).toFloats(), addedBiases(weights, geometry, suffix), geometry.hiddenSize(),
                geometry.layerInputSize(layer), geometry.outputSizePerDirection()));
        projection = projection(weights, geometry, suffix);
    }

    /** The projection, or null without one. */
    static PackedMatrix projection(Weights weights, RecurrentGeometry geometry, String suffix) {
        return geometry.projSize() == 0
                ? null
                : PackedMatrix.of(weights.get("weight_hr" + suffix).toFloats(), null, geometry.projSize(), geometry.hiddenSize());
    }

    @Override
    String hiddenName() {
        return "an LSTM's hidden state";
    }

    @Override
    int hStride() {
        return projection == null ? units : projection.paddedOutputs();
    }

    @Override
    boolean stepsAlone() {
        return projection == null;
    }

    @Override
    int scratchSize(int batch) {
        return projection == null ? PackedMatrix.PANEL : batch * units;
    }

    @Override
    void step(Kernels kernels, PackedMatrix share, float[] start, int startOffset, float[] x, int xOffset, int inputs, float[] h,
            float[] c, float[] hNext, float[] scratch, boolean downward) {
        kernels.lstmStep(share, start, startOffset, x, xOffset, inputs, h, outputSize, c, hNext, scratch, downward);
    }

    @Override
    void update(Kernels kernels, int rows, float[] sums, int sumsOffset, float[] h, float[] c, float[] scratch, float[] packed) {
        int width = gates.paddedOutputs();
        kernels.multiply(gates, inputSize, outputSize, h, 0, hStride(), rows, sums, sumsOffset, width, sums, sumsOffset, width,
                packed);
        updateCells(kernels, rows, sums, sumsOffset, h, c, scratch, packed);
    }

    @Override
    void updateWithInputs(Kernels kernels, int rows, float[] x, int xOffset, float[] sums, float[] h, float[] c, float[] scratch,
            float[] packed) {
        kernels.multiply(gates, x, xOffset, inputSize, inputSize, h, hStride(), outputSize, rows, sums, gates.paddedOutputs(),
                packed);
        updateCells(kernels, rows, sums, 0, h, c, scratch, packed);
    }

    private void updateCells(Kernels kernels, int rows, float[] sums, int sumsOffset, float[] h, float[] c, float[] scratch,
            float[] packed) {
        int width = gates.paddedOutputs();
        if (projection == null) {
            kernels.lstmCell(rows, units, sums, sumsOffset, width, c, h, units);
        } else {
            kernels.lstmCell(rows, units, sums, sumsOffset, width, c, scratch, units);
            kernels.multiply(projection, 0, hiddenSize, scratch, 0, units, rows, projection.bias(), 0, 0, h, 0, hStride(),
                    packed);
        }
    }
}
