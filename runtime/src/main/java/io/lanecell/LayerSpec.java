package io.lanecell;

import java.util.List;

/**
 * What one layer of a chain is, before any weights are bound to it. {@code weights} is the prefix of the layer's tensors in
 * the weight file ({@code "lstm"} for {@code lstm.weight_ih_l0}; empty when the names stand alone). Sizes are never part of
 * it: they are inferred from the tensors' shapes.
 */
public sealed interface LayerSpec {
    /** The layer's name in model.json, for instance {@code lstm}. */
    String type();

    /** A layer with a state that goes from step to step. */
    sealed interface Recurrent extends LayerSpec {
        /** The prefix of its tensors' names. */
        String weights();

        /** Whether sequences are (N, T, I) rather than (T, N, I). */
        boolean batchFirst();
    }

    /**
     * torch.nn.LSTM, or torch.nn.LSTMCell where the tensors' names have no {@code _l0}.
     *
     * @param batchFirst whether sequences are (N, T, I) rather than (T, N, I)
     * @param options    what PyTorch's LSTM doesn't do, if anything
     */
    record Lstm(String weights, boolean batchFirst, LstmOptions options) implements Recurrent {
        /** torch.nn.LSTM. */
        public Lstm(String weights, boolean batchFirst) {
            this(weights, batchFirst, LstmOptions.PYTORCH);
        }

        @Override
        public String type() {
            return "lstm";
        }
    }

    /** torch.nn.GRU, or torch.nn.GRUCell where the tensors' names have no {@code _l0}; gates r, z, n. */
    record Gru(String weights, boolean batchFirst) implements Recurrent {
        @Override
        public String type() {
            return "gru";
        }
    }

    /**
     * torch.nn.RNN, or torch.nn.RNNCell where the tensors' names have no {@code _l0}.
     *
     * @param nonlinearity TANH or RELU
     */
    record Rnn(String weights, boolean batchFirst, ActivationFunction nonlinearity) implements Recurrent {
        @Override
        public String type() {
            return "rnn";
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
     * {@code cat([h_n[-2], h_n[-1]], dim=1)} for a bidirectional layer. It must follow a recurrent layer.
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

    /**
     * torch.nn.Conv1d over the steps: {@code weight} (O, I / groups, kernel_size), {@code bias} if any. A padded batch' sequences are each
     * convolved as if alone.
     *
     * @param stride       steps from one output to the next
     * @param paddingLeft  zeros before the first step; {@code dilation · (kernel_size − 1)} with none at the right makes it causal
     * @param paddingRight zeros after the last step
     * @param dilation     steps from one tap to the next
     * @param groups       groups of channels that see only each other
     */
    record Conv1d(String weights, int stride, int paddingLeft, int paddingRight, int dilation, int groups) implements LayerSpec {
        @Override
        public String type() {
            return "conv1d";
        }
    }

    /** torch.nn.MaxPool1d over the steps; {@code padding} counts as −∞, at most half of {@code kernelSize}. */
    record MaxPool1d(int kernelSize, int stride, int padding) implements LayerSpec {
        @Override
        public String type() {
            return "max_pool1d";
        }
    }

    /** torch.nn.AvgPool1d over the steps; {@code countPadding} as PyTorch's count_include_pad. */
    record AvgPool1d(int kernelSize, int stride, int padding, boolean countPadding) implements LayerSpec {
        @Override
        public String type() {
            return "avg_pool1d";
        }
    }

    /**
     * torch.nn.BatchNorm1d at inference, over the features: {@code running_mean}, {@code running_var}, {@code weight} and {@code bias} if
     * affine; {@code num_batches_tracked} is not used.
     */
    record BatchNorm1d(String weights, double epsilon) implements LayerSpec {
        @Override
        public String type() {
            return "batch_norm1d";
        }
    }

    /** torch.nn.LayerNorm over the features: {@code weight} and {@code bias} if affine (without a prefix and tensors: neither). */
    record LayerNorm(String weights, double epsilon) implements LayerSpec {
        @Override
        public String type() {
            return "layer_norm";
        }
    }

    /**
     * A function of every number by itself. In model.json its type is the function's name: {@code relu}.
     *
     * @param parameter see {@link ActivationFunction#parameterName()}; of no meaning where there is none
     */
    record Activation(ActivationFunction function, float parameter) implements LayerSpec {
        /** With the usual parameter. */
        public Activation(ActivationFunction function) {
            this(function, function.defaultParameter());
        }

        @Override
        public String type() {
            return function.jsonName();
        }
    }

    /** The mean over each sequence's steps: {@code out.mean(dim=1)}. */
    record MeanOverTime() implements LayerSpec {
        @Override
        public String type() {
            return "mean_over_time";
        }
    }

    /** The largest of each feature over each sequence's steps: {@code out.max(dim=1).values}. */
    record MaxOverTime() implements LayerSpec {
        @Override
        public String type() {
            return "max_over_time";
        }
    }

    /**
     * Additive attention over time (Zhou et al. 2016): with a = softmax over the steps of {@code tanh(H) · w}, the sum {@code Σ a_t H_t}.
     *
     * @param weights the vector w: the tensor of just this name, or behind it {@code .weight}; (F) or (1, F)
     */
    record AttentionOverTime(String weights) implements LayerSpec {
        @Override
        public String type() {
            return "attention_over_time";
        }
    }

    /**
     * Swaps steps and features, {@code permute(0, 2, 1)}: as the first layer it takes (N, C, T), the way torch.nn.Conv1d does, as the
     * last it gives (N, C, T). Inside a chain everything is steps of features, so it can stand nowhere else.
     */
    record Transpose() implements LayerSpec {
        @Override
        public String type() {
            return "transpose";
        }
    }

    /**
     * Several chains over the same input, their results side by side ({@code torch.cat(…, dim=-1)}). A branch without layers hands
     * the input on. All give as many steps.
     */
    record Concat(List<List<LayerSpec>> branches) implements LayerSpec {
        /** Copies the lists. */
        public Concat {
            branches = branches.stream().map(List::copyOf).toList();
        }

        @Override
        public String type() {
            return "concat";
        }
    }

    /** Several chains over the same input, their results summed from the first to the last; with an empty one, a residual connection. */
    record Add(List<List<LayerSpec>> branches) implements LayerSpec {
        /** Copies the lists. */
        public Add {
            branches = branches.stream().map(List::copyOf).toList();
        }

        @Override
        public String type() {
            return "add";
        }
    }

    /**
     * A greedy decoder with dot-product attention (Luong et al. 2015) over the output H of the layer before it, which must be an
     * LSTM or GRU of one direction with the hidden size of the decoder's cell. The cell (LSTMCell or GRUCell, by its tensors) starts from
     * that layer's final state and the token {@code start}. At each of {@code steps} steps:
     * {@code h = cell(embedding(token), h)}, {@code a = softmax(H · h)}, {@code y = head([h, Σ a_t H_t])}, and the next token is the largest of y.
     * The output is y at each step: (N, steps, O).
     *
     * @param embedding prefix of the target embedding's tensors
     * @param cell      prefix of the cell's tensors
     * @param head      the layers from h and context to the logits, row by row (linear, activations, layer_norm, dropout)
     */
    record AttentionDecoder(String embedding, String cell, List<LayerSpec> head, int start, int steps) implements LayerSpec {
        /** Copies the list. */
        public AttentionDecoder {
            head = List.copyOf(head);
        }

        @Override
        public String type() {
            return "attention_decoder";
        }
    }
}
