package io.lanecell.loader;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;

/** An object in a JSON file, asked for its keys by type. Its errors name the file, the place and the key. A null is as good as none. */
final class JsonObject {
    private final Path file;
    private final String place;
    private final JsonNode node;

    /** @param place where in the file it stands, empty for the top */
    JsonObject(Path file, String place, JsonNode node) {
        this.file = file;
        this.place = place;
        this.node = node;
        if (!node.isObject()) {
            throw error("is " + describe(node) + " where an object {…} is expected");
        }
    }

    /** An object without keys. */
    static JsonObject empty(Path file, String place) {
        return new JsonObject(file, place, tools.jackson.databind.node.JsonNodeFactory.instance.objectNode());
    }

    /** The same object under another place. */
    JsonObject at(String place) {
        return new JsonObject(file, place, node);
    }

    Path file() {
        return file;
    }

    /** Where in the file it stands, empty for the top. */
    String place() {
        return place;
    }

    ModelFileException error(String message) {
        return new ModelFileException(file, place.isEmpty() ? message : place + ": " + message);
    }

    /** Refuses keys that are not in {@code known}. */
    void allowOnly(Collection<String> known) {
        for (String key : node.propertyNames()) {
            if (!known.contains(key)) {
                throw error("key " + Quote.of(key) + " is unknown, known are " + String.join(", ", known));
            }
        }
    }

    boolean has(String key) {
        return node.hasNonNull(key);
    }

    Optional<JsonNode> value(String key) {
        return has(key) ? Optional.of(node.get(key)) : Optional.empty();
    }

    Optional<String> text(String key) {
        return value(key).map(value -> {
            if (!value.isString()) {
                throw wrong(key, value, "a string");
            }
            return value.stringValue();
        });
    }

    String requiredText(String key) {
        return text(key).orElseThrow(() -> missing(key));
    }

    Optional<Boolean> truth(String key) {
        return value(key).map(value -> {
            if (!value.isBoolean()) {
                throw wrong(key, value, "true or false");
            }
            return value.booleanValue();
        });
    }

    OptionalInt wholeNumber(String key) {
        Optional<JsonNode> value = value(key);
        if (value.isEmpty()) {
            return OptionalInt.empty();
        }
        if (!value.get().isIntegralNumber() || !value.get().canConvertToInt()) {
            throw wrong(key, value.get(), wholeNumberFor(value.get()));
        }
        return OptionalInt.of(value.get().intValue());
    }

    int requiredWholeNumber(String key) {
        return wholeNumber(key).orElseThrow(() -> missing(key));
    }

    /** A whole number, or an array of one: PyTorch keeps a convolution's arguments as tuples. */
    OptionalInt extent(String key) {
        if (value(key).filter(JsonNode::isArray).isEmpty()) {
            return wholeNumber(key);
        }
        List<Integer> numbers = wholeNumbers(key);
        if (numbers.size() != 1) {
            throw error("key '" + key + "' has " + numbers.size() + " numbers where one is expected");
        }
        return OptionalInt.of(numbers.getFirst());
    }

    /** The items of an array of whole numbers; none where there is no such key. */
    List<Integer> wholeNumbers(String key) {
        List<Integer> numbers = new ArrayList<>();
        for (JsonNode item : items(key)) {
            if (!item.isIntegralNumber() || !item.canConvertToInt()) {
                throw wrong(key + "[" + numbers.size() + "]", item, wholeNumberFor(item));
            }
            numbers.add(item.intValue());
        }
        return numbers;
    }

    OptionalDouble number(String key) {
        Optional<JsonNode> value = value(key);
        if (value.isEmpty()) {
            return OptionalDouble.empty();
        }
        if (!value.get().isNumber()) {
            throw wrong(key, value.get(), "a number");
        }
        return OptionalDouble.of(value.get().doubleValue());
    }

    /** The items of an array; none where there is no such key. */
    List<JsonNode> items(String key) {
        Optional<JsonNode> value = value(key);
        if (value.isEmpty()) {
            return List.of();
        }
        if (!value.get().isArray()) {
            throw wrong(key, value.get(), "an array […]");
        }
        return List.copyOf(value.get().values());
    }

    /** The items of an array of strings; none where there is no such key. */
    List<String> texts(String key) {
        List<String> texts = new ArrayList<>();
        for (JsonNode item : items(key)) {
            if (!item.isString()) {
                throw wrong(key + "[" + texts.size() + "]", item, "a string");
            }
            texts.add(item.stringValue());
        }
        return texts;
    }

    JsonObject object(String key) {
        String at = place.isEmpty() ? key : place + ": " + key;
        return new JsonObject(file, at, value(key).orElseThrow(() -> missing(key)));
    }

    ModelFileException missing(String key) {
        return error("key '" + key + "' is missing");
    }

    private static String wholeNumberFor(JsonNode value) {
        return value.isIntegralNumber()
                ? "a whole number of at most " + Integer.MAX_VALUE + " either side of 0"
                : "a whole number";
    }

    private ModelFileException wrong(String key, JsonNode value, String expected) {
        return error("key '" + key + "' is " + describe(value) + " where " + expected + " is expected");
    }

    private static String describe(JsonNode value) {
        if (value.isString()) {
            return "the string " + Quote.of(value.stringValue());
        }
        return value.isObject() ? "an object" : value.isArray() ? "an array" : value.toString();
    }
}
