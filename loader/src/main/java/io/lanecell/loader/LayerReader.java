package io.lanecell.loader;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Reads the layers of a model.json: its chain, and the chains inside its layers. */
final class LayerReader {
    /** Each costs some kilobytes to read and bind. */
    private static final int MOST_LAYERS = 4096;

    private LayerReader() {
    }

    /** The objects in a value, of which each layer is one. */
    private static long objects(JsonNode value) {
        return (value.isObject() ? 1 : 0) + value.values().stream().mapToLong(LayerReader::objects).sum();
    }

    static List<DescribedLayer> read(JsonObject model) {
        long described = model.value("layers").map(LayerReader::objects).orElse(0L);
        if (described > MOST_LAYERS) {
            throw model.error("key 'layers' has " + described + " layers, at most " + MOST_LAYERS + " are read");
        }
        List<DescribedLayer> layers = chain(model, model.items("layers"), "layers");
        if (layers.isEmpty()) {
            throw model.error("key 'layers' is missing or empty, expected at least one layer");
        }
        requireWeightsNamed(layers);
        return layers;
    }

    /** @param place where the chain stands: {@code layers}, or {@code layers[1] 'concat' branches[0]} */
    private static List<DescribedLayer> chain(JsonObject model, List<JsonNode> items, String place) {
        List<DescribedLayer> layers = new ArrayList<>();
        for (JsonNode item : items) {
            String at = place + "[" + layers.size() + "]";
            layers.add(layer(new JsonObject(model.file(), at, item), at));
        }
        return List.copyOf(layers);
    }

    private static DescribedLayer layer(JsonObject unnamed, String place) {
        String name = unnamed.requiredText("type");
        LayerType type = LayerType.named(name).orElseThrow(
                () -> unnamed.error("type " + Quote.of(name) + " is unknown, "
                        + LayerType.nearest(name).map(near -> "perhaps '" + near + "' is meant; ").orElse("") + "known are "
                        + String.join(", ", LayerType.names())));
        String at = place + " '" + name + "'";
        JsonObject json = unnamed.at(at);
        json.allowOnly(keys(type, name));
        List<List<DescribedLayer>> chains = switch (type) {
            case CONCAT, ADD -> branches(json, at);
            case ATTENTION_DECODER -> List.of(head(json, at));
            default -> List.of();
        };
        return new DescribedLayer(type, name, json, chains);
    }

    private static List<String> keys(LayerType type, String name) {
        List<String> keys = new ArrayList<>(List.of("type"));
        if (type.tensors() != LayerType.Tensors.NONE) {
            keys.add("weights");
        }
        keys.addAll(type.torchArguments());
        keys.addAll(type.ownKeys());
        if (name.startsWith("gelu")) {
            keys.add("approximate");
        }
        LayerType.activation(name).map(function -> function.parameterName()).filter(key -> !key.isEmpty()).ifPresent(keys::add);
        return keys;
    }

    private static List<List<DescribedLayer>> branches(JsonObject json, String at) {
        List<JsonNode> items = json.items("branches");
        if (items.size() < 2) {
            throw json.error("key 'branches' " + (items.isEmpty() ? "is missing or empty" : "has 1 chain")
                    + ", expected at least 2 chains, such as [[…], []]: an empty"
                    + " one hands the input on");
        }
        List<List<DescribedLayer>> branches = new ArrayList<>();
        for (JsonNode item : items) {
            String place = "branches[" + branches.size() + "]";
            if (!item.isArray()) {
                throw json.error("key '" + place + "' is " + (item.isObject() ? "an object" : item.toString())
                        + " where an array of layers [{…}, …] is expected");
            }
            branches.add(chain(json, List.copyOf(item.values()), at + " " + place));
        }
        return List.copyOf(branches);
    }

    private static List<DescribedLayer> head(JsonObject json, String at) {
        List<DescribedLayer> head = chain(json, json.items("head"), at + " head");
        if (head.isEmpty()) {
            throw json.error("key 'head' is missing or empty, expected the layers from [h, context] to the scores");
        }
        for (DescribedLayer layer : head) {
            switch (layer.type()) {
                case LINEAR, ACTIVATION, LAYER_NORM, BATCH_NORM1D, SOFTMAX, LOG_SOFTMAX, DROPOUT -> {
                }
                default -> throw layer.json().error("it can't stand in a decoder's head, which sees one row at a time: linear,"
                        + " norms, activations, softmax and dropout can");
            }
        }
        return head;
    }

    /** Where only one layer has tensors, their names may stand alone. */
    private static void requireWeightsNamed(List<DescribedLayer> layers) {
        List<DescribedLayer> needy = layers.stream().flatMap(DescribedLayer::all).filter(DescribedLayer::needsWeights).toList();
        for (DescribedLayer layer : needy) {
            boolean has = layer.json().has("weights") || layer.type() == LayerType.ATTENTION_DECODER;
            if (!has && needy.size() > 1) {
                throw layer.json().error(
                        "key 'weights' is missing, with several layers each names the beginning of its tensors' names");
            }
            if (!has && layer.type() == LayerType.ATTENTION_OVER_TIME) {
                throw layer.json().error("key 'weights' is missing, expected the name of the tensor it weighs the steps by");
            }
        }
    }
}
