package io.lanecell;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * The constructor arguments of a torch.nn.LSTM, or of a torch.nn.LSTMCell, read off its state dict.
 *
 * @param inputSize     features per step (I)
 * @param hiddenSize    hidden units (H)
 * @param numLayers     layers stacked (L)
 * @param bias          whether there are biases
 * @param bidirectional whether each layer also runs backward in time (D = 2)
 * @param projSize      size of the projected hidden state (P), or 0 without projection
 * @param cell          whether the names are LSTMCell's, without {@code _l0}
 */
public record LstmGeometry(int inputSize, int hiddenSize, int numLayers, boolean bias, boolean bidirectional, int projSize,
        boolean cell) {

    /**
     * Infers the geometry from names and shapes.
     *
     * @param weights one LSTM's tensors under PyTorch's names, {@code weight_ih_l0} …
     * @throws InvalidModelException if a tensor is missing, surplus or of another shape than the rest imply
     */
    public static LstmGeometry of(Weights weights) {
        boolean cell = weights.has("weight_ih");
        String first = cell ? "" : "_l0";
        Tensor inputWeight = TensorChecks.matrix(weights, "weight_ih" + first);
        int gates = inputWeight.dim(0);
        if (gates % 4 != 0) {
            throw new InvalidModelException("tensor '" + weights.fullName("weight_ih" + first) + "' has " + gates
                    + " rows, an LSTM's four gates need a multiple of 4: is this a GRU (3) or an RNN (1)?");
        }
        int layers = 1;
        while (!cell && weights.has("weight_ih_l" + layers)) {
            layers++;
        }
        boolean bidirectional = !cell && anyName(weights, "", "_reverse");
        boolean bias = anyName(weights, "bias_", "");
        int projSize = anyName(weights, "weight_hr", "") ? TensorChecks.matrix(weights, "weight_hr" + first).dim(0) : 0;
        LstmGeometry geometry = new LstmGeometry(inputWeight.dim(1), gates / 4, layers, bias, bidirectional, projSize, cell);
        geometry.check(weights);
        return geometry;
    }

    private static boolean anyName(Weights weights, String start, String end) {
        for (String name : weights.names()) {
            if (name.startsWith(start) && name.endsWith(end)) {
                return true;
            }
        }
        return false;
    }

    private void check(Weights weights) {
        if (projSize >= hiddenSize) {
            throw new InvalidModelException("the projection under '" + weights.fullName("weight_hr") + "…' has size " + projSize
                    + ", it must be smaller than the hidden size " + hiddenSize);
        }
        Set<String> known = new HashSet<>();
        for (int layer = 0; layer < numLayers; layer++) {
            for (int direction = 0; direction < directions(); direction++) {
                String suffix = suffix(layer, direction);
                require(weights, known, "weight_ih" + suffix, 4 * hiddenSize, layerInputSize(layer));
                require(weights, known, "weight_hh" + suffix, 4 * hiddenSize, outputSizePerDirection());
                if (bias) {
                    require(weights, known, "bias_ih" + suffix, 4 * hiddenSize);
                    require(weights, known, "bias_hh" + suffix, 4 * hiddenSize);
                }
                if (projSize > 0) {
                    require(weights, known, "weight_hr" + suffix, projSize, hiddenSize);
                }
            }
        }
        TensorChecks.noneBut(weights, known, "this LSTM (" + this + ")");
    }

    private void require(Weights weights, Set<String> known, String name, int... shape) {
        known.add(name);
        Tensor tensor = weights.get(name);
        if (!Arrays.equals(tensor.shape(), shape) || !tensor.dtype().isFloating()) {
            throw new InvalidModelException("tensor '" + weights.fullName(name) + "' is " + tensor + " where a floating-point "
                    + Arrays.toString(shape) + " is expected in " + this);
        }
    }

    /** 2 if bidirectional, else 1 (D). */
    public int directions() {
        return bidirectional ? 2 : 1;
    }

    /** Size of one direction's hidden state: P with a projection, else H. */
    public int outputSizePerDirection() {
        return projSize > 0 ? projSize : hiddenSize;
    }

    /** Features per step that the LSTM gives: D · (P or H). */
    public int outputSize() {
        return directions() * outputSizePerDirection();
    }

    /** Features per step that layer {@code layer} takes: I for the first, else the output of the one below. */
    public int layerInputSize(int layer) {
        return layer == 0 ? inputSize : outputSize();
    }

    /** What PyTorch appends to a parameter's name: {@code _l0}, {@code _l1_reverse}; nothing in a cell. */
    public String suffix(int layer, int direction) {
        return cell ? "" : "_l" + layer + (direction == 1 ? "_reverse" : "");
    }

    /** Number of weights and biases. */
    public long parameters() {
        long count = 0;
        for (int layer = 0; layer < numLayers; layer++) {
            long gates = 4L * hiddenSize * (layerInputSize(layer) + outputSizePerDirection() + (bias ? 2 : 0));
            count += directions() * (gates + (long) projSize * hiddenSize);
        }
        return count;
    }

    /** As PyTorch prints it, for instance {@code LSTM(128, 256, num_layers=2, bidirectional=True)}. */
    @Override
    public String toString() {
        return (cell ? "LSTMCell(" : "LSTM(") + inputSize + ", " + hiddenSize + (numLayers > 1 ? ", num_layers=" + numLayers : "")
                + (bias ? "" : ", bias=False") + (bidirectional ? ", bidirectional=True" : "")
                + (projSize > 0 ? ", proj_size=" + projSize : "") + ")";
    }
}
