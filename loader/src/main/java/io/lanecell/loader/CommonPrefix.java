package io.lanecell.loader;

import io.lanecell.Weights;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A beginning that all names of a weight file share and that is not the model's own: a wrapper or a checkpoint put it there.
 *
 * @param prefix      with its last dot, for {@link Weights#withoutPrefix}
 * @param explanation where it comes from and how to be rid of it, one sentence
 */
public record CommonPrefix(String prefix, String explanation) {
    private static final Map<String, String> ORIGINS = Map.of("module.", "DataParallel", "_orig_mod.", "torch.compile", "model.",
            "a module that keeps the model as its attribute, as Lightning's do");
    private static final String CHECKPOINT = "the checkpoint's key";

    /** The longest such prefix, if there is one. */
    public static Optional<CommonPrefix> of(Weights weights) {
        StringBuilder prefix = new StringBuilder();
        StringBuilder origins = new StringBuilder();
        while (!weights.names().isEmpty()) {
            String first = weights.names().iterator().next().substring(prefix.length());
            String next = first.substring(0, first.indexOf('.') + 1);
            String origin = origin(next, prefix.isEmpty());
            String longer = prefix + next;
            if (origin == null || !weights.names().stream().allMatch(name -> name.startsWith(longer))) {
                break;
            }
            prefix.append(next);
            origins.append(origins.isEmpty() ? "" : ", then ").append(origin);
        }
        return prefix.isEmpty()
                ? Optional.empty()
                : Optional.of(new CommonPrefix(prefix.toString(), "all names begin with '" + prefix + "', put there by " + origins
                        + ": --strip-prefix " + prefix + " takes it off, in Java weights.withoutPrefix(\"" + prefix + "\")"));
    }

    private static String origin(String part, boolean outermost) {
        List<String> keys = CheckpointNames.MODEL_KEYS;
        boolean key = !part.isEmpty() && keys.contains(part.substring(0, part.length() - 1)) && !ORIGINS.containsKey(part);
        return outermost && key ? CHECKPOINT : ORIGINS.get(part);
    }
}
