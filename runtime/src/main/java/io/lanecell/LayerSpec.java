package io.lanecell;

/**
 * What one layer of a chain is, before any weights are bound to it. {@code weights} is the prefix of the layer's tensors in
 * the weight file ({@code "lstm"} for {@code lstm.weight_ih_l0}; empty when the names stand alone). Sizes are never part of
 * it: they are inferred from the tensors' shapes.
 */
public sealed interface LayerSpec {
    /** The layer's name in model.json, for instance {@code lstm}. */
    String type();

    /**
     * torch.nn.LSTM, or torch.nn.LSTMCell where the tensors' names have no {@code _l0}.
     *
     * @param batchFirst whether sequences are (N, T, I) rather than (T, N, I)
     */
    record Lstm(String weights, boolean batchFirst) implements LayerSpec {
        @Override
        public String type() {
            return "lstm";
        }
    }

    /** torch.nn.Embedding: a row of {@code weight} for each token. */
    record Embedding(String weights) implements LayerSpec {
        @Override
        public String type() {
            return "embedding";
        }
    }

    /** torch.nn.Linear: {@code x · weightᵀ + bias}, the bias optional. */
    record Linear(String weights) implements LayerSpec {
        @Override
        public String type() {
            return "linear";
        }
    }

    /** torch.nn.Softmax over the features (dim=-1). */
    record Softmax() implements LayerSpec {
        @Override
        public String type() {
            return "softmax";
        }
    }

    /** torch.nn.LogSoftmax over the features (dim=-1). */
    record LogSoftmax() implements LayerSpec {
        @Override
        public String type() {
            return "log_softmax";
        }
    }

    /** The recurrent output at each sequence's last step: {@code out[:, -1]}, or {@code out[n, lengths[n] - 1]}. */
    record LastStep() implements LayerSpec {
        @Override
        public String type() {
            return "last_step";
        }
    }

    /**
     * The last layer's final hidden state of each direction side by side: {@code h_n[-1]}, or
     * {@code cat([h_n[-2], h_n[-1]], dim=1)} for a bidirectional layer. It must follow an LSTM.
     */
    record FinalHidden() implements LayerSpec {
        @Override
        public String type() {
            return "final_hidden";
        }
    }

    /** torch.nn.Dropout, which does nothing at inference. */
    record Dropout() implements LayerSpec {
        @Override
        public String type() {
            return "dropout";
        }
    }
}
