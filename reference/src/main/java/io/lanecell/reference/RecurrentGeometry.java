package io.lanecell.reference;

import io.lanecell.InvalidModelException;
import io.lanecell.Tensor;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The constructor arguments of torch.nn.LSTM, GRU or RNN, or of their cells, whose tensors' names have no {@code _l0}.
 *
 * @param gates      how many lie one below the other in weight_ih: 4, of a coupled LSTM 3; GRU 3, RNN 1
 * @param cell       whether it is a cell
 * @param projSize   0 without projection
 * @param peepholes  whether gates look at the cell state
 * @param layerNorm  whether the gates' sums and the cell state are normalised
 */
record RecurrentGeometry(Kind kind, int gates, boolean cell, int inputSize, int hiddenSize, int numLayers, boolean bias,
        int numDirections, int projSize, boolean peepholes, boolean layerNorm) {

    /** What the layer computes. */
    enum Kind {
        LSTM("an lstm"), GRU("a gru"), RNN("an rnn");

        private final String inMessages;

        Kind(String inMessages) {
            this.inMessages = inMessages;
        }
    }

    /** Three digits are more layers than anyone stacks, and keep a hostile name from asking for a billion. */
    private static final String SUFFIX = "(?:_l(\\d{1,3})(_reverse)?)?";
    private static final Pattern NAME = Pattern.compile("((?:weight|bias)_(?:ih|hh))" + SUFFIX);
    private static final Pattern LSTM_NAME = Pattern
            .compile("((?:weight|bias)_(?:ih|hh)|weight_(?:hr|ci|cf|co)|ln_(?:ih|hh|c)_(?:weight|bias))" + SUFFIX);

    /**
     * Reads layers, directions, bias, projection, peepholes and norms off the names, and the sizes off the first layer's shapes.
     * Whether every tensor is there and agrees is checked as they are read.
     */
    static RecurrentGeometry inferredFrom(LayerWeights weights, Kind kind, int gates) {
        boolean cell = weights.has("weight_ih") && !weights.has("weight_ih_l0");
        int numLayers = 1;
        boolean bias = false;
        int numDirections = 1;
        boolean projected = false;
        boolean peepholes = false;
        boolean layerNorm = false;
        for (String name : weights.names()) {
            Matcher part = (kind == Kind.LSTM ? LSTM_NAME : NAME).matcher(name);
            if (part.matches() && (part.group(2) == null) == cell) {
                numLayers = cell ? 1 : Math.max(numLayers, Integer.parseInt(part.group(2)) + 1);
                numDirections = part.group(3) == null ? numDirections : 2;
                String what = part.group(1);
                bias |= what.startsWith("bias");
                projected |= what.equals("weight_hr") && !cell; // torch.nn.LSTMCell has no projection
                peepholes |= what.startsWith("weight_c");
                layerNorm |= what.startsWith("ln_");
            }
        }
        String first = cell ? "weight_ih" : "weight_ih_l0";
        Tensor ih = weights.matrix(first);
        int hiddenSize = ih.dim(0) / gates;
        if (ih.dim(0) % gates != 0) {
            throw new InvalidModelException("tensor '" + weights.fullName(first) + "' has shape " + Arrays.toString(ih.shape())
                    + " where " + kind.inMessages + " needs (" + gates + "·hidden_size, input_size), " + ih.dim(0)
                    + " is no multiple of " + gates + ": check that the weights are those of a torch.nn." + kind);
        }
        int projSize = projected ? weights.matrix("weight_hr_l0").dim(0) : 0;
        if (projSize >= hiddenSize) {
            throw new InvalidModelException("tensor '" + weights.fullName("weight_hr_l0") + "' projects hidden_size " + hiddenSize
                    + " to proj_size " + projSize + ", which must be smaller than hidden_size");
        }
        return new RecurrentGeometry(kind, gates, cell, ih.dim(1), hiddenSize, numLayers, bias, numDirections, projSize,
                peepholes,
                layerNorm);
    }

    /** Rows of weight_ih and weight_hh. */
    int rows() {
        return gates * hiddenSize;
    }

    /** Features that a layer of the stack takes. */
    int inputSize(int layer) {
        return layer == 0 ? inputSize : outputSize();
    }

    /** Elements of one h. */
    int hiddenStateSize() {
        return projSize > 0 ? projSize : hiddenSize;
    }

    /** Elements of one c; only an LSTM has any. */
    int cellStateSize() {
        return kind == Kind.LSTM ? hiddenSize : 0;
    }

    /** Features of one step of the output: the directions side by side. */
    int outputSize() {
        return numDirections * hiddenStateSize();
    }

    /** num_layers · num_directions: how many states one sequence has. */
    int states() {
        return numLayers * numDirections;
    }

    String suffix(int layer, int direction) {
        return (cell ? "" : "_l" + layer) + (direction == 1 ? "_reverse" : "");
    }

    /** For messages. */
    @Override
    public String toString() {
        String name = kind == Kind.LSTM && gates == 3 ? "a coupled lstm" : kind.inMessages;
        return name + (cell ? " cell" : "") + " of input_size " + inputSize + ", hidden_size " + hiddenSize
                + (projSize > 0 ? ", proj_size " + projSize : "") + (numDirections == 2 ? ", bidirectional" : "");
    }
}
