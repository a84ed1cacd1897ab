package io.lanecell.loader;

import io.lanecell.InvalidModelException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Reads model.json: layers over named weights, with a vocabulary and labels. */
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
        return new ModelDescription(file, json.text("weights"), LayerReader.read(json), Set.copyOf(json.texts("ignore")),
                vocabulary(json), List.copyOf(json.texts("labels")));
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
