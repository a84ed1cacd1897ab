package io.lanecell.loader;

import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.util.Optional;
import java.util.OptionalInt;

/** The tensors of one described layer, to hold its arguments against. Errors name the layer's place. */
final class LayerTensors {
    private final JsonObject arguments;
    private final Weights all;
    private final String prefix;
    private final Weights own;

    LayerTensors(JsonObject arguments, Weights all, String prefix) {
        this.arguments = arguments;
        this.all = all;
        this.prefix = prefix;
        this.own = all.under(prefix);
    }

    boolean has(String name) {
        return own.has(name);
    }

    boolean hasAny(String start) {
        return own.names().stream().anyMatch(name -> name.startsWith(start));
    }

    Tensor get(String name) {
        if (!own.has(name)) {
            throw arguments.error("tensor " + Quote.of(full(name)) + " is missing, the weights hold " + TensorNames.some(all)
                    + CommonPrefix.of(all).map(common -> "; " + common.explanation()).orElse(""));
        }
        return own.get(name);
    }

    Tensor get(String name, int rank) {
        Tensor tensor = get(name);
        if (tensor.rank() != rank) {
            throw arguments.error("tensor " + Quote.of(full(name)) + " is " + tensor + ", expected " + rank
                    + (rank == 1 ? " dimension" : " dimensions"));
        }
        return tensor;
    }

    /** {@code 'name' is F32[2, 3]}. */
    String described(String name) {
        return Quote.of(full(name)) + " is " + get(name);
    }

    /** Refuses an argument that says another number than the tensors. */
    void agree(String key, int actual) {
        OptionalInt claimed = arguments.extent(key);
        if (claimed.isPresent() && claimed.getAsInt() != actual) {
            throw arguments.error(key + " is " + claimed.getAsInt() + " but the weights' shapes say " + actual);
        }
    }

    /** Refuses an argument that says otherwise than the tensors. */
    void agree(String key, boolean actual) {
        Optional<Boolean> claimed = arguments.truth(key);
        if (claimed.isPresent() && claimed.get() != actual) {
            throw arguments.error(key + " is " + claimed.get() + " but the weights' names say " + actual);
        }
    }

    private String full(String name) {
        return prefix.isEmpty() ? name : prefix + "." + name;
    }
}
