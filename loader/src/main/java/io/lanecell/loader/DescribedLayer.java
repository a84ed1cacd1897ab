package io.lanecell.loader;

import java.util.List;
import java.util.stream.Stream;

/**
 * One layer as a description has it, before its weights are known.
 *
 * @param name   its type's name in model.json
 * @param json   the object that describes it, which knows its place
 * @param chains the chains inside it: a concat's or add's branches, or an attention decoder's head
 */
record DescribedLayer(LayerType type, String name, JsonObject json, List<List<DescribedLayer>> chains) {
    /** A layer without chains inside. */
    DescribedLayer(LayerType type, String name, JsonObject json) {
        this(type, name, json, List.of());
    }

    /** The prefix of its tensors' names. */
    String weights() {
        return json.text("weights").orElse("");
    }

    /** Whether it can't do without tensors. */
    boolean needsWeights() {
        return type == LayerType.ATTENTION_DECODER || type.tensors() == LayerType.Tensors.NEEDED;
    }

    boolean isRecurrent() {
        return type == LayerType.LSTM || type == LayerType.GRU || type == LayerType.RNN;
    }

    /** It and all layers inside it. */
    Stream<DescribedLayer> all() {
        return Stream.concat(Stream.of(this), chains.stream().flatMap(List::stream).flatMap(DescribedLayer::all));
    }
}
