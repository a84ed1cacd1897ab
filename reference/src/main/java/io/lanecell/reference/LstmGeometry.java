package io.lanecell.reference;

import io.lanecell.InvalidModelException;
import io.lanecell.Tensor;
import java.util.Arrays;

/** The constructor arguments of torch.nn.LSTM; {@code lstmCell} for torch.nn.LSTMCell, whose names have no {@code _l0}. */
record LstmGeometry(boolean lstmCell, int inputSize, int hiddenSize, int numLayers, boolean bias, int numDirections,
        int projSize) {

    /** Reads the sizes off the first layer's shapes; whether the other tensors agree is checked as they are read. */
    static LstmGeometry inferredFrom(LayerWeights weights) {
        boolean lstmCell = weights.has("weight_ih") && !weights.has("weight_ih_l0");
        String l0 = lstmCell ? "" : "_l0";
        Tensor ih = weights.matrix("weight_ih" + l0);
        if (ih.dim(0) % 4 != 0) {
            throw new InvalidModelException("tensor '" + weights.fullName("weight_ih" + l0) + "' has shape "
                    + Arrays.toString(ih.shape()) + " where an lstm needs (4·hidden_size, input_size), " + ih.dim(0)
                    + " is no multiple of 4: check that the weights are those of a torch.nn.LSTM");
        }
        int hiddenSize = ih.dim(0) / 4;
        int projSize = 0;
        if (!lstmCell && weights.has("weight_hr_l0")) {
            projSize = weights.matrix("weight_hr_l0").dim(0);
            if (projSize >= hiddenSize) {
                throw new InvalidModelException("tensor '" + weights.fullName("weight_hr_l0") + "' projects hidden_size "
                        + hiddenSize + " to proj_size " + projSize + ", which must be smaller than hidden_size");
            }
        }
        int numLayers = 1;
        while (!lstmCell && weights.has("weight_ih_l" + numLayers)) {
            numLayers++;
        }
        boolean bias = weights.has("bias_ih" + l0) || weights.has("bias_hh" + l0);
        int numDirections = !lstmCell && weights.has("weight_ih_l0_reverse") ? 2 : 1;
        return new LstmGeometry(lstmCell, ih.dim(1), hiddenSize, numLayers, bias, numDirections, projSize);
    }

    int hiddenStateSize() {
        return projSize > 0 ? projSize : hiddenSize;
    }

    String suffix(int layer, int direction) {
        return (lstmCell ? "" : "_l" + layer) + (direction == 1 ? "_reverse" : "");
    }

    /** For messages. */
    @Override
    public String toString() {
        return (lstmCell ? "an lstm cell" : "an lstm") + " of input_size " + inputSize + ", hidden_size " + hiddenSize
                + (projSize > 0 ? ", proj_size " + projSize : "") + (numDirections == 2 ? ", bidirectional" : "");
    }
}
