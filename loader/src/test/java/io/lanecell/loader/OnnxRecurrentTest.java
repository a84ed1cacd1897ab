package io.lanecell.loader;

import static io.lanecell.loader.Fault.assertFault;
import static io.lanecell.loader.Fault.assertRemark;
import static io.lanecell.loader.ProtoWriter.graph;
import static io.lanecell.loader.ProtoWriter.integer;
import static io.lanecell.loader.ProtoWriter.message;
import static io.lanecell.loader.ProtoWriter.model;
import static io.lanecell.loader.ProtoWriter.node;
import static io.lanecell.loader.ProtoWriter.tensor;
import static io.lanecell.loader.ProtoWriter.texts;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lanecell.Weights;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Recurrent nodes of two directions, with activations of their own, and with tensors of the wrong shape. */
class OnnxRecurrentTest {
    private static final int NODE = 1;
    private static final int INITIALIZER = 5;

    private static WeightFile.Content read(ProtoWriter graph) {
        Source source = Source.of(Path.of("x.onnx"), model(graph));
        Weights weights = new OnnxReader().read(source);
        return new WeightFile.Content(WeightFile.Format.ONNX, weights, source.remarks());
    }

    private static ProtoWriter direction(String value) {
        return message().text(1, "direction").text(4, value);
    }

    /** Two units, two directions: W [2, 2g, 1] from 0, R [2, 2g, 2] from 100, B [2, 4g] from 200, P [2, 6] from 300. */
    private static ProtoWriter both(String op, int gates, String inputs, ProtoWriter... attributes) {
        return graph(INITIALIZER, tensor("W", 0, 2, 2 * gates, 1), INITIALIZER, tensor("R", 100, 2, 2 * gates, 2), INITIALIZER,
                tensor("B", 200, 2, 4 * gates), INITIALIZER, tensor("P", 300, 2, 6), NODE,
                node(op, "n", inputs, "Y", attributes));
    }

    private static void fault(Class<? extends WeightFileException> kind, ProtoWriter graph, String... words) {
        assertFault(kind, () -> read(graph), words);
    }

    private static void assertElements(Weights weights, String name, double... expected) {
        assertArrayEquals(expected, weights.get(name).toDoubles(), name);
    }

    @Test
    void bothDirectionsOfAnLstmAreConverted() {
        WeightFile.Content loaded = read(both("LSTM", 4, "X,W,R,B,,,,P", direction("Bidirectional"), integer("hidden_size", 2)));
        Weights weights = loaded.weights();
        assertEquals(14, weights.names().size());
        assertElements(weights, "n.weight_ih_l0", 0, 1, 4, 5, 6, 7, 2, 3);
        assertElements(weights, "n.weight_ih_l0_reverse", 8, 9, 12, 13, 14, 15, 10, 11);
        assertEquals("F32[8, 2]", weights.get("n.weight_hh_l0_reverse").toString());
        assertElements(weights, "n.bias_ih_l0", 200, 201, 204, 205, 206, 207, 202, 203);
        assertElements(weights, "n.bias_hh_l0_reverse", 224, 225, 228, 229, 230, 231, 226, 227);
        assertElements(weights, "n.weight_ci_l0", 300, 301);
        assertElements(weights, "n.weight_co_l0", 302, 303);
        assertElements(weights, "n.weight_cf_l0_reverse", 310, 311);
        assertRemark(loaded.remarks(), "LSTM node 'n': W, R, B, P became", "B split", "the second direction is _l0_reverse",
                "P (i o f) became weight_ci, weight_co, weight_cf");
        WeightFile.Content bare = read(both("LSTM", 4, "X,W,R", direction("bidirectional")));
        assertEquals(
                List.of("LSTM node 'n': W, R became n.weight_ih_l0 …, gates i o f c reordered to i f g o, the second direction"
                        + " is _l0_reverse"),
                bare.remarks());
        assertEquals(6, bare.weights().names().size(), "what the node doesn't use stays");
    }

    @Test
    void grusAndRnnsSayTheirGates() {
        assertRemark(read(both("GRU", 3, "X,W,R,B", direction("bidirectional"), integer("linear_before_reset", 1))).remarks(),
                "gates z r h reordered to r z n", "B split into bias_ih and bias_hh");
        WeightFile.Content rnn = read(both("RNN", 1, "X,W,R,B,,,,P", direction("bidirectional"), integer("layout", 1)));
        assertRemark(rnn.remarks(), "one gate");
        assertRemark(rnn.remarks(), "takes the batch first: in model.json set batch_first");
    }

    @Test
    void activationsOfBothDirectionsMustBeTheSame() {
        ProtoWriter two = direction("bidirectional");
        assertEquals(1,
                read(both("LSTM", 4, "X,W,R", two, texts("activations", "Sigmoid", "Tanh", "Tanh", "Sigmoid", "Tanh", "Tanh")))
                        .remarks().size());
        fault(WeightFileException.Unsupported.class, both("LSTM", 4, "X,W,R", two,
                texts("activations", "Sigmoid", "Tanh", "Tanh", "Sigmoid", "Tanh", "Relu")), "other activations backwards");
        fault(WeightFileException.Malformed.class, both("LSTM", 4, "X,W,R", two, texts("activations", "Sigmoid")),
                "has 1 activations, expected 3 a direction");
        fault(WeightFileException.Malformed.class, both("GRU", 3, "X,W,R", two, integer("linear_before_reset", 1),
                texts("activations", "Sigmoid", "Tanh", "Tanh")), "has 3 activations, expected 2");
        assertEquals(1, read(both("RNN", 1, "X,W,R", two, texts("activations"))).remarks().size());
    }

