package io.lanecell.loader;

import io.lanecell.Tensor;
import io.lanecell.Weights;
import io.lanecell.loader.KerasVariables.Part;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** The layers that a Keras model's description names, converted one by one; refused where torch.nn computes something else. */
final class KerasModel {
    private static final int DEEPEST = 16;
    private static final int JSON_BYTES_PER_CHARACTER = 28;
    /** How often a layer's name is put together, with the models around it, for its tensors and in messages. */
    private static final int NAME_COPIES = 16;
    private static final List<String> RECURRENT = List.of("kernel", "recurrent_kernel", "bias");

    private final Source source;
    private final KerasVariables variables;
    private final KerasTensors tensors;

    /** A layer of the model: its class, its arguments, its name in our weights, where its variables are. */
    private record Described(String className, JsonNode config, String name, String group, boolean wrapped) {
        Described inside(JsonNode layer) {
            return new Described(layer.path("class_name").asString(""), layer.path("config"), name, group, true);
        }
    }

    KerasModel(Source source, KerasVariables variables) {
        this.source = source;
        this.variables = variables;
        this.tensors = new KerasTensors(source);
    }

    /** Converts every layer; {@code group} is where the outermost ones stand. */
    Weights convert(String json, String group) {
        source.charge((long) JSON_BYTES_PER_CHARACTER * json.length(), "the model's description");
        JsonNode root;
        try {
            root = JsonFile.parse(json);
        } catch (JacksonException e) {
            throw source.malformed("the model's description is not valid JSON: " + JsonProblem.describe(e));
        }
        model(root.path("config"), group, "", 0);
        if (tensors.all().isEmpty()) {
            throw source.malformed("describes no layer whose weights are read: LSTM, GRU, SimpleRNN, Bidirectional, Dense,"
                    + " Embedding, Conv1D, BatchNormalization, LayerNormalization");
        }
        return Weights.of(tensors.all());
    }

    private void model(JsonNode config, String group, String prefix, int depth) {
        if (depth > DEEPEST) {
            throw source.malformed("describes models in models deeper than " + DEEPEST + " levels");
        }
        Map<String, Integer> counts = new HashMap<>();
        for (JsonNode layer : config.path("layers")) {
            String className = layer.path("class_name").asString("");
            String name = layer.path("config").path("name").asString(layer.path("name").asString(""));
            if (className.isEmpty() || name.isEmpty()) {
                throw source.malformed("describes a layer without a class_name or a name");
            }
            // Long names of models in models make far longer ones of their layers.
            source.charge(NAME_COPIES * (2L * prefix.length() + group.length() + name.length() + className.length()),
                    "the layers' names");
            String place = variables.group(group, className, name, counts);
            if (layer.path("config").path("layers").isArray()) {
                model(layer.path("config"), place + "/", prefix + name + ".", depth + 1);
            } else {
                layer(new Described(className, layer.path("config"), prefix + name, place, false));
            }
        }
    }

    private void layer(Described layer) {
        switch (layer.className) {
            case "LSTM", "GRU", "SimpleRNN" -> {
                recurrent(layer, layer.className, layer.config, Part.CELL, "_l0");
                remarkGoingBackwards(layer);
            }
            case "Bidirectional" -> bidirectional(layer);
            case "TimeDistributed" -> layer(layer.inside(layer.config.path("layer")));
            case "Dense" -> {
                Map<String, Tensor> found = find(layer, Part.LAYER, List.of("kernel", "bias"));
                tensors.dense(layer.name, required(layer, found, "kernel"), bias(layer, found));
                remarkActivation(layer);
            }
            case "Conv1D" -> {
                Map<String, Tensor> found = find(layer, Part.LAYER, List.of("kernel", "bias"));
                tensors.conv1d(layer.name, required(layer, found, "kernel"), bias(layer, found));
                String padding = layer.config.path("padding").asString("valid");
                if (!padding.equals("valid")) {
                    source.remark(title(layer) + " pads (" + Quote.line(padding, 20) + "): give Conv1d's padding in model.json");
                }
                remarkActivation(layer);
            }
            case "Embedding" -> {
                Map<String, Tensor> found = find(layer, Part.LAYER, List.of("embeddings"));
                tensors.same(layer.name, "weight", required(layer, found, "embeddings"));
            }
            case "BatchNormalization", "LayerNormalization" -> norm(layer);
            default -> leftOut(layer);
        }
    }

