package io.lanecell.loader;

import io.lanecell.Tensor;
import io.lanecell.loader.OnnxGraph.Attribute;
import io.lanecell.loader.OnnxGraph.Node;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** An ONNX LSTM, GRU or RNN node's tensors in the layout and under the names of torch.nn's; refused where its arithmetic is not. */
final class OnnxRecurrent {
    private static final List<String> PEEPHOLES = List.of("weight_ci", "weight_co", "weight_cf");

    private final Source source;
    private final Node node;
    private final String title;
    private final OnnxScope scope;

    /** @param title what stands before the tensors' names */
    OnnxRecurrent(Source source, Node node, String title, OnnxScope scope) {
        this.source = source;
        this.node = node;
        this.title = title;
        this.scope = scope;
    }

    static boolean is(Node node) {
        return node.is("LSTM") || node.is("GRU") || node.is("RNN");
    }

    /** The tensors by name; none where the weights are not constants. */
    Map<String, Tensor> convert() {
        Optional<Tensor> w = scope.constant(node.input(1));
        Optional<Tensor> r = scope.constant(node.input(2));
        Optional<Tensor> b = scope.constant(node.input(3));
        Optional<Tensor> p = node.is("LSTM") ? scope.constant(node.input(7)) : Optional.empty();
        boolean computed = w.isEmpty() || r.isEmpty() || b.isEmpty() && !node.input(3).isEmpty()
                || p.isEmpty() && node.is("LSTM") && !node.input(7).isEmpty();
        if (computed) {
            source.remark(described() + " is left out: its weights are inputs of the model, or computed while it runs");
            return Map.of();
        }
        refuseOtherArithmetic();
        int directions = directions();
        int[] order = order();
        int units = checkShapes(w.get(), r.get(), b, p, directions, order.length);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (int d = 0; d < directions; d++) {
            String end = d == 0 ? "_l0" : "_l0_reverse";
            put(tensors, "weight_ih" + end, blocks(TensorLayouts.row(w.get(), d), order));
            put(tensors, "weight_hh" + end, blocks(TensorLayouts.row(r.get(), d), order));
            if (b.isPresent()) {
                Tensor both = TensorLayouts.row(b.get(), d);
                int half = both.dim(0) / 2;
                put(tensors, "bias_ih" + end, blocks(TensorLayouts.rows(both, 0, half), order));
                put(tensors, "bias_hh" + end, blocks(TensorLayouts.rows(both, half, 2 * half), order));
            }
            for (int i = 0; p.isPresent() && i < PEEPHOLES.size(); i++) {
                put(tensors, PEEPHOLES.get(i) + end,
                        TensorLayouts.rows(TensorLayouts.row(p.get(), d), i * units, (i + 1) * units));
            }
        }
        remark(directions, b.isPresent(), p.isPresent());
        return tensors;
    }

    private void put(Map<String, Tensor> tensors, String name, Tensor tensor) {
        tensors.put(title + "." + name, tensor);
    }

    private Tensor blocks(Tensor tensor, int[] order) {
        return order.length == 1 ? tensor : TensorLayouts.blocks(source, tensor, order);
    }

    /** Which of ONNX' gates (i o f c; z r h) comes where PyTorch wants it (i f g o; r z n). */
    private int[] order() {
        return switch (node.op()) {
            case "LSTM" -> new int[]{0, 2, 3, 1};
            case "GRU" -> new int[]{1, 0, 2};
            default -> new int[]{0};
        };
    }

    private int directions() {
        return switch (node.text("direction", "forward").toLowerCase(Locale.ROOT)) {
            case "forward" -> 1;
            case "bidirectional" -> 2;
            case "reverse" -> throw refused("runs backwards only, which no torch.nn layer does: reverse the sequence instead");
            default -> throw source.malformed(described() + " has direction " + Quote.of(node.text("direction", ""))
                    + ", expected forward, reverse or bidirectional");
        };
    }

    private void refuseOtherArithmetic() {
        if (node.attributes().containsKey("clip")) {
            throw refused("clips its sums (clip), which no torch.nn layer does: train and export it without");
        }
        if (node.integer("input_forget", 0) != 0) {
            throw refused("couples its input and forget gates (input_forget), which PyTorch's LSTM doesn't: train and export it"
                    + " without");
        }
        if (node.is("GRU") && node.integer("linear_before_reset", 0) == 0) {
            throw refused("multiplies by the reset gate before the matrix (linear_before_reset = 0), PyTorch's GRU after it:"
                    + " export it from PyTorch, or with reset_after=True from Keras");
        }
        activations();
    }

