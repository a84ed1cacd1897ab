package io.lanecell.loader;

import io.lanecell.Tensor;
import io.lanecell.loader.OnnxGraph.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The constants that a graph's nodes can name: its own and those of the graphs around it. Exporters cut and join weights inside
 * the graph, so the few operations that only move numbers are carried out.
 */
final class OnnxScope {
    private static final int DEEPEST = 40;

    private final Source source;
    private final OnnxScope outer;
    private final Map<String, Tensor> constants = new LinkedHashMap<>();
    private final Map<String, Node> makers = new HashMap<>();
    /** What was computed, and null for what can't be. */
    private final Map<String, Tensor> computed = new HashMap<>();
    private int depth;

    OnnxScope(Source source, OnnxScope outer) {
        this.source = source;
        this.outer = outer;
    }

    /** Makes a tensor known that stands in the file. */
    void define(String name, Tensor tensor) {
        if (constants.put(name, tensor) != null) {
            throw source.malformed("names two tensors of one graph " + Quote.of(name) + ", export the model again");
        }
    }

    /** Makes a node's results known. */
    void define(Node node) {
        node.outputs().forEach(output -> makers.put(output, node));
    }

    /** The tensor of the file that a name stands for as it is; the empty name stands for nothing. */
    Optional<Tensor> stored(String name) {
        if (name.isEmpty()) {
            return Optional.empty();
        }
        if (constants.containsKey(name)) {
            return Optional.of(constants.get(name));
        }
        return makers.containsKey(name) || outer == null ? Optional.empty() : outer.stored(name);
    }

    /** The tensor that a name stands for, if it is the same in every run. */
    Optional<Tensor> constant(String name) {
        if (name.isEmpty()) {
            return Optional.empty();
        }
        if (constants.containsKey(name)) {
            return Optional.of(constants.get(name));
        }
        if (!makers.containsKey(name)) {
            return outer == null ? Optional.empty() : outer.constant(name);
        }
        if (!computed.containsKey(name)) {
            computed.put(name, null); // a graph that goes in circles has no constant here
            if (++depth <= DEEPEST) {
                computed.put(name, compute(makers.get(name)).orElse(null));
            }
            depth--;
        }
        return Optional.ofNullable(computed.get(name));
    }

    private Optional<Tensor> compute(Node node) {
        Optional<Tensor> first = constant(node.input(0));
        if (first.isEmpty() || !node.domain().isEmpty() && !node.domain().equals("ai.onnx")) {
            return Optional.empty();
        }
        return switch (node.op()) {
            case "Identity" -> first;
            case "Unsqueeze" -> axes(node, 1).flatMap(axes -> unsqueeze(first.get(), axes));
            case "Squeeze" -> axes(node, 1).flatMap(axes -> squeeze(first.get(), axes));
            case "Transpose" -> transpose(first.get(), integers(node, "perm"));
            case "Concat" -> concat(node, first.get().rank());
            case "Slice" -> slice(node, first.get());
            default -> Optional.empty();
        };
    }

    private List<Long> integers(Node node, String attribute) {
        return node.attributes().containsKey(attribute) ? node.attributes().get(attribute).integers() : List.of();
    }

    /** The axes of an operation: an attribute until opset 12, an input since. */
    private Optional<List<Long>> axes(Node node, int input) {
        return node.input(input).isEmpty() ? Optional.of(integers(node, "axes")) : vector(node.input(input));
    }

    private Optional<List<Long>> vector(String name) {
        return constant(name).filter(tensor -> tensor.size() <= 64 && !tensor.dtype().isFloating()).map(tensor -> {
            List<Long> values = new ArrayList<>();
            for (long value : tensor.toLongs()) {
                values.add(value);
            }
            return values;
        });
    }

    private static Optional<Tensor> unsqueeze(Tensor tensor, List<Long> axes) {
        int rank = tensor.rank() + axes.size();
        TreeSet<Integer> at = positions(axes, rank);
        if (at.size() != axes.size() || rank > 64) {
            return Optional.empty();
        }
        int[] shape = new int[rank];
        int next = 0;
        for (int i = 0; i < rank; i++) {
            shape[i] = at.contains(i) ? 1 : tensor.dim(next++);
        }
        return Optional.of(TensorLayouts.reshaped(tensor, shape));
    }

