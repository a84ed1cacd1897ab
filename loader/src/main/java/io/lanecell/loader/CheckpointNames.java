package io.lanecell.loader;

import io.lanecell.loader.PickleValue.Dict;
import io.lanecell.loader.PickleValue.Instance;
import io.lanecell.loader.PickleValue.Items;
import io.lanecell.loader.PickleValue.Tuple;
import io.lanecell.loader.PickleValue.View;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Names the tensors of a pickled object by their path in it, and leaves out what is not the model's. */
final class CheckpointNames {
    /** Keys under which a training checkpoint keeps the model; what stands beside them is the training's. */
    static final List<String> MODEL_KEYS = List.of("model_state_dict", "state_dict", "model_state", "model", "net");
    private static final int DEEPEST = 32;

    private final Source source;
    private final Map<String, View> tensors = new LinkedHashMap<>();

    private CheckpointNames(Source source) {
        this.source = source;
    }

    /** The tensors in {@code root}, in its order. */
    static Map<String, View> collect(Source source, PickleValue root) {
        CheckpointNames names = new CheckpointNames(source);
        String modelKey = modelKey(root);
        if (modelKey != null) {
            names.visit(modelKey, ((Dict) root).entries().get(modelKey), 1);
            names.remarkChoice(modelKey, ((Dict) root).entries());
        } else {
            names.visit("", root, 0);
        }
        boolean mayBeEmpty = root instanceof Dict dict && dict.entries().isEmpty() || root instanceof Instance;
        if (names.tensors.isEmpty() && !mayBeEmpty && modelKey == null) {
            throw source.malformed("holds no tensors, its pickle is " + root.describe()
                    + ": save them with torch.save(model.state_dict(), file)");
        }
        return names.tensors;
    }

    private void remarkChoice(String modelKey, Map<Object, PickleValue> entries) {
        List<String> others = entries.keySet().stream().map(String::valueOf).filter(key -> !key.equals(modelKey)).toList();
        source.remark("took the model from the checkpoint's key " + Quote.of(modelKey)
                + (others.isEmpty() ? "" : ", left out the other keys: " + TensorNames.some(others)));
    }

    private static String modelKey(PickleValue root) {
        if (root instanceof Dict dict) {
            for (String key : MODEL_KEYS) {
                if (dict.entries().get(key) instanceof Dict) {
                    return key;
                }
            }
        }
        return null;
    }

    private void visit(String name, PickleValue value, int depth) {
        // A small pickle can refer to itself over and over: every visit costs.
        source.charge(64 + 2L * name.length(), "naming the tensors of data.pkl");
        if (depth > DEEPEST) {
            throw source.malformed("its pickle nests deeper than " + DEEPEST + " levels, which no state dict does: save the"
                    + " tensors alone, torch.save(model.state_dict(), file)");
        }
        switch (value) {
            case View view -> {
                if (tensors.put(name, view) != null) {
                    throw source.malformed("two tensors come out as " + Quote.of(name) + ", rename one");
                }
            }
            case Dict dict -> {
                Map<Object, PickleValue> entries = dict.entries();
                // torch.optim.Optimizer.state_dict() holds the parameters' statistics under these two keys.
                if (!entries.containsKey("state") || !entries.containsKey("param_groups")) {
                    entries.forEach((key, item) -> visit(join(name, String.valueOf(key)), item, depth + 1));
                }
            }
            // In lists of a module stand its tensors again, for instance as _flat_weights.
            case Instance(var type, var attributes) -> attributes.forEach((key, item) -> {
                if (item instanceof View || item instanceof Instance) {
                    visit(join(name, String.valueOf(key)), item, depth + 1);
                }
            });
            case Items(var items) -> visitAll(name, items, depth);
            case Tuple(var items) -> visitAll(name, items, depth);
            default -> {
            }
        }
    }

    private void visitAll(String name, List<PickleValue> items, int depth) {
        for (int i = 0; i < items.size(); i++) {
            visit(join(name, Integer.toString(i)), items.get(i), depth + 1);
        }
    }

    private static String join(String name, String key) {
        return name.isEmpty() ? key : name + "." + key;
    }
}
