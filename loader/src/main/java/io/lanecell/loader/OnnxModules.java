package io.lanecell.loader;

import io.lanecell.Tensor;
import io.lanecell.loader.OnnxGraph.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which modules of PyTorch an exported graph's nodes come from. {@code torch.onnx.export} names a node {@code /rnn/LSTM} for
 * module {@code rnn}, the next of the same kind {@code /rnn/LSTM_1}; the matrices that it turned round or reordered have lost
 * their names ({@code onnx::MatMul_400}, or {@code 400} before PyTorch 1.13).
 */
final class OnnxModules {
    private static final int BYTES_PER_NODE = 256;
    private static final int LONGEST_PATH = 1000;

    private final Source source;
    private final List<Node> nodes;
    private Map<String, Node> additions;

    /** @param nodes all of the model's */
    OnnxModules(Source source, List<Node> nodes) {
        this.source = source;
        this.nodes = nodes;
    }

    /** Whether a tensor has its name from the exporter. */
    static boolean isNameless(String tensor) {
        return tensor.matches("(onnx::\\w+_)?\\d+");
    }

    /** The name in the state dict of the matrix that a MatMul multiplies by: its bias or the node's path tells it. */
    Optional<String> linearWeight(Node matMul, OnnxScope scope, int outputs) {
        if (matMul.outputs().isEmpty()) {
            return Optional.empty();
        }
        Node addition = additions().get(matMul.outputs().getFirst());
        if (addition != null) {
            for (String input : addition.inputs()) {
                Optional<Tensor> bias = scope.stored(input)
                        .filter(tensor -> tensor.rank() == 1 && tensor.dim(0) == outputs && input.endsWith(".bias"));
                if (bias.isPresent()) {
                    return Optional.of(input.substring(0, input.length() - "bias".length()) + "weight");
                }
            }
        }
        return module(matMul.name()).map(module -> module + ".weight");
    }

    /** Additions by what they add to. */
    private Map<String, Node> additions() {
        if (additions == null) {
            additions = new HashMap<>();
            for (Node node : nodes) {
                if (node.is("Add") && node.inputs().size() == 2) {
                    source.charge(BYTES_PER_NODE, "the list of additions");
                    node.inputs().forEach(input -> additions.putIfAbsent(input, node));
                }
            }
        }
        return additions;
    }

    /** Remarks which recurrent nodes are the layers of one module: in model.json they stand one after another. */
    void remarkStacks(List<String> titles) {
        Map<String, List<String>> layers = new LinkedHashMap<>();
        for (String title : titles) {
            module(title).ifPresent(module -> layers.computeIfAbsent(module, m -> new ArrayList<>()).add(title));
        }
        layers.forEach((module, stack) -> {
            if (stack.size() > 1) {
                source.remark(
                        "nodes " + Quote.of(stack.getFirst()) + " to " + Quote.of(stack.getLast()) + " are the " + stack.size()
                                + " layers of " + Quote.of(module) + ": in model.json write one layer for each, in this order");
            }
        });
    }

    /** {@code encoder.rnn} for {@code /encoder/rnn/LSTM_1}; in a Sequential, {@code head.0} for {@code /head/head.0/MatMul}. */
    private static Optional<String> module(String node) {
        String[] path = node.length() > LONGEST_PATH ? new String[0] : node.split("/", -1);
        if (path.length < 3 || !path[0].isEmpty()) {
            return Optional.empty();
        }
        StringBuilder module = new StringBuilder();
        for (int i = 1; i < path.length - 1; i++) {
            boolean repeated = i < path.length - 2 && path[i + 1].startsWith(path[i] + ".");
            if (!repeated) {
                module.append(module.isEmpty() ? "" : ".").append(path[i]);
            }
        }
        return Optional.of(module.toString());
    }
}