    private static Optional<Tensor> squeeze(Tensor tensor, List<Long> axes) {
        TreeSet<Integer> at = positions(axes, tensor.rank());
        int[] shape = new int[tensor.rank()];
        int kept = 0;
        for (int i = 0; i < tensor.rank(); i++) {
            boolean drop = tensor.dim(i) == 1 && (axes.isEmpty() || at.contains(i));
            if (!drop) {
                shape[kept++] = tensor.dim(i);
            }
        }
        return Optional.of(TensorLayouts.reshaped(tensor, java.util.Arrays.copyOf(shape, kept)));
    }

    private Optional<Tensor> transpose(Tensor tensor, List<Long> axes) {
        int rank = tensor.rank();
        if (!axes.isEmpty() && (axes.size() != rank || positions(axes, rank).size() != rank)) {
            return Optional.empty();
        }
        int[] order = new int[rank];
        for (int i = 0; i < rank; i++) {
            order[i] = axes.isEmpty() ? rank - 1 - i : Math.floorMod(axes.get(i), rank);
        }
        return Optional.of(TensorLayouts.permuted(source, tensor, order));
    }

    private Optional<Tensor> concat(Node node, int rank) {
        long axis = node.integer("axis", 0);
        if (axis < -rank || axis >= rank) {
            return Optional.empty();
        }
        int at = Math.floorMod(axis, rank);
        List<Tensor> parts = new ArrayList<>();
        for (String input : node.inputs()) {
            Optional<Tensor> part = constant(input);
            if (part.isEmpty() || !parts.isEmpty() && !agree(parts.getFirst(), part.get(), at)) {
                return Optional.empty();
            }
            parts.add(part.get());
        }
        return Optional.of(TensorLayouts.concat(source, at, parts));
    }

    private static boolean agree(Tensor a, Tensor b, int axis) {
        boolean same = a.dtype() == b.dtype() && a.rank() == b.rank();
        for (int i = 0; same && i < a.rank(); i++) {
            same = i == axis || a.dim(i) == b.dim(i);
        }
        return same;
    }

    private Optional<Tensor> slice(Node node, Tensor tensor) {
        boolean old = node.attributes().containsKey("starts");
        Optional<List<Long>> starts = old ? Optional.of(integers(node, "starts")) : vector(node.input(1));
        Optional<List<Long>> ends = old ? Optional.of(integers(node, "ends")) : vector(node.input(2));
        Optional<List<Long>> axes = axes(node, 3);
        boolean whole = node.input(4).isEmpty()
                || vector(node.input(4)).filter(steps -> steps.stream().allMatch(step -> step == 1)).isPresent();
        if (!whole || starts.isEmpty() || ends.isEmpty() || axes.isEmpty() || starts.get().size() != ends.get().size()) {
            return Optional.empty();
        }
        Tensor part = tensor;
        for (int i = 0; i < starts.get().size(); i++) {
            long axis = i < axes.get().size() ? axes.get().get(i) : i;
            if (axis < -tensor.rank() || axis >= tensor.rank() || !axes.get().isEmpty() && i >= axes.get().size()) {
                return Optional.empty();
            }
            int at = Math.floorMod(axis, tensor.rank());
            int from = bound(starts.get().get(i), part.dim(at));
            part = TensorLayouts.slice(source, part, at, from, Math.max(from, bound(ends.get().get(i), part.dim(at))));
        }
        return Optional.of(part);
    }

    /** Negative positions count from the end; all are cut to the extent. */
    private static int bound(long position, int extent) {
        return Math.clamp(position < 0 ? position + extent : position, 0, extent);
    }

    /** The axes as positions from 0; those that are not there are missing. */
    private static TreeSet<Integer> positions(List<Long> axes, int rank) {
        TreeSet<Integer> positions = new TreeSet<>();
        for (long axis : axes) {
            if (axis >= -rank && axis < rank) {
                positions.add(Math.floorMod(axis, rank));
            }
        }
        return positions;
    }
}
