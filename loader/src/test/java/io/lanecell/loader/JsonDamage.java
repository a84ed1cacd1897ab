package io.lanecell.loader;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Well-formed JSON that says something else than a good file: values replaced, moved, doubled, taken out. */
final class JsonDamage {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final int MOST_NODES = 2000;

    private final Choices choices;
    private final List<String> words;
    private final List<JsonNode> inner = new ArrayList<>();
    private final List<JsonNode> all = new ArrayList<>();

    private JsonDamage(Choices choices, List<String> words) {
        this.choices = choices;
        this.words = words;
    }

    /** A copy of one of the trees, damaged; new strings and keys are taken from {@code words}. */
    static JsonNode of(List<JsonNode> trees, List<String> words, Choices choices) {
        JsonNode tree = choices.of(trees).deepCopy();
        JsonDamage damage = new JsonDamage(choices, words);
        int places = 1 + choices.below(4);
        for (int i = 0; i < places; i++) {
            damage.once(tree);
        }
        return tree;
    }

    private void once(JsonNode tree) {
        inner.clear();
        all.clear();
        collect(tree);
        switch (choices.of(inner)) {
            case ObjectNode object -> change(object);
            case ArrayNode array -> change(array);
            default -> throw new AssertionError();
        }
    }

    private void collect(JsonNode node) {
        if (all.size() > MOST_NODES) {
            return;
        }
        all.add(node);
        if (node.isContainer()) {
            inner.add(node);
            node.values().forEach(this::collect);
        }
    }

    private void change(ObjectNode object) {
        List<String> keys = List.copyOf(object.propertyNames());
        String key = keys.isEmpty() || choices.oneIn(4) ? choices.of(words) : choices.of(keys);
        switch (choices.below(4)) {
            case 0 -> object.remove(key);
            case 1 -> {
                JsonNode value = object.remove(key);
                object.set(choices.of(words), value == null ? value() : value);
            }
            default -> object.set(key, value());
        }
    }

    private void change(ArrayNode array) {
        int at = choices.below(array.size());
        switch (choices.below(4)) {
            case 0 -> array.add(value());
            case 1 -> array.insert(at, value());
            case 2 -> {
                if (!array.isEmpty()) {
                    array.remove(at);
                }
            }
            default -> {
                if (!array.isEmpty()) {
                    array.set(at, value());
                }
            }
        }
    }

    private JsonNode value() {
        return switch (choices.below(9)) {
            case 0 -> NODES.nullNode();
            case 1 -> NODES.booleanNode(choices.oneIn(2));
            case 2, 3 -> NODES.numberNode(choices.number());
            case 4 -> NODES.numberNode(choices.of(List.of(0.5, -1.0, 1e300, 1e-300, 3e9)));
            case 5, 6 -> NODES.stringNode(choices.of(words));
            case 7 -> choices.oneIn(2) ? NODES.arrayNode() : NODES.objectNode();
            default -> choices.of(all).deepCopy();
        };
    }
}
