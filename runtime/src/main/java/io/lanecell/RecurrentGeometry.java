package io.lanecell;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * The constructor arguments of a torch.nn.LSTM, GRU or RNN, or of their cells, read off the state dict.
 *
 * @param kind          which of them
 * @param inputSize     features per step (I)
 * @param hiddenSize    hidden units (H)
 * @param numLayers     layers stacked (L)
 * @param bias          whether there are biases
 * @param bidirectional whether each layer also runs backward in time (D = 2)
 * @param projSize      size of an LSTM's projected hidden state (P), or 0 without projection
 * @param cell          whether the names are LSTMCell's, GRUCell's or RNNCell's, without {@code _l0}
 */
public record RecurrentGeometry(Kind kind, int inputSize, int hiddenSize, int numLayers, boolean bias, boolean bidirectional,
        int projSize, boolean cell) {
    /** What goes from step to step, and by how many gates. */
    public enum Kind {
        /** h and c; gates i, f, g, o. */
        LSTM("LSTM", 4),
        /** h and c; gates i, g, o and f = 1 − i, which PyTorch lacks: see {@link LstmOptions}. */
        COUPLED_LSTM("LSTM", 3),
        /** h; gates r, z, n. */
        GRU("GRU", 3),
        /** h alone. */
        RNN("RNN", 1);

        private final String torchName;
        private final int gates;

        Kind(String torchName, int gates) {
            this.torchName = torchName;
            this.gates = gates;
        }

        /** What PyTorch calls it: {@code LSTM}, {@code GRU}, {@code RNN}. */
        public String torchName() {
            return torchName;
        }

        /** Rows of the weight matrices for each hidden unit. */
        public int gates() {
            return gates;
        }

        /** Whether there is a cell state c beside h. */
        public boolean hasCellState() {
            return this == LSTM || this == COUPLED_LSTM;
        }
    }

    /**
     * Infers the geometry from names and shapes.
     *
     * @param weights one layer's tensors under PyTorch's names, {@code weight_ih_l0} …
     * @throws InvalidModelException if a tensor is missing, surplus or of another shape than the rest imply
     */
    public static RecurrentGeometry of(Weights weights, Kind kind) {
        boolean cell = weights.has("weight_ih");
        String first = cell ? "" : "_l0";
        Tensor inputWeight = TensorChecks.matrix(weights, "weight_ih" + first);
        int rows = inputWeight.dim(0);
        if (rows % kind.gates != 0) {
            throw new InvalidModelException("tensor '" + weights.fullName("weight_ih" + first) + "' has " + rows + " rows, "
                    + (kind == Kind.COUPLED_LSTM ? "a coupled LSTM" : kind == Kind.GRU ? "a GRU" : "an LSTM") + "'s "
                    + (kind.gates == 4 ? "four" : "three") + " gates need a multiple of " + kind.gates
                    + ": is this another kind, of LSTM (4), GRU (3) and RNN (1)?");
        }
        int layers = 1;
        while (!cell && weights.has("weight_ih_l" + layers)) {
            layers++;
        }
        boolean bidirectional = !cell && anyName(weights, "", "_reverse");
        boolean bias = anyName(weights, "bias_", "");
        boolean projected = kind.hasCellState() && anyName(weights, "weight_hr", "");
        int projSize = projected ? TensorChecks.matrix(weights, "weight_hr" + first).dim(0) : 0;
        RecurrentGeometry geometry = new RecurrentGeometry(kind, inputWeight.dim(1), rows / kind.gates, layers, bias,
                bidirectional, projSize, cell);
        geometry.check(weights);
        return geometry;
    }

    /**
     * The kind that the shapes tell, by the rows that weight_hh has for each of its columns; what has a projection is an LSTM.
     *
     * @throws InvalidModelException if there is no weight_hh, or it tells none
     */
    public static Kind kindOf(Weights weights) {
        if (anyName(weights, "weight_hr", "")) {
            return Kind.LSTM;
        }
        String name = weights.has("weight_hh") ? "weight_hh" : "weight_hh_l0";
        Tensor matrix = TensorChecks.matrix(weights, name);
        for (Kind kind : new Kind[]{Kind.LSTM, Kind.GRU, Kind.RNN}) {
            if (matrix.dim(0) == (long) kind.gates * matrix.dim(1)) {
                return kind;
            }
        }
        throw new InvalidModelException("tensor '" + weights.fullName(name) + "' is " + matrix
                + " where 4 (LSTM), 3 (GRU) or 1 (RNN) times as many rows as columns are expected");
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
        boolean peepholes = kind.hasCellState() && LstmExtras.anyPeephole(weights);
        boolean norms = kind.hasCellState() && LstmExtras.anyNorm(weights);
        int rows = kind.gates * hiddenSize;
        Set<String> known = new HashSet<>();
        for (int layer = 0; layer < numLayers; layer++) {
            for (int direction = 0; direction < directions(); direction++) {
                String suffix = suffix(layer, direction);
                require(weights, known, "weight_ih" + suffix, rows, layerInputSize(layer));
                require(weights, known, "weight_hh" + suffix, rows, outputSizePerDirection());
                if (bias) {
                    require(weights, known, "bias_ih" + suffix, rows);
                    require(weights, known, "bias_hh" + suffix, rows);
                }
                if (projSize > 0) {
                    require(weights, known, "weight_hr" + suffix, projSize, hiddenSize);
                }
                if (peepholes) {
                    for (String name : LstmExtras.peepholes(kind)) {
                        require(weights, known, name + suffix, hiddenSize);
                    }
                }
                if (norms) {
                    for (String name : LstmExtras.NORMS) {
                        require(weights, known, name + suffix, name.startsWith("ln_c") ? hiddenSize : rows);
                    }
                }
            }
        }
        TensorChecks.noneBut(weights, known, "this " + kind.torchName + " (" + this + ")");
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

    /** Size of one direction's cell state: H in an LSTM, else 0. */
    public int cellSizePerDirection() {
        return kind.hasCellState() ? hiddenSize : 0;
    }

    /** Features per step that it gives: D · (P or H). */
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

    /** Number of weights and biases, those of {@link LstmOptions} not counted. */
    public long parameters() {
        long count = 0;
        for (int layer = 0; layer < numLayers; layer++) {
            long rows = (long) kind.gates * hiddenSize;
            long gates = rows * (layerInputSize(layer) + outputSizePerDirection() + (bias ? 2 : 0));
            count += directions() * (gates + (long) projSize * hiddenSize);
        }
        return count;
    }

    /** As PyTorch prints it, for instance {@code LSTM(128, 256, num_layers=2, bidirectional=True)}. */
    @Override
    public String toString() {
        return kind.torchName + (cell ? "Cell(" : "(") + inputSize + ", " + hiddenSize
                + (numLayers > 1 ? ", num_layers=" + numLayers : "") + (bias ? "" : ", bias=False")
                + (bidirectional ? ", bidirectional=True" : "") + (projSize > 0 ? ", proj_size=" + projSize : "") + ")";
    }
}
