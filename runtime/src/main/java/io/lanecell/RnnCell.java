package io.lanecell;

import io.lanecell.internal.kernel.Kernels;
import io.lanecell.internal.kernel.PackedMatrix;

/** torch.nn.RNN's cell: {@code h' = tanh(W_ih x + b_ih + W_hh h + b_hh)}, or relu in tanh's place. */
final class RnnCell extends RecurrentCell {
    private final boolean relu;

    RnnCell(Weights weights, RecurrentGeometry geometry, int layer, String suffix, boolean relu) {
        super(geometry, layer, PackedMatrix.of(weights.get("weight_ih" + suffix).toFloats(),
                weights.get("weight_hh" + suffix).toFloats(), addedBiases(weights, geometry, suffix), geometry.hiddenSize(),
                geometry.layerInputSize(layer), geometry.hiddenSize()));
        this.relu = relu;
    }

    @Override
    String hiddenName() {
        return "an RNN's hidden state";
    }

    @Override
    boolean stepsAlone() {
        return true;
    }

    @Override
    int scratchSize(int batch) {
        return PackedMatrix.PANEL;
    }

    @Override
    void step(Kernels kernels, PackedMatrix share, float[] start, int startOffset, float[] x, int xOffset, int inputs, float[] h,
            float[] c, float[] hNext, float[] scratch, boolean downward) {
        kernels.rnnStep(relu, share, start, startOffset, x, xOffset, inputs, h, hiddenSize, hNext, scratch, downward);
    }

    @Override
    void update(Kernels kernels, int rows, float[] sums, int sumsOffset, float[] h, float[] c, float[] scratch, float[] packed) {
        int width = gates.paddedOutputs();
        kernels.multiply(gates, inputSize, hiddenSize, h, 0, units, rows, sums, sumsOffset, width, sums, sumsOffset, width,
                packed);
        kernels.rnnCell(relu, rows, units, sums, sumsOffset, width, h, units);
    }

    @Override
    void updateWithInputs(Kernels kernels, int rows, float[] x, int xOffset, float[] sums, float[] h, float[] c, float[] scratch,
            float[] packed) {
        int width = gates.paddedOutputs();
        kernels.multiply(gates, x, xOffset, inputSize, inputSize, h, units, hiddenSize, rows, sums, width, packed);
        kernels.rnnCell(relu, rows, units, sums, 0, width, h, units);
    }
}