    /** The layer's variables; one that is there but can't be read must not pass for none. */
    private Map<String, Tensor> find(Described layer, Part part, List<String> roles) {
        variables.unread(layer.group, part, layer.wrapped, roles).ifPresent(unread -> {
            throw source.unsupported(title(layer) + " has a variable of a type that is not read, dataset "
                    + Quote.of(unread.getKey()) + " (" + unread.getValue()
                    + "): save the model with little-endian float32 weights");
        });
        return variables.find(layer.group, part, layer.wrapped, roles);
    }

    /** The bias of a layer that may have none. */
    private Optional<Tensor> bias(Described layer, Map<String, Tensor> found) {
        return layer.config.path("use_bias").asBoolean(false)
                ? Optional.of(required(layer, found, "bias"))
                : Optional.ofNullable(found.get("bias"));
    }

    private void leftOut(Described layer) {
        boolean has = !variables.find(layer.group, Part.LAYER, layer.wrapped, List.of("kernel", "bias")).isEmpty();
        if (has) {
            source.remark(title(layer) + " is left out: weights of " + Quote.of(layer.className) + " are not read");
        }
    }

    private void recurrent(Described layer, String className, JsonNode config, Part part, String end) {
        KerasTensors.Cell cell = switch (className) {
            case "LSTM" -> KerasTensors.Cell.LSTM;
            case "GRU" -> KerasTensors.Cell.GRU;
            case "SimpleRNN" -> KerasTensors.Cell.SIMPLE_RNN;
            default -> throw source.unsupported(title(layer) + " runs " + Quote.of(className)
                    + " in both directions, read are LSTM, GRU and SimpleRNN");
        };
        if (cell == KerasTensors.Cell.GRU && !config.path("reset_after").asBoolean(true)) {
            throw source.unsupported(title(layer) + " is a GRU with reset_after=False, which multiplies by the reset gate before"
                    + " the matrix and PyTorch's GRU after it: train it with reset_after=True");
        }
        checkActivations(layer, cell, config);
        Map<String, Tensor> found = find(layer, part, RECURRENT);
        boolean bias = config.path("use_bias").asBoolean(true);
        tensors.recurrent(cell, layer.name, end, required(layer, found, "kernel"), required(layer, found, "recurrent_kernel"),
                bias ? Optional.of(required(layer, found, "bias")) : Optional.empty());
    }

    private void bidirectional(Described layer) {
        JsonNode inner = layer.config.path("layer");
        JsonNode back = layer.config.path("backward_layer").isObject() ? layer.config.path("backward_layer") : inner;
        String className = inner.path("class_name").asString("");
        if (!back.path("class_name").asString("").equals(className)) {
            throw source.unsupported(title(layer) + " has layers of two kinds, torch.nn's have one");
        }
        recurrent(layer, className, inner.path("config"), Part.FORWARD, "_l0");
        recurrent(layer, className, back.path("config"), Part.BACKWARD, "_l0_reverse");
        String merge = layer.config.path("merge_mode").asString("none");
        if (!merge.equals("concat")) {
            source.remark(
                    title(layer) + " merges its directions by " + Quote.of(merge) + ", torch.nn's layers set them side by side");
        }
    }

