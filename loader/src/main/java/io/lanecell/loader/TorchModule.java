package io.lanecell.loader;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** Reads a case's config.json, which names a single torch class or function and its arguments. */
final class TorchModule {
    /** torch.nn's classes, by the type that model.json has for them. */
    private static final Map<String, String> CLASSES = Map.ofEntries(Map.entry("LSTM", "lstm"), Map.entry("LSTMCell", "lstm"),
            Map.entry("GRU", "gru"), Map.entry("GRUCell", "gru"), Map.entry("RNN", "rnn"), Map.entry("RNNCell", "rnn"),
            Map.entry("Linear", "linear"), Map.entry("Embedding", "embedding"), Map.entry("Conv1d", "conv1d"),
            Map.entry("MaxPool1d", "max_pool1d"), Map.entry("AvgPool1d", "avg_pool1d"), Map.entry("BatchNorm1d", "batch_norm1d"),
            Map.entry("LayerNorm", "layer_norm"), Map.entry("Softmax", "softmax"), Map.entry("LogSoftmax", "log_softmax"),
            Map.entry("Dropout", "dropout"), Map.entry("Identity", "identity"), Map.entry("ReLU", "relu"),
            Map.entry("ReLU6", "relu6"), Map.entry("LeakyReLU", "leaky_relu"), Map.entry("ELU", "elu"), Map.entry("GELU", "gelu"),
            Map.entry("SiLU", "silu"), Map.entry("Hardswish", "hard_swish"), Map.entry("Tanh", "tanh"),
            Map.entry("Hardtanh", "hard_tanh"), Map.entry("Sigmoid", "sigmoid"), Map.entry("Hardsigmoid", "hard_sigmoid"),
            Map.entry("Softplus", "softplus"), Map.entry("Softsign", "softsign"));
    /** Functions of torch or torch.nn.functional. */
    private static final Map<String, String> FUNCTIONS = Map.ofEntries(Map.entry("softmax", "softmax"),
            Map.entry("log_softmax", "log_softmax"), Map.entry("relu", "relu"), Map.entry("relu6", "relu6"),
            Map.entry("leaky_relu", "leaky_relu"), Map.entry("elu", "elu"), Map.entry("gelu", "gelu"), Map.entry("silu", "silu"),
            Map.entry("hardswish", "hard_swish"), Map.entry("tanh", "tanh"), Map.entry("hardtanh", "hard_tanh"),
            Map.entry("sigmoid", "sigmoid"), Map.entry("hardsigmoid", "hard_sigmoid"), Map.entry("softplus", "softplus"),
            Map.entry("softsign", "softsign"));
    /** What a cell takes of its layer's arguments. */
    private static final List<String> CELL_ARGUMENTS = List.of("input_size", "hidden_size", "bias", "nonlinearity");
    /** Arguments of every torch.nn class that say how it was made, not what it is. */
    private static final List<String> FACTORY_ARGUMENTS = List.of("device", "dtype");

    private TorchModule() {
    }

    static ModelDescription parse(Path file, JsonNode node) {
        JsonObject json = new JsonObject(file, "", node);
        String module = json.requiredText("module");
        String named = typeName(module).orElseThrow(() -> json.error(module.startsWith("torch.")
                ? "module " + Quote.of(module) + " is not supported, supported are torch.nn."
                        + String.join(", ", new TreeSet<>(CLASSES.keySet())) + ", and the functions torch."
                        + String.join(", ", new TreeSet<>(FUNCTIONS.keySet()))
                : "module " + Quote.of(module) + " is a class of its author's, put a model.json beside it (or pass one with"
                        + " --model) that describes its layers"));
        JsonObject arguments = (json.has("args") ? json.object("args") : JsonObject.empty(file, "args")).at(module);
        String name = named.equals("gelu") ? gelu(arguments) : named;
        LayerType type = LayerType.named(name).orElseThrow();
        arguments.allowOnly(known(module, type, name));
        refuseOtherThanUsual(name, arguments);
        DescribedLayer layer = new DescribedLayer(type, name, arguments);
        return new ModelDescription(file, Optional.empty(), inPyTorchsLayout(layer), Set.of(), Optional.empty(), List.of());
    }

    private static Optional<String> typeName(String module) {
        for (String start : List.of("torch.nn.functional.", "torch.nn.", "torch.")) {
            if (module.startsWith(start)) {
                String last = module.substring(start.length());
                return Optional.ofNullable((start.equals("torch.nn.") ? CLASSES : FUNCTIONS).get(last));
            }
        }
        return Optional.empty();
    }

    private static List<String> known(String module, LayerType type, String name) {
        List<String> known = new ArrayList<>(type.torchArguments());
        if (module.endsWith("Cell")) {
            known.retainAll(CELL_ARGUMENTS);
        }
        LayerType.activation(name).map(function -> function.parameterName()).filter(key -> !key.isEmpty()).ifPresent(known::add);
        switch (name) {
            case "gelu", "gelu_tanh" -> known.add("approximate");
            case "softplus" -> known.add("threshold");
            case "hard_tanh" -> known.addAll(List.of("min_val", "max_val"));
            default -> {
            }
        }
        known.addAll(FACTORY_ARGUMENTS);
        return known;
    }

    private static String gelu(JsonObject arguments) {
        String approximate = arguments.text("approximate").orElse("none");
        return switch (approximate) {
            case "none" -> "gelu";
            case "tanh" -> "gelu_tanh";
            default -> throw arguments.error("approximate is " + Quote.of(approximate) + ", expected 'none' or 'tanh'");
        };
    }

    private static void refuseOtherThanUsual(String name, JsonObject arguments) {
        switch (name) {
            case "softplus" -> only(arguments, "threshold", 20);
            case "hard_tanh" -> {
                only(arguments, "min_val", -1);
                only(arguments, "max_val", 1);
            }
            default -> {
            }
        }
    }

    private static void only(JsonObject arguments, String key, double usual) {
        double value = arguments.number(key).orElse(usual);
        if (value != usual) {
            throw arguments.error(key + " is " + value + ", only " + usual + " is supported");
        }
    }

    /** These classes take and give (N, C, L), which a chain does between transposes. */
    private static List<DescribedLayer> inPyTorchsLayout(DescribedLayer layer) {
        return switch (layer.type()) {
            case CONV1D, MAX_POOL1D, AVG_POOL1D, BATCH_NORM1D -> {
                DescribedLayer transpose = new DescribedLayer(LayerType.TRANSPOSE, "transpose", layer.json());
                yield List.of(transpose, layer, transpose);
            }
            default -> List.of(layer);
        };
    }
}
