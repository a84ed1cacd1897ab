package io.lanecell.loader;

import io.lanecell.Weights;
import java.util.Collection;
import java.util.stream.Collectors;

/** Lists names of tensors in messages. */
final class TensorNames {
    private static final int SHOWN = 6;

    private TensorNames() {
    }

    static String some(Weights weights) {
        return some(weights.names());
    }

    static String some(Collection<String> names) {
        if (names.isEmpty()) {
            return "no tensors";
        }
        String first = names.stream().limit(SHOWN).map(Quote::of).collect(Collectors.joining(", "));
        return names.size() > SHOWN ? first + " and " + (names.size() - SHOWN) + " more" : first;
    }
}