    private void norm(Described layer) {
        boolean batch = layer.className.equals("BatchNormalization");
        boolean scale = layer.config.path("scale").asBoolean(true);
        boolean center = layer.config.path("center").asBoolean(true);
        List<String> roles = new ArrayList<>();
        if (scale) {
            roles.add("gamma");
        }
        if (center) {
            roles.add("beta");
        }
        if (batch) {
            roles.addAll(List.of("moving_mean", "moving_variance"));
        }
        Map<String, Tensor> found = find(layer, Part.LAYER, roles);
        roles.forEach(role -> tensors.same(layer.name, switch (role) {
            case "gamma" -> "weight";
            case "beta" -> "bias";
            case "moving_mean" -> "running_mean";
            default -> "running_var";
        }, required(layer, found, role)));
        if (scale != center) {
            source.remark(title(layer) + " has only a " + (scale ? "weight" : "bias") + ", torch.nn's have both or none: add "
                    + (scale ? "zeros as its bias" : "ones as its weight"));
        }
        source.remark(title(layer) + ": " + (scale ? "gamma is weight, " : "") + (center ? "beta is bias, " : "")
                + "in model.json set eps to " + layer.config.path("epsilon").asDouble(1e-3));
    }

    private void checkActivations(Described layer, KerasTensors.Cell cell, JsonNode config) {
        String activation = activation(config.path("activation"), "tanh");
        String gate = activation(config.path("recurrent_activation"), "sigmoid");
        boolean usual = activation.equals("tanh") && (cell == KerasTensors.Cell.SIMPLE_RNN || gate.equals("sigmoid"));
        if (usual) {
            return;
        }
        boolean expressible = switch (cell) {
            case LSTM -> KNOWN.contains(activation) && KNOWN.contains(gate);
            case GRU -> false;
            case SIMPLE_RNN -> activation.equals("relu");
        };
        if (!expressible) {
            throw source.unsupported(title(layer) + " has activation " + Quote.of(activation) + " and recurrent_activation "
                    + Quote.of(gate) + ", which Lanecell has none of for it");
        }
        source.remark(title(layer) + " has activation " + Quote.of(activation)
                + (cell == KerasTensors.Cell.LSTM ? " and recurrent_activation " + Quote.of(gate) : "")
                + ": say so in model.json (" + (cell == KerasTensors.Cell.LSTM
                        ? "gate_activation, cell_activation, output_activation"
                        : "nonlinearity")
                + ")" + (gate.equals("hard_sigmoid") ? "; Keras 2's hard_sigmoid is hard_sigmoid_keras2 there" : ""));
    }

    private static final List<String> KNOWN = List.of("tanh", "sigmoid", "hard_sigmoid", "relu", "linear", "softsign", "softplus",
            "elu", "gelu", "silu", "swish");

    /** A name, or what a custom function is called; linear where none is given on purpose. */
    private static String activation(JsonNode node, String otherwise) {
        if (node.isMissingNode()) {
            return otherwise;
        }
        return node.isNull() ? "linear" : node.asString(node.path("config").asString("?"));
    }

    private void remarkActivation(Described layer) {
        String activation = activation(layer.config.path("activation"), "linear");
        if (!activation.equals("linear")) {
            source.remark(
                    title(layer) + " has activation " + Quote.of(activation) + ", which is no weight: add it to model.json");
        }
    }

    private void remarkGoingBackwards(Described layer) {
        if (layer.config.path("go_backwards").asBoolean(false)) {
            throw source.unsupported(title(layer) + " runs backwards only (go_backwards), which no torch.nn layer does: reverse"
                    + " the sequence instead");
        }
    }

    private Tensor required(Described layer, Map<String, Tensor> found, String role) {
        Tensor tensor = found.get(role);
        if (tensor == null) {
            throw source.malformed(title(layer) + " has no variable " + role + " under " + Quote.of(layer.group)
                    + ", save the model again");
        }
        return tensor;
    }

    private static String title(Described layer) {
        return "layer " + Quote.of(layer.name) + " (" + Quote.line(layer.className, 40) + ")";
    }
}
