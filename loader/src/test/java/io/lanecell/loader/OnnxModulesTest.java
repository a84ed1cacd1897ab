package io.lanecell.loader;

import static io.lanecell.loader.Fault.assertRemark;
import static io.lanecell.loader.ProtoWriter.graph;
import static io.lanecell.loader.ProtoWriter.model;
import static io.lanecell.loader.ProtoWriter.node;
import static io.lanecell.loader.ProtoWriter.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.Model;
import io.lanecell.Session;
import io.lanecell.Weights;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Stacks of layers and Linears as torch.onnx.export writes them; resources/onnx/make.py exported the files. */
class OnnxModulesTest {
    private static final int NODE = 1;
    private static final int INITIALIZER = 5;

    @TempDir
    Path folder;

    private static Path file(String name) {
        try {
            return Path.of(OnnxModulesTest.class.getResource("/onnx/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private static Set<String> names(ProtoWriter graph) {
        return Set.copyOf(new OnnxReader().read(Source.of(Path.of("x.onnx"), model(graph))).names());
    }

    @ParameterizedTest
    @ValueSource(strings = {"stacked.onnx", "unfolded.onnx"})
    void aStackOfTwoBidirectionalLstmsRunsAsItsTwoNodesAndGivesWhatPyTorchGave(String name) throws IOException {
        Path json = Files.writeString(folder.resolve("model.json"), """
                {"format": "lanecell-model/1", "layers": [
                  {"type": "lstm", "weights": "/rnn/LSTM", "batch_first": true},
                  {"type": "lstm", "weights": "/rnn/LSTM_1", "batch_first": true},
                  {"type": "linear", "weights": "head.0"}, {"type": "relu"}, {"type": "linear", "weights": "head.2"}],
                 "ignore": [%s]}
                """.formatted(WeightFile.load(file(name)).names().stream().filter(tensor -> tensor.startsWith("rnn."))
                .map(tensor -> '"' + tensor + '"').collect(Collectors.joining(", "))));
        Model model = ModelFile.open(json, file(name)).model();
        Weights expected = WeightFile.load(file("stacked.npz"));
        Session session = model.newSession(2);
        float[] y = new float[2 * 5 * 2];
        session.run(expected.get("x").toFloats(), 0, 5, null, y, 0);
        assertArrayEquals(expected.get("y").toFloats(), y, 1e-6f);
    }

    @Test
    void theMatricesOfLinearsThatLostTheirNamesGetThemBackAndTheReportSaysWhichNodesAreOneStack() {
        WeightFile.Content content = WeightFile.open(file("stacked.onnx"), Progress.NONE);
        Weights state = WeightFile.load(file("stacked.npz"));
        for (String name : List.of("head.0.weight", "head.2.weight", "head.2.bias")) {
            assertArrayEquals(state.get(name).toFloats(), content.weights().get(name).toFloats(), name);
        }
        assertTrue(content.weights().names().stream().noneMatch(OnnxModules::isNameless), content.weights().names()::toString);
        assertRemark(content.remarks(), "tensor 'onnx::MatMul_400' is called 'head.2.weight'");
        assertRemark(content.remarks(),
                "nodes '/rnn/LSTM' to '/rnn/LSTM_1' are the 2 layers of 'rnn': in model.json write one layer for each, in this order");
    }

    @Test
    void aNameIsOnlyGivenToWhatHasNoneAndIsUsedOnceAndNeverOneThatIsTaken() {
        ProtoWriter matrix = tensor("7", 0, 2, 3);
        ProtoWriter multiply = node("MatMul", "m", "x,7", "xy");
        ProtoWriter add = node("Add", "a", "fc.bias,xy", "y");
        assertEquals(Set.of("fc.weight", "fc.bias"),
                names(graph(INITIALIZER, matrix, INITIALIZER, tensor("fc.bias", 0, 3), NODE, multiply, NODE, add)));
        assertEquals(Set.of("7", "fc.bias"),
                names(graph(INITIALIZER, matrix, INITIALIZER, tensor("fc.bias", 0, 4), NODE, multiply, NODE, add)));
        assertEquals(Set.of("7", "other"),
                names(graph(INITIALIZER, matrix, INITIALIZER, tensor("other", 0, 3), NODE, multiply, NODE,
                        node("Add", "a", "other,xy", "y"))));
        assertEquals(Set.of("7", "fc.bias", "fc.weight"),
                names(graph(INITIALIZER, matrix, INITIALIZER, tensor("fc.bias", 0, 3), INITIALIZER, tensor("fc.weight", 0, 1),
                        NODE, multiply, NODE, add)));
        assertEquals(Set.of("7", "fc.bias"),
                names(graph(INITIALIZER, matrix, INITIALIZER, tensor("fc.bias", 0, 1, 3), NODE, multiply,
                        NODE, add)),
                "no bias has two dimensions");
        assertEquals(Set.of("7", "fc.bias"),
                names(graph(INITIALIZER, matrix, INITIALIZER, tensor("fc.bias", 0, 3), NODE, multiply,
                        NODE, node("Add", "a", "fc.bias,xy,z", "y"))),
                "no addition has three terms");
        ProtoWriter withoutOutput = ProtoWriter.message().text(1, "x").text(1, "7").text(3, "/fc/MatMul").text(4, "MatMul");
        assertEquals(Set.of("7"), names(graph(INITIALIZER, matrix, NODE, withoutOutput)));
        assertEquals(Set.of("w", "fc.bias"),
                names(graph(INITIALIZER, tensor("w", 0, 2, 3), INITIALIZER, tensor("fc.bias", 0, 3), NODE,
                        node("MatMul", "m", "x,w", "xy"), NODE, add)));
        assertEquals(Set.of("7"), names(graph(INITIALIZER, matrix, NODE, node("MatMul", "m", "x,7", ""))));
        assertEquals(Set.of("7"), names(graph(INITIALIZER, matrix, NODE, node("MatMul", "/fc/MatMul", "x,7", "a"), NODE,
                node("MatMul", "/fc/MatMul_1", "z,7", "b"))), "used twice");
        assertEquals(Set.of("a.b.c.1.weight"),
                names(graph(INITIALIZER, matrix, NODE, node("MatMul", "/a/b/c/c.1/MatMul", "x,7", "y"))));
        assertEquals(Set.of("7"),
                names(graph(INITIALIZER, matrix, NODE, node("MatMul", "/a".repeat(600) + "/MatMul", "x,7", "y"))));
        assertEquals(Set.of("fc.weight", "8"), names(graph(INITIALIZER, matrix, INITIALIZER, tensor("8", 0, 3, 2), NODE,
                node("MatMul", "/fc/MatMul", "x,7", "y"), NODE, node("MatMul", "/fc/MatMul_1", "y,8", "z"))));
    }
}