    /** The activations of both directions, checked; empty for torch.nn's own. */
    private Optional<List<String>> activations() {
        Attribute given = node.attributes().get("activations");
        List<String> usual = switch (node.op()) {
            case "LSTM" -> List.of("Sigmoid", "Tanh", "Tanh");
            case "GRU" -> List.of("Sigmoid", "Tanh");
            default -> List.of("Tanh");
        };
        if (given == null || given.texts().isEmpty()) {
            return Optional.empty();
        }
        List<String> names = given.texts();
        int size = usual.size();
        if (names.size() != size && names.size() != 2 * size) {
            throw source.malformed(described() + " has " + names.size() + " activations, expected " + size + " a direction");
        }
        List<String> first = names.subList(0, size);
        if (names.size() == 2 * size && !first.equals(names.subList(size, 2 * size))) {
            throw refused("has other activations backwards than forwards, which no torch.nn layer does");
        }
        if (first.equals(usual)) {
            return Optional.empty();
        }
        boolean parameters = node.attributes().containsKey("activation_alpha")
                || node.attributes().containsKey("activation_beta");
        List<String> ours = first.stream().map(OnnxRecurrent::activation).toList();
        boolean expressible = node.is("LSTM") && !ours.contains("") || node.is("RNN") && first.equals(List.of("Relu"));
        if (parameters || !expressible) {
            throw refused("has the activations " + Quote.of(String.join(", ", first)) + (parameters ? " with parameters" : "")
                    + ", which Lanecell has none of for it");
        }
        return Optional.of(ours);
    }

    /** Our name for it, with its default parameters; empty if there is none. */
    private static String activation(String onnx) {
        return switch (onnx) {
            case "Sigmoid", "Tanh", "Relu", "Softsign", "Softplus", "Elu" -> onnx.toLowerCase(Locale.ROOT);
            case "HardSigmoid" -> "hard_sigmoid_keras2";
            case "LeakyRelu" -> "leaky_relu";
            default -> "";
        };
    }

    private int checkShapes(Tensor w, Tensor r, Optional<Tensor> b, Optional<Tensor> p, int directions, int gates) {
        expect("W", w, w.rank() == 3 && w.dim(0) == directions && w.dim(1) % gates == 0, "[" + directions + ", " + gates
                + "·hidden, inputs]");
        int rows = w.dim(1);
        int units = rows / gates;
        if (node.integer("hidden_size", units) != units) {
            throw source
                    .malformed(described() + " says hidden_size " + node.integer("hidden_size", units) + ", its W has " + units);
        }
        expect("R", r, java.util.Arrays.equals(r.shape(), new int[]{directions, rows, units}),
                "[" + directions + ", " + rows + ", " + units + "]");
        b.ifPresent(tensor -> expect("B", tensor,
                tensor.rank() == 2 && tensor.dim(0) == directions && tensor.dim(1) == 2L * rows,
                "[" + directions + ", " + 2L * rows + "]"));
        p.ifPresent(tensor -> expect("P", tensor,
                tensor.rank() == 2 && tensor.dim(0) == directions && tensor.dim(1) == 3L * units,
                "[" + directions + ", " + 3L * units + "]"));
        return units;
    }

    private void expect(String input, Tensor tensor, boolean right, String shape) {
        if (!right || !tensor.dtype().isFloating()) {
            throw source.malformed(described() + " has " + tensor + " as its " + input + ", expected floats of shape " + shape);
        }
    }

    private void remark(int directions, boolean bias, boolean peepholes) {
        String gates = switch (node.op()) {
            case "LSTM" -> "gates i o f c reordered to i f g o";
            case "GRU" -> "gates z r h reordered to r z n";
            default -> "one gate";
        };
        source.remark(described() + ": W, R" + (bias ? ", B" : "") + (peepholes ? ", P" : "") + " became " + title
                + ".weight_ih_l0 …, " + gates + (bias ? ", B split into bias_ih and bias_hh" : "")
                + (directions == 2 ? ", the second direction is _l0_reverse" : "")
                + (peepholes ? ", P (i o f) became weight_ci, weight_co, weight_cf" : ""));
        activations().ifPresent(names -> source.remark(described() + " has other activations than torch.nn's: "
                + (node.is("RNN")
                        ? "in model.json set nonlinearity to relu"
                        : "in model.json set gate_activation to " + names.get(0) + ", cell_activation to " + names.get(1)
                                + ", output_activation to " + names.get(2))));
        if (node.integer("layout", 0) == 1) {
            source.remark(described() + " takes the batch first: in model.json set batch_first");
        }
        List<String> states = new ArrayList<>(List.of(node.input(5), node.input(6)));
        states.removeIf(name -> name.isEmpty() || scope.constant(name).filter(OnnxRecurrent::hasValue).isEmpty());
        for (String state : states) {
            source.remark(described() + " starts from the constant state " + Quote.of(state) + ": give it as h0 or c0");
        }
    }

    private static boolean hasValue(Tensor tensor) {
        return tensor.dtype().isFloating() && java.util.stream.IntStream.range(0, (int) tensor.bytes().byteSize())
                .anyMatch(i -> tensor.bytes().get(java.lang.foreign.ValueLayout.JAVA_BYTE, i) != 0);
    }

    private String described() {
        return node.op() + " node " + Quote.of(title);
    }

    private WeightFileException refused(String why) {
        return source.unsupported(described() + " " + why);
    }
}
