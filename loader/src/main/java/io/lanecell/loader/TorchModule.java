package io.lanecell.loader;

import io.lanecell.LayerSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** Reads a case's config.json, which names a single torch class and its constructor's arguments. */
final class TorchModule {
    private static final Map<String, LayerType> SUPPORTED = Map
            .of("torch.nn.LSTM", LayerType.LSTM, "torch.nn.LSTMCell", LayerType.LSTM, "torch.nn.Linear", LayerType.LINEAR,
                    "torch.nn.Embedding", LayerType.EMBEDDING, "torch.nn.Softmax", LayerType.SOFTMAX, "torch.softmax",
                    LayerType.SOFTMAX, "torch.nn.LogSoftmax", LayerType.LOG_SOFTMAX, "torch.log_softmax", LayerType.LOG_SOFTMAX);
    private static final List<String> CELL_ARGUMENTS = List.of("input_size", "hidden_size", "bias");
    /** Arguments of every torch.nn class that say how it was made, not what it is. */
    private static final List<String> FACTORY_ARGUMENTS = List.of("device", "dtype");

    private TorchModule() {
    }

    static ModelDescription parse(Path file, JsonNode node) {
        JsonObject json = new JsonObject(file, "", node);
        String module = json.requiredText("module");
        LayerType type = SUPPORTED.get(module);
        if (type == null) {
            throw json.error(module.startsWith("torch.")
                    ? "module " + Quote.of(module) + " is not supported, supported are "
                            + String.join(", ", new TreeSet<>(SUPPORTED.keySet()))
                    : "module " + Quote.of(module) + " is a class of its author's, put a model.json beside it (or pass one with"
                            + " --model) that describes its layers");
        }
        boolean cell = module.equals("torch.nn.LSTMCell");
        JsonObject arguments = (json.has("args") ? json.object("args") : JsonObject.empty(file, "args")).at(module);
        List<String> known = new ArrayList<>(cell ? CELL_ARGUMENTS : type.arguments());
        known.addAll(FACTORY_ARGUMENTS);
        arguments.allowOnly(known);
        LayerSpec spec = type.spec("", arguments);
        return new ModelDescription(file, Optional.empty(), List.of(new ModelDescription.Layer(spec, arguments)), Set.of(),
                Optional.empty(), List.of());
    }
}
