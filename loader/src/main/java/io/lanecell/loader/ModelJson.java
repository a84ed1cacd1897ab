package io.lanecell.loader;

import io.lanecell.InvalidModelException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Reads model.json: a chain of layers over named weights, with a vocabulary and labels. */
final class ModelJson {
    /** What key "format" must say. */
    static final String FORMAT = "lanecell-model/1";

    private static final List<String> KEYS = List.of("format", "weights", "layers", "vocabulary", "labels", "ignore");

    private ModelJson() {
    }

    static ModelDescription parse(Path file, JsonNode node) {
        JsonObject json = new JsonObject(file, "", node);
        String format = json.requiredText("format");
        if (!format.equals(FORMAT)) {
            throw json.error("key 'format' is " + Quote.of(format) + ", expected '" + FORMAT + "'");
        }
        json.allowOnly(KEYS);
        return new ModelDescription(file, json.text("weights"), layers(file, json), Set.copyOf(json.texts("ignore")),
                vocabulary(json), List.copyOf(json.texts("labels")));
    }

    private static List<ModelDescription.Layer> layers(Path file, JsonObject json) {
        List<JsonNode> items = json.items("layers");
        if (items.isEmpty()) {
            throw json.error("key 'layers' is missing or empty, expected at least one layer");
        }
        long weighted = items.stream()
                .filter(item -> LayerType.named(item.path("type").asString("")).filter(LayerType::hasWeights).isPresent())
                .count();
        List<ModelDescription.Layer> layers = new ArrayList<>();
        for (JsonNode item : items) {
            layers.add(layer(new JsonObject(file, "layers[" + layers.size() + "]", item), layers.size(), weighted == 1));
        }
        return List.copyOf(layers);
    }

    private static ModelDescription.Layer layer(JsonObject unnamed, int index, boolean onlyOneWithWeights) {
        String name = unnamed.requiredText("type");
        LayerType type = LayerType.named(name).orElseThrow(
                () -> unnamed.error("type " + Quote.of(name) + " is unknown, known are " + String.join(", ", LayerType.names())));
        JsonObject json = unnamed.at("layers[" + index + "] '" + name + "'");
        List<String> keys = new ArrayList<>(List.of("type"));
        if (type.hasWeights()) {
            keys.add("weights");
        }
        keys.addAll(type.arguments());
        json.allowOnly(keys);
        if (type.hasWeights() && !json.has("weights") && !onlyOneWithWeights) {
            throw json.error("key 'weights' is missing, with several layers each names the beginning of its tensors' names");
        }
        return new ModelDescription.Layer(type.spec(json.text("weights").orElse(""), json), json);
    }

    private static Optional<Vocabulary> vocabulary(JsonObject json) {
        if (!json.has("vocabulary")) {
            return Optional.empty();
        }
        JsonObject vocabulary = json.object("vocabulary");
        vocabulary.allowOnly(List.of("kind", "tokens", "unknown"));
        String kind = vocabulary.requiredText("kind");
        if (!kind.equals("characters") && !kind.equals("words")) {
            throw vocabulary.error("kind " + Quote.of(kind) + " is unknown, known are characters, words");
        }
        List<String> tokens = vocabulary.texts("tokens");
        if (tokens.isEmpty()) {
            throw vocabulary.error("key 'tokens' is missing or empty");
        }
        try {
            return Optional.of(Vocabulary.of(kind.equals("words") ? Vocabulary.Kind.WORDS : Vocabulary.Kind.CHARACTERS, tokens,
                    vocabulary.wholeNumber("unknown")));
        } catch (InvalidModelException e) {
            throw vocabulary.error(e.getMessage());
        }
    }
}
