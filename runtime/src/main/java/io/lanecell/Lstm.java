package io.lanecell;

import io.lanecell.internal.kernel.Kernels;
import io.lanecell.internal.kernel.PackedMatrix;

/**
 * torch.nn.LSTM bound to its weights, all layers and directions packed for the kernels. The mathematics is PyTorch's:
 *
 * <pre>
 *   i = σ(W_ii x + b_ii + W_hi h + b_hi)      f, o likewise      g = tanh(W_ig x + b_ig + W_hg h + b_hg)
 *   c' = f ∘ c + i ∘ g                        h' = o ∘ tanh(c')  or  W_hr (o ∘ tanh(c')) with a projection
 * </pre>
 */
final class Lstm extends Layer {
    /** The weights of one layer in one direction. */
    record Direction(PackedMatrix gates, PackedMatrix projection) {
    }

    private final LstmGeometry geometry;
    private final Direction[][] layers;

    Lstm(Weights weights) {
        geometry = LstmGeometry.of(weights);
        layers = new Direction[geometry.numLayers()][geometry.directions()];
        for (int layer = 0; layer < layers.length; layer++) {
            for (int direction = 0; direction < layers[layer].length; direction++) {
                layers[layer][direction] = pack(weights, layer, geometry.suffix(layer, direction));
            }
        }
    }

    private Direction pack(Weights weights, int layer, String suffix) {
        int hidden = geometry.hiddenSize();
        float[] bias = new float[4 * hidden];
        if (geometry.bias()) {
            float[] inputBias = weights.get("bias_ih" + suffix).toFloats();
            float[] hiddenBias = weights.get("bias_hh" + suffix).toFloats();
            for (int row = 0; row < bias.length; row++) {
                bias[row] = inputBias[row] + hiddenBias[row];
            }
        }
        PackedMatrix gates = PackedMatrix.ofGates(weights.get("weight_ih" + suffix).toFloats(),
                weights.get("weight_hh" + suffix).toFloats(), bias, hidden, geometry.layerInputSize(layer),
                geometry.outputSizePerDirection());
        PackedMatrix projection = geometry.projSize() == 0
                ? null
                : PackedMatrix.of(weights.get("weight_hr" + suffix).toFloats(), null, geometry.projSize(), hidden);
        return new Direction(gates, projection);
    }

    LstmGeometry geometry() {
        return geometry;
    }

    Direction direction(int layer, int direction) {
        return layers[layer][direction];
    }

    @Override
    int inputSize() {
        return geometry.inputSize();
    }

    @Override
    int outputSize() {
        return geometry.outputSize();
    }

    @Override
    String steppingObstacle() {
        return geometry.bidirectional() ? "is bidirectional, its backward direction begins at the end" : null;
    }

    @Override
    LstmStage newStage(int batch, Kernels kernels, Workers workers, Stage before) {
        return new LstmStage(this, batch, kernels, workers);
    }
}
