package io.lanecell.loader;

import io.lanecell.ActivationFunction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The types of layers that model.json knows, with the keys they may carry. */
enum LayerType {
    /** torch.nn.Embedding. */
    EMBEDDING(Tensors.NEEDED, "num_embeddings", "embedding_dim", "padding_idx", "max_norm", "sparse", "scale_grad_by_freq"),
    /** torch.nn.LSTM or LSTMCell. */
    LSTM(Tensors.NEEDED, "input_size", "hidden_size", "num_layers", "bias", "batch_first", "dropout", "bidirectional",
            "proj_size"),
    /** torch.nn.GRU or GRUCell. */
    GRU(Tensors.NEEDED, "input_size", "hidden_size", "num_layers", "bias", "batch_first", "dropout", "bidirectional"),
    /** torch.nn.RNN or RNNCell. */
    RNN(Tensors.NEEDED, "input_size", "hidden_size", "num_layers", "nonlinearity", "bias", "batch_first", "dropout",
            "bidirectional"),
    /** torch.nn.Linear. */
    LINEAR(Tensors.NEEDED, "in_features", "out_features", "bias"),
    /** torch.nn.Conv1d. */
    CONV1D(Tensors.NEEDED, "in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "bias",
            "padding_mode"),
    /** torch.nn.MaxPool1d. */
    MAX_POOL1D(Tensors.NONE, "kernel_size", "stride", "padding", "dilation", "return_indices", "ceil_mode"),
    /** torch.nn.AvgPool1d. */
    AVG_POOL1D(Tensors.NONE, "kernel_size", "stride", "padding", "ceil_mode", "count_include_pad"),
    /** torch.nn.BatchNorm1d. */
    BATCH_NORM1D(Tensors.NEEDED, "num_features", "eps", "momentum", "affine", "track_running_stats"),
    /** torch.nn.LayerNorm. */
    LAYER_NORM(Tensors.OPTIONAL, "normalized_shape", "eps", "elementwise_affine", "bias"),
    /** An {@link ActivationFunction}; in model.json its type is the function's own name. */
    ACTIVATION(Tensors.NONE, "inplace"),
    /** torch.nn.Softmax. */
    SOFTMAX(Tensors.NONE, "dim"),
    /** torch.nn.LogSoftmax. */
    LOG_SOFTMAX(Tensors.NONE, "dim"),
    /** torch.nn.Dropout. */
    DROPOUT(Tensors.NONE, "p", "inplace"),
    /** The last step of the sequence. */
    LAST_STEP(Tensors.NONE),
    /** The last hidden state. */
    FINAL_HIDDEN(Tensors.NONE),
    /** The mean over the steps. */
    MEAN_OVER_TIME(Tensors.NONE),
    /** The largest over the steps. */
    MAX_OVER_TIME(Tensors.NONE),
    /** Additive attention over the steps. */
    ATTENTION_OVER_TIME(Tensors.NEEDED),
    /** Steps and features swapped. */
    TRANSPOSE(Tensors.NONE),
    /** Chains side by side. */
    CONCAT(Tensors.NONE),
    /** Chains summed. */
    ADD(Tensors.NONE),
    /** A decoder with attention; its keys name its tensors. */
    ATTENTION_DECODER(Tensors.NONE);

    /** Whether a layer has tensors behind its key "weights". */
    enum Tensors {
        /** Never. */
        NONE,
        /** If the key is there. */
        OPTIONAL,
        /** Always. */
        NEEDED
    }

    private final Tensors tensors;
    private final List<String> torchArguments;

    LayerType(Tensors tensors, String... torchArguments) {
        this.tensors = tensors;
        this.torchArguments = List.of(torchArguments);
    }

    Tensors tensors() {
        return tensors;
    }

    /** The arguments of its torch.nn class that it may carry. */
    List<String> torchArguments() {
        return torchArguments;
    }

    /** Keys of model.json that PyTorch's class has no argument for. */
    List<String> ownKeys() {
        return switch (this) {
            case LSTM -> List.of("gate_activation", "cell_activation", "output_activation", "coupled", "cell_clip", "norm_eps");
            case CONCAT, ADD -> List.of("branches");
            case ATTENTION_DECODER -> List.of("embedding", "cell", "head", "start", "steps");
            default -> List.of();
        };
    }

    static Optional<LayerType> named(String name) {
        if (activation(name).isPresent()) {
            return Optional.of(ACTIVATION);
        }
        return Arrays.stream(values()).filter(type -> type != ACTIVATION && type.typeName().equals(name)).findFirst();
    }

    /** The function of that name in model.json. */
    static Optional<ActivationFunction> activation(String name) {
        return Arrays.stream(ActivationFunction.values()).filter(function -> function.jsonName().equals(name)).findFirst();
    }

    /** All names of types in model.json. */
    static List<String> names() {
        List<String> names = new ArrayList<>();
        Arrays.stream(values()).filter(type -> type != ACTIVATION).map(LayerType::typeName).forEach(names::add);
        names.addAll(functionNames());
        return names;
    }

    /** The type that somebody may have meant by a name that is none, as {@code nn.GRU} or {@code max_pool}. */
    static Optional<String> nearest(String name) {
        return Nearest.to(name, names(), LayerType::plain);
    }

    /** Without what differs between PyTorch's names and ours: MaxPool1d and max_pool1d. */
    private static String plain(String name) {
        return name.substring(name.lastIndexOf('.') + 1).replace("_", "").toLowerCase(Locale.ROOT);
    }

    /** The names of activation functions. */
    static List<String> functionNames() {
        return Arrays.stream(ActivationFunction.values()).map(ActivationFunction::jsonName).toList();
    }

    private String typeName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
