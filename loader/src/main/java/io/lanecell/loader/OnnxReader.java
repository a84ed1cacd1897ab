package io.lanecell.loader;

import io.lanecell.Tensor;
import io.lanecell.Weights;
import io.lanecell.loader.OnnxGraph.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
    }

    private Source source;
    private OnnxExternalData files;
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private final List<Placed> nodes = new ArrayList<>();
    private final Map<Tensor, Uses> uses = new IdentityHashMap<>();
    private final Map<String, Integer> titles = new HashMap<>();
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
        for (Placed placed : nodes) {
            if (OnnxRecurrent.is(placed.node)) {
                new OnnxRecurrent(source, placed.node, title(placed.node), placed.scope).convert()
                        .forEach((name, tensor) -> add(layers, name, tensor));
            }
        }
        Map<String, Tensor> all = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> {
            Uses use = uses.getOrDefault(tensor, new Uses());
            // What a recurrent node alone uses is in its layer; what wasn't converted stays.
            if (use.all == 0 || use.recurrent < use.all || layers.isEmpty()) {
                add(all, name, use.transposed > 0 ? turned(name, tensor, use) : tensor);
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
            boolean constant = node.is("Constant") && node.attributes().containsKey("value")
                    && node.attributes().get("value").tensor() != null && !node.outputs().isEmpty();
            if (constant) {
                keep(scope, node.outputs().getFirst(), node.attributes().get("value").tensor(), path, false);
            } else {
                scope.define(node);
                nodes.add(new Placed(node, scope));
            }
        }
        for (Node node : graph.nodes()) {
            node.attributes().forEach((name, attribute) -> attribute.graphs()
                    .forEach(inner -> visit(inner, scope, path + node.title() + "." + name + ".")));
        }
    }

    /** Initializers are weights; of the constants those that have floats and a dimension. */
    private void keep(OnnxScope scope, String name, OnnxTensor stored, String path, boolean initializer) {
        if (stored.dtype().isEmpty()) {
            source.remark("tensor " + Quote.of(name) + " is left out: its ONNX type " + stored.type() + " is not read");
            return;
        }
        Tensor tensor = stored.read(source, files, name);
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
        for (int i = 0; i < node.inputs().size(); i++) {
            int input = i;
            placed.scope.stored(node.input(i)).ifPresent(tensor -> {
                Uses use = uses.computeIfAbsent(tensor, t -> new Uses());
                use.all++;
                boolean state = input == 0 || input >= 4 && input <= 6;
                use.recurrent += OnnxRecurrent.is(node) && !state ? 1 : 0;
                boolean matrix = input == 1 && tensor.rank() == 2 && tensor.dtype().isFloating()
                        && (node.is("MatMul") || node.is("Gemm") && node.integer("transB", 0) == 0);
                use.transposed += matrix ? 1 : 0;
            });
        }
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
