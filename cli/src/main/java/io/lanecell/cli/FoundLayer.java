package io.lanecell.cli;

import io.lanecell.InvalidModelException;
import io.lanecell.RecurrentGeometry;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A layer recognised in a weight file by the names and shapes of its tensors.
 *
 * @param type       PyTorch's name for it; {@code Linear or Embedding} where a lone matrix could be either
 * @param prefix     what stands before the tensors' names, without the dot
 * @param sizes      its sizes by PyTorch's names, in PyTorch's order
 * @param parameters numbers in its tensors
 * @param remark     why it can't be computed, empty if it can
 */
record FoundLayer(String type, String prefix, Map<String, Object> sizes, long parameters, String remark) {
    private static final List<String> FIRST_OF_RECURRENT = List.of("weight_ih_l0", "weight_ih");

    /** All that is recognised, in the file's order. */
    static List<FoundLayer> findAll(Weights weights) {
        List<FoundLayer> found = new ArrayList<>();
        weights.tensors().forEach((name, tensor) -> {
            String prefix = name.substring(0, Math.max(0, name.lastIndexOf('.')));
            String last = name.substring(name.lastIndexOf('.') + 1);
            if (FIRST_OF_RECURRENT.contains(last)) {
                found.add(recurrent(weights.under(prefix), prefix));
            } else if (last.equals("weight") && tensor.rank() == 2 && tensor.dtype().isFloating()) {
                found.add(matrix(weights.under(prefix), prefix, tensor));
            }
        });
        return found;
    }

    private static FoundLayer recurrent(Weights own, String prefix) {
        try {
            return lstm(RecurrentGeometry.of(own, RecurrentGeometry.Kind.LSTM), own, prefix);
        } catch (InvalidModelException e) {
            String type = own.has("weight_hh_l0")
                    ? gates(own.get("weight_hh_l0"), "")
                    : own.has("weight_hh") ? gates(own.get("weight_hh"), "Cell") : "unknown";
            boolean other = type.startsWith("GRU") || type.startsWith("RNN");
            return new FoundLayer(type, prefix, Map.of(), parameters(own),
                    other ? "this version computes only LSTMs" : e.getMessage());
        }
    }

    /** A GRU has three rows for each unit, an RNN one. */
    private static String gates(Tensor recurrent, String suffix) {
        boolean matrix = recurrent.rank() == 2 && recurrent.dim(1) > 0;
        return matrix && recurrent.dim(0) == 3 * recurrent.dim(1)
                ? "GRU" + suffix
                : matrix && recurrent.dim(0) == recurrent.dim(1) ? "RNN" + suffix : "unknown";
    }

    private static FoundLayer lstm(RecurrentGeometry geometry, Weights own, String prefix) {
        Map<String, Object> sizes = new LinkedHashMap<>();
        sizes.put("input_size", geometry.inputSize());
        sizes.put("hidden_size", geometry.hiddenSize());
        if (!geometry.cell()) {
            sizes.put("num_layers", geometry.numLayers());
        }
        sizes.put("bias", geometry.bias());
        if (!geometry.cell()) {
            sizes.put("bidirectional", geometry.bidirectional());
            sizes.put("proj_size", geometry.projSize());
        }
        return new FoundLayer(geometry.cell() ? "LSTMCell" : "LSTM", prefix, sizes, parameters(own), "");
    }

    private static FoundLayer matrix(Weights own, String prefix, Tensor weight) {
        boolean bias = own.has("bias") && own.get("bias").rank() == 1 && own.get("bias").dim(0) == weight.dim(0);
        Map<String, Object> sizes = new LinkedHashMap<>();
        sizes.put(bias ? "in_features" : "columns", weight.dim(1));
        sizes.put(bias ? "out_features" : "rows", weight.dim(0));
        return new FoundLayer(bias ? "Linear" : "Linear or Embedding", prefix, sizes,
                weight.size() + (bias ? weight.dim(0) : 0L), "");
    }

    private static long parameters(Weights own) {
        return own.tensors().values().stream().mapToLong(Tensor::size).sum();
    }

    /** For people: a line with the name, and one with the sizes or with what is wrong. */
    List<String> lines() {
        String name = "%s%s, %,d parameters".formatted(type, prefix.isEmpty() ? "" : " at '" + prefix + "'", parameters);
        String rest = remark.isEmpty()
                ? sizes.entrySet().stream().map(size -> inShort(size.getKey()) + " " + size.getValue())
                        .collect(Collectors.joining(", "))
                : remark;
        return List.of(name, "  " + rest);
    }

    private static String inShort(String argument) {
        return argument.replace("num_", "").replace("_size", "");
    }

    /** For {@code --json}. */
    Map<String, Object> asMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("type", type);
        map.put("prefix", prefix);
        map.putAll(sizes);
        map.put("parameters", parameters);
        map.put("supported", remark.isEmpty());
        map.put("remark", remark);
        return map;
    }
}
