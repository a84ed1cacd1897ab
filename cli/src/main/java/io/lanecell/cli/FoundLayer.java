package io.lanecell.cli;

import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A layer recognised in a weight file by the names and shapes of its tensors.
 *
 * @param type       PyTorch's name for it; {@code Linear or Embedding} where a lone matrix could be either
 * @param prefix     what stands before the tensors' names, without the dot
 * @param sizes      its sizes by PyTorch's names, in PyTorch's order
 * @param parameters numbers in its tensors
 * @param supported  whether this version computes it
 */
record FoundLayer(String type, String prefix, Map<String, Object> sizes, long parameters, boolean supported) {
    /** All that is recognised: recurrent layers, then matrices. */
    static List<FoundLayer> findAll(Weights weights) {
        List<FoundLayer> found = new ArrayList<>();
        RecurrentGeometry.findAll(weights).forEach(geometry -> found.add(of(geometry)));
        weights.tensors().forEach((name, tensor) -> {
            boolean matrix = tensor.rank() == 2 && tensor.dtype().isFloating();
            if (matrix && (name.equals("weight") || name.endsWith(".weight"))) {
                found.add(matrix(weights, name.substring(0, Math.max(0, name.length() - ".weight".length())), tensor));
            }
        });
        return found;
    }

    private static FoundLayer of(RecurrentGeometry geometry) {
        Map<String, Object> sizes = new LinkedHashMap<>();
        sizes.put("input_size", geometry.inputSize());
        sizes.put("hidden_size", geometry.hiddenSize());
        if (!geometry.isCell()) {
            sizes.put("num_layers", geometry.layers());
            sizes.put("bidirectional", geometry.directions() == 2);
            sizes.put("proj_size", geometry.projSize());
        }
        sizes.put("bias", geometry.bias());
        return new FoundLayer(geometry.kind(), geometry.prefix(), sizes, geometry.parameters(), geometry.isSupported());
    }

    private static FoundLayer matrix(Weights weights, String prefix, Tensor weight) {
        Weights own = weights.under(prefix);
        boolean bias = own.has("bias") && own.get("bias").rank() == 1 && own.get("bias").dim(0) == weight.dim(0);
        Map<String, Object> sizes = new LinkedHashMap<>();
        sizes.put(bias ? "in_features" : "columns", weight.dim(1));
        sizes.put(bias ? "out_features" : "rows", weight.dim(0));
        return new FoundLayer(bias ? "Linear" : "Linear or Embedding", prefix, sizes,
                weight.size() + (bias ? weight.dim(0) : 0), true);
    }

    /** For people. */
    String line() {
        StringBuilder line = new StringBuilder(type);
        line.append(prefix.isEmpty() ? "" : " at '" + prefix + "'").append(": ");
        sizes.forEach((name, value) -> line.append(name).append(' ').append(value).append(", "));
        return line.append(parameters).append(" parameters").append(supported ? "" : " (not computed by this version)").toString();
    }

    /** For {@code --json}. */
    Map<String, Object> asMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("type", type);
        map.put("prefix", prefix);
        map.putAll(sizes);
        map.put("parameters", parameters);
        map.put("supported", supported);
        return map;
    }
}