    @Test
    void everyActivationThatOursHasIsSaidAndOthersAreRefused() {
        ProtoWriter two = direction("bidirectional");
        for (String[] pair : new String[][]{{"Sigmoid", "sigmoid"}, {"Softplus", "softplus"}, {"Elu", "elu"},
                {"LeakyRelu", "leaky_relu"}, {"HardSigmoid", "hard_sigmoid_keras2"}, {"Softsign", "softsign"}}) {
            assertRemark(read(both("LSTM", 4, "X,W,R", two, texts("activations", "Tanh", pair[0], "Relu"))).remarks(),
                    "set gate_activation to tanh, cell_activation to " + pair[1] + ", output_activation to relu");
        }
        fault(WeightFileException.Unsupported.class,
                both("LSTM", 4, "X,W,R", two, texts("activations", "Tanh", "Affine", "Relu")),
                "'Tanh, Affine, Relu', which Lanecell has none of");
        for (String parameter : List.of("activation_alpha", "activation_beta")) {
            fault(WeightFileException.Unsupported.class,
                    both("LSTM", 4, "X,W,R", two, texts("activations", "Tanh", "Tanh", "Relu"),
                            message().text(1, parameter).bytes(7, ProtoWriter.floats(1))),
                    "with parameters");
        }
        assertRemark(read(both("RNN", 1, "X,W,R", two, texts("activations", "Relu"))).remarks(), "set nonlinearity to relu");
        fault(WeightFileException.Unsupported.class, both("RNN", 1, "X,W,R", two, texts("activations", "Sigmoid")), "'Sigmoid'");
        fault(WeightFileException.Unsupported.class, both("GRU", 3, "X,W,R", two, integer("linear_before_reset", 1),
                texts("activations", "Sigmoid", "Relu")), "'Sigmoid, Relu'");
    }

    @Test
    void everyTensorsShapeIsChecked() {
        ProtoWriter two = direction("bidirectional");
        for (String[] wrong : new String[][]{{"X,V,R", "as its W"}, {"X,B,R", "as its W"}, {"X,W,V", "as its R"},
                {"X,W,R,V", "as its B"}, {"X,W,R,W", "as its B"}, {"X,W,R,P", "as its B"}, {"X,W,R,B,,,,V", "as its P"},
                {"X,W,R,B,,,,B", "as its P"}, {"X,W,R,B,,,,W", "as its P"}}) {
            ProtoWriter graph = both("LSTM", 4, wrong[0], two).message(INITIALIZER, tensor("V", 0, 1, 16));
            fault(WeightFileException.Malformed.class, graph, wrong[1], "expected floats of shape [2, ");
        }
        fault(WeightFileException.Malformed.class, both("LSTM", 4, "X,W,R"),
                "as its W, expected floats of shape [1, 4·hidden, inputs]");
        fault(WeightFileException.Malformed.class, both("LSTM", 3, "X,W,R", two), "as its W");
        fault(WeightFileException.Malformed.class, both("LSTM", 4, "X,W,R", two, integer("hidden_size", 3)),
                "says hidden_size 3, its W has 2");
        ProtoWriter whole = message().number(1, 2).number(1, 8).number(1, 1).number(2, 6).text(8, "I").bytes(9, new byte[64]);
        fault(WeightFileException.Malformed.class, both("LSTM", 4, "X,I,R", two).message(INITIALIZER, whole),
                "I32[2, 8, 1] as its W");
    }

    @Test
    void weightsThatAreNoConstantsAreLeftOut() {
        ProtoWriter two = direction("bidirectional");
        for (String inputs : List.of("X,x,R", "X,W,x", "X,W,R,x", "X,W,R,B,,,,x", "X", "X,W")) {
            WeightFile.Content loaded = read(both("LSTM", 4, inputs, two));
            assertRemark(loaded.remarks(), "LSTM node 'n' is left out: its weights are inputs of the model");
            assertEquals(List.of("W", "R", "B", "P"), List.copyOf(loaded.weights().names()));
        }
        assertEquals(6, read(both("RNN", 1, "X,W,R,,,,,x", two)).weights().names().size(), "only an LSTM has peepholes");
    }

    @Test
    void constantStatesThatAreNotZeroAreReported() {
        ProtoWriter two = direction("bidirectional");
        ProtoWriter zeros = message().number(1, 1).number(2, 1).text(8, "zeros").bytes(4, new byte[4]);
        ProtoWriter whole = message().number(1, 1).number(2, 7).text(8, "whole").number(7, 1);
        for (String[] states : new String[][]{{"B,P", "B", "P"}, {"zeros,P", "P"}, {"whole,zeros"}, {",x"}}) {
            List<String> remarks = read(both("LSTM", 4, "X,W,R,,," + states[0], two).message(INITIALIZER, zeros)
                    .message(INITIALIZER, whole)).remarks();
            assertEquals(states.length, remarks.size(), remarks::toString);
            for (int i = 1; i < states.length; i++) {
                assertEquals("LSTM node 'n' starts from the constant state '" + states[i] + "': give it as h0 or c0",
                        remarks.get(i));
            }
        }
    }
}
