package io.lanecell.reference;

import io.lanecell.InvalidModelException;
import io.lanecell.Tensor;
import java.util.Arrays;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The constructor arguments of torch.nn.LSTM; {@code lstmCell} for torch.nn.LSTMCell, whose names have no {@code _l0}. */
record LstmGeometry(boolean lstmCell, int inputSize, int hiddenSize, int numLayers, boolean bias, int numDirections,
        int projSize) {

    /** Three digits are more layers than anyone stacks, and keep a hostile name from asking for a billion. */
    private static final Pattern NAME = Pattern.compile("(weight|bias)_(ih|hh|hr)_l(\\d{1,3})(_reverse)?");

    /**
     * Reads layers, directions, bias and projection off the names, and the sizes off the first layer's shapes. Whether every
     * tensor is there and agrees is checked as they are read.
     */
    static LstmGeometry inferredFrom(LayerWeights weights) {
        boolean lstmCell = weights.has("weight_ih") && !weights.has("weight_ih_l0");
        int numLayers = 1;
        boolean bias = lstmCell && (weights.has("bias_ih") || weights.has("bias_hh"));
        int numDirections = 1;
        boolean projected = false;
        for (String name : lstmCell ? Set.<String>of() : weights.names()) {
            Matcher part = NAME.matcher(name);
            if (part.matches()) {
                numLayers = Math.max(numLayers, Integer.parseInt(part.group(3)) + 1);
                bias |= part.group(1).equals("bias");
                numDirections = part.group(4) == null ? numDirections : 2;
                projected |= part.group(2).equals("hr");
            }
        }
        Tensor ih = weights.matrix(lstmCell ? "weight_ih" : "weight_ih_l0");
        int hiddenSize = ih.dim(0) / 4;
        if (ih.dim(0) % 4 != 0) {
            throw new InvalidModelException(
                    "tensor '" + weights.fullName(lstmCell ? "weight_ih" : "weight_ih_l0") + "' has shape "
                            + Arrays.toString(ih.shape()) + " where an lstm needs (4·hidden_size, input_size), " + ih.dim(0)
                            + " is no multiple of 4: check that the weights are those of a torch.nn.LSTM");
        }
        int projSize = projected ? weights.matrix("weight_hr_l0").dim(0) : 0;
        if (projSize >= hiddenSize) {
            throw new InvalidModelException("tensor '" + weights.fullName("weight_hr_l0") + "' projects hidden_size " + hiddenSize
                    + " to proj_size " + projSize + ", which must be smaller than hidden_size");
        }
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
