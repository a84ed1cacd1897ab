package io.lanecell;

import io.lanecell.internal.kernel.Kernels;
import io.lanecell.internal.kernel.PackedMatrix;

/**
 * torch.nn.GRU's cell:
 *
 * <pre>
 *   r = σ(W_ir x + b_ir + W_hr h + b_hr)      z likewise      n = tanh(W_in x + b_in + r ∘ (W_hn h + b_hn))
 *   h' = n + z ∘ (h − n)
 * </pre>
 */
final class GruCell extends RecurrentCell {
    private final PackedMatrix ofHidden;

    GruCell(Weights weights, RecurrentGeometry geometry, int layer, String suffix) {
        super(geometry, layer, PackedMatrix.ofGru(weights.get("weight_ih" + suffix).toFloats(),
                weights.get("weight_hh" + suffix).toFloats(), bias(weights, geometry, "bias_ih" + suffix),
                bias(weights, geometry, "bias_hh" + suffix), geometry.hiddenSize(), geometry.layerInputSize(layer)));
        ofHidden = gates.ofHidden();
    }

    @Override
    String hiddenName() {
        return "a GRU's hidden state";
    }

    @Override
    boolean stepsAlone() {
        return true;
    }

    @Override
    int scratchSize(int batch) {
        return PackedMatrix.GROUP;
    }

    @Override
    void step(Kernels kernels, PackedMatrix share, float[] start, int startOffset, float[] x, int xOffset, int inputs, float[] h,
            float[] c, float[] hNext, float[] scratch, boolean downward) {
        kernels.gruStep(share, start, startOffset, x, xOffset, inputs, h, hiddenSize, hNext, scratch, downward);
    }

    @Override
    void update(Kernels kernels, int rows, float[] sums, int sumsOffset, float[] h, float[] c, float[] scratch, float[] packed) {
        int width = gates.paddedOutputs();
        gates.beginHidden(rows, sums, sumsOffset);
        kernels.multiply(ofHidden, inputSize, hiddenSize, h, 0, units, rows, sums, sumsOffset, width, sums, sumsOffset, width,
                packed);
        kernels.gruCell(rows, units, sums, sumsOffset, width, h, units);
    }
}
