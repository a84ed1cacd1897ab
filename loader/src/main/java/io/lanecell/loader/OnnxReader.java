package io.lanecell.loader;

import io.lanecell.Tensor;
import io.lanecell.Weights;
import io.lanecell.loader.OnnxGraph.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An ONNX model's weights: initializers and Constant nodes, also of the bodies of If, Loop and Scan, and its LSTM, GRU and RNN
 * nodes as torch.nn's layers under {@code <node>.weight_ih_l0} and so on. The graph itself is not run.
 */
final class OnnxReader implements WeightReader {
    /** A node and where its names are looked up. */
    private record Placed(Node node, OnnxScope scope) {
    }

    /** How often a tensor is used: at all, whole by a recurrent node, as a matrix that x is multiplied with from the left. */
    private static final class Uses {
        private int all;
        private int recurrent;
        private int transposed;
        private Placed last;
    }

    private Source source;
    private OnnxExternalData files;
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private final List<Placed> nodes = new ArrayList<>();
    private final Map<Tensor, Uses> uses = new IdentityHashMap<>();
    private final Map<String, Integer> titles = new HashMap<>();
    private final Set<String> named = new HashSet<>();
    private int smallConstants;

    @Override
    public Weights read(Source source) {
        this.source = source;
        this.files = new OnnxExternalData(source);
        visit(OnnxParser.parse(source), null, "");
        if (smallConstants > 0) {
            source.remark(smallConstants + " constants of the graph are left out: indices, shapes and single numbers");
        }
        nodes.forEach(this::countUses);
        Map<String, Tensor> layers = new LinkedHashMap<>();
        List<String> recurrent = new ArrayList<>();
        for (Placed placed : nodes) {
            if (OnnxRecurrent.is(placed.node)) {
                String title = title(placed.node);
                new OnnxRecurrent(source, placed.node, title, placed.scope).convert()
                        .forEach((name, tensor) -> add(layers, name, tensor));
                recurrent.add(title);
            }
        }
        OnnxModules modules = new OnnxModules(source, nodes.stream().map(Placed::node).toList());
        modules.remarkStacks(recurrent);
        Map<String, Tensor> all = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> {
            Uses use = uses.getOrDefault(tensor, new Uses());
            // What a recurrent node alone uses is in its layer; what wasn't converted stays.
            if (use.all == 0 || use.recurrent < use.all || layers.isEmpty()) {
                Tensor kept = use.transposed > 0 ? turned(name, tensor, use) : tensor;
                add(all, nameOf(name, kept, use, modules), kept);
            }
        });
        layers.forEach((name, tensor) -> add(all, name, tensor));
        return Weights.of(all);
    }

    /** Names of nodes are not unique. */
    private String title(Node node) {
        int count = titles.merge(node.title(), 1, Integer::sum);
        return count == 1 ? node.title() : node.title() + "_" + count;
    }

    private void add(Map<String, Tensor> map, String name, Tensor tensor) {
        if (map.putIfAbsent(name, tensor) != null) {
            throw source.malformed("names two tensors " + Quote.of(name) + ", export the model again");
        }
    }

    private void visit(OnnxGraph graph, OnnxScope outer, String path) {
        OnnxScope scope = new OnnxScope(source, outer);
        for (OnnxTensor tensor : graph.initializers()) {
            keep(scope, tensor.name(), tensor, path, true);
        }
        for (Node node : graph.nodes()) {
            if (!node.is("Constant") || node.outputs().isEmpty()) {
                scope.define(node);
                nodes.add(new Placed(node, scope));
            } else if (node.attributes().containsKey("value") && node.attributes().get("value").tensor() != null) {
                keep(scope, node.outputs().getFirst(), node.attributes().get("value").tensor(), path, false);
            } else {
                list(node).ifPresent(tensor -> keep(scope, node.outputs().getFirst(), tensor, path, false));
            }
        }
        for (Node node : graph.nodes()) {
            node.attributes().forEach((name, attribute) -> attribute.graphs().forEach(inner -> {
                // Long names of nodes in nodes make far longer paths.
                source.charge(2L * (path.length() + node.title().length() + name.length()), "the names of inner graphs");
                visit(inner, scope, path + node.title() + "." + name + ".");
            }));
        }
    }

    /** A constant that is given as a list of numbers. */
    private static Optional<Tensor> list(Node node) {
        if (node.attributes().containsKey("value_ints")) {
            List<Long> values = node.attributes().get("value_ints").integers();
            return Optional.of(Tensor.of(values.stream().mapToLong(Long::longValue).toArray(), values.size()));
        }
        if (node.attributes().containsKey("value_floats")) {
            List<Float> values = node.attributes().get("value_floats").reals();
            float[] array = new float[values.size()];
            for (int i = 0; i < array.length; i++) {
                array[i] = values.get(i);
            }
            return Optional.of(Tensor.of(array, array.length));
        }
        return Optional.empty();
    }

    /** Initializers are weights; of the constants those that have floats and a dimension. */
    private void keep(OnnxScope scope, String name, OnnxTensor stored, String path, boolean initializer) {
        if (stored.dtype().isEmpty()) {
            source.remark("tensor " + Quote.of(name) + " is left out: its ONNX type " + stored.type() + " is not read");
            return;
        }
        keep(scope, name, stored.read(source, files, name), path, initializer);
    }

    private void keep(OnnxScope scope, String name, Tensor tensor, String path, boolean initializer) {
        scope.define(name, tensor);
        if (!initializer && (tensor.rank() == 0 || !tensor.dtype().isFloating())) {
            smallConstants++;
            return;
        }
        // Bodies of different nodes may use one name for different tensors; then all but the first have their path before it.
        boolean taken = tensors.containsKey(name);
        if (taken) {
            source.remark("tensor " + Quote.of(name) + " of another graph is called " + Quote.of(path + name));
        }
        add(tensors, taken ? path + name : name, tensor);
    }

    private void countUses(Placed placed) {
        Node node = placed.node;
        for (String factor : List.of("alpha", "beta")) {
            if (node.is("Gemm") && node.attributes().containsKey(factor) && node.attributes().get(factor).real() != 1) {
                source.remark("Gemm node " + Quote.of(node.title()) + " multiplies by " + factor + " = "
                        + node.attributes().get(factor).real() + ", which torch.nn.Linear doesn't: multiply its "
                        + (factor.equals("alpha") ? "weight" : "bias") + " by it");
            }
        }
        for (int i = 0; i < node.inputs().size(); i++) {
            int input = i;
            placed.scope.stored(node.input(i)).ifPresent(tensor -> {
                Uses use = uses.computeIfAbsent(tensor, t -> new Uses());
                use.all++;
                use.last = placed;
                boolean state = input == 0 || input >= 4 && input <= 6;
                use.recurrent += OnnxRecurrent.is(node) && !state ? 1 : 0;
                boolean matrix = input == 1 && tensor.rank() == 2 && tensor.dtype().isFloating()
                        && (node.is("MatMul") || node.is("Gemm") && node.integer("transB", 0) == 0);
                use.transposed += matrix ? 1 : 0;
            });
        }
    }

    /** A Linear's matrix that has lost its name gets it back. */
    private String nameOf(String name, Tensor kept, Uses use, OnnxModules modules) {
        if (use.transposed != 1 || use.all != 1 || !OnnxModules.isNameless(name)) {
            return name;
        }
        Optional<String> own = modules.linearWeight(use.last.node, use.last.scope, kept.dim(0))
                .filter(found -> !tensors.containsKey(found) && named.add(found));
        own.ifPresent(found -> source.remark("tensor " + Quote.of(name) + " is called " + Quote.of(found)
                + ", as its node's place in the graph has it"));
        return own.orElse(name);
    }

    /** The matrix B of x·B as torch.nn.Linear has it. */
    private Tensor turned(String name, Tensor tensor, Uses use) {
        if (use.transposed < use.all) {
            source.remark("tensor " + Quote.of(name) + " stays as it is, [inputs, outputs], because other nodes use it too");
            return tensor;
        }
        source.remark("tensor " + Quote.of(name) + " transposed from [inputs, outputs] to torch.nn.Linear's [outputs, inputs]");
        return TensorLayouts.transposed(source, tensor);
    }
}
