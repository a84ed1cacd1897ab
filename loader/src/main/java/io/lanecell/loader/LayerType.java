package io.lanecell.loader;

import io.lanecell.LayerSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The layers that model.json knows, with the arguments of their torch.nn classes that they may carry. */
enum LayerType {
    /** torch.nn.Embedding. */
    EMBEDDING("num_embeddings", "embedding_dim", "padding_idx"),
    /** torch.nn.LSTM or LSTMCell. */
    LSTM("input_size", "hidden_size", "num_layers", "bias", "batch_first", "dropout", "bidirectional", "proj_size"),
    /** torch.nn.Linear. */
    LINEAR("in_features", "out_features", "bias"),
    /** torch.nn.Softmax. */
    SOFTMAX("dim"),
    /** torch.nn.LogSoftmax. */
    LOG_SOFTMAX("dim"),
    /** The last step of the sequence. */
    LAST_STEP,
    /** The last hidden state. */
    FINAL_HIDDEN,
    /** torch.nn.Dropout. */
    DROPOUT("p");

    private final List<String> arguments;

    LayerType(String... arguments) {
        this.arguments = List.of(arguments);
    }

    /** The constructor arguments it may carry. */
    List<String> arguments() {
        return arguments;
    }

    /** Its name in model.json. */
    String typeName() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    boolean hasWeights() {
        return this == EMBEDDING || this == LSTM || this == LINEAR;
    }

    static Optional<LayerType> named(String name) {
        return Arrays.stream(values()).filter(type -> type.typeName().equals(name)).findFirst();
    }

    static List<String> names() {
        return Arrays.stream(values()).map(LayerType::typeName).toList();
    }

    static LayerType of(LayerSpec spec) {
        return named(spec.type()).orElseThrow();
    }

    /** The layer over the tensors behind {@code weights}. */
    LayerSpec spec(String weights, JsonObject arguments) {
        return switch (this) {
            case EMBEDDING -> new LayerSpec.Embedding(weights);
            case LSTM -> new LayerSpec.Lstm(weights, arguments.truth("batch_first").orElse(false));
            case LINEAR -> new LayerSpec.Linear(weights);
            case SOFTMAX -> new LayerSpec.Softmax();
            case LOG_SOFTMAX -> new LayerSpec.LogSoftmax();
            case LAST_STEP -> new LayerSpec.LastStep();
            case FINAL_HIDDEN -> new LayerSpec.FinalHidden();
            case DROPOUT -> new LayerSpec.Dropout();
        };
    }
}
