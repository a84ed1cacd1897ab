package io.lanecell.loader;

import static io.lanecell.loader.ProtoWriter.graph;
import static io.lanecell.loader.ProtoWriter.integer;
import static io.lanecell.loader.ProtoWriter.message;
import static io.lanecell.loader.ProtoWriter.model;
import static io.lanecell.loader.ProtoWriter.node;
import static io.lanecell.loader.ProtoWriter.tensor;
import static io.lanecell.loader.ProtoWriter.texts;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** ONNX models: PyTorch's exports against their state dicts, a real one, and small ones made here. */
class OnnxReaderTest {
    /** Fields of GraphProto. */
    private static final int NODE = 1;
    private static final int INITIALIZER = 5;
    private static final Pattern RECURRENT = Pattern.compile("(\\w+)\\.((?:weight|bias)_[ih]h)_l(\\d)(_reverse)?");

    @TempDir
    Path folder;

    static Stream<Path> everyTensorOfTheStateDictIsInTheExport() {
        Path models = Path.of("../../shared/golden/model");
        return Files.isDirectory(models)
                ? Shared.folders(models).filter(path -> Files.exists(path.resolve("model.onnx")))
                : Stream.of(models);
    }

    @ParameterizedTest
    @MethodSource
    void everyTensorOfTheStateDictIsInTheExport(Path model) {
        Shared.golden("model");
        Weights onnx = WeightFile.load(model.resolve("model.onnx"));
        Weights expected = WeightFile.load(model.resolve("state_dict.pt"));
        expected.tensors().forEach((name, tensor) -> {
            if (!name.endsWith("num_batches_tracked")) {
                Shared.assertSame(name, tensor, onnx.get(nameInOnnx(name, tensor, onnx)));
            }
        });
    }

    /** PyTorch's exporter has a node for each layer, and names a transposed matrix anew. */
    private static String nameInOnnx(String name, Tensor tensor, Weights onnx) {
        Matcher recurrent = RECURRENT.matcher(name);
        if (recurrent.matches()) {
            String op = onnx.names().stream().anyMatch(other -> other.contains("/GRU.")) ? "/GRU" : "/LSTM";
            String number = recurrent.group(3).equals("0") ? "" : "_" + recurrent.group(3);
            String node = "/" + recurrent.group(1) + op + number;
            if (onnx.has(node + ".weight_ih_l0")) {
                return node + "." + recurrent.group(2) + "_l0" + (recurrent.group(4) == null ? "" : "_reverse");
            }
        }
        return onnx.has(name)
                ? name
                : onnx.names().stream().filter(other -> other.startsWith("onnx::MatMul_")).filter(
                        other -> Arrays.equals(onnx.get(other).shape(), tensor.shape())).findFirst().orElse(name);
    }

    @Test
    void sileroVadsLstmIsFoundInsideItsBranchesAlthoughTheGraphReordersItsRows() {
        Path silero = Path.of("../../shared/real/silero_vad_v5");
        Assumptions.assumeTrue(Files.isDirectory(silero), "SKIPPED: no real models at " + silero.toAbsolutePath().normalize());
        Weights onnx = WeightFile.load(silero.resolve("model.onnx"));
        Weights expected = WeightFile.load(silero.resolve("weights.safetensors"));
        for (String rate : List.of("then;16k", "else;8k")) {
            String branch = "If_0_" + rate.split(";")[0] + "_branch__Inline_0__";
            String own = rate.split(";")[1];
            for (String name : List.of("weight_ih", "weight_hh", "bias_ih", "bias_hh")) {
                Shared.assertSame(name, expected.get(own + ".lstm_cell." + name),
                        onnx.get(branch + "/decoder/rnn/LSTM." + name + "_l0"));
            }
            Shared.assertSame("stft", expected.get(own + ".stft.forward_basis_buffer"),
                    onnx.get(branch + "stft.forward_basis_buffer"));
        }
    }

    private static WeightFile.Content read(ProtoWriter graph) {
        return read(model(graph));
    }

    private static WeightFile.Content read(byte[] file) {
        Source source = Source.of(Path.of("test.onnx"), file);
        assertEquals(WeightFile.Format.ONNX, FormatDetector.detect(source));
        return new WeightFile.Content(WeightFile.Format.ONNX, new OnnxReader().read(source), source.remarks());
    }

    private static <E extends WeightFileException> void assertFault(Class<E> kind, byte[] file, String... words) {
        E e = assertThrows(kind, () -> read(file));
        assertEquals(1, e.getMessage().lines().count(), e::getMessage);
        for (String word : words) {
            assertTrue(e.getMessage().contains(word), () -> "no '" + word + "' in: " + e.getMessage());
        }
    }

    private static void assertElements(Weights weights, String name, double... expected) {
        assertArrayEquals(expected, weights.get(name).toDoubles(), name);
    }

    /** A node of 1 unit with 1 input: W 0 1 2 3, R 10 …, B 20 … 27, P 30 31 32. */
    private static ProtoWriter recurrent(String op, int gates, String inputs, ProtoWriter... attributes) {
        return graph(INITIALIZER, tensor("W", 0, 1, gates, 1), INITIALIZER, tensor("R", 10, 1, gates, 1), INITIALIZER,
                tensor("B", 20, 1, 2 * gates), INITIALIZER, tensor("P", 30, 1, 3), NODE, node(op, "n", inputs, "Y", attributes));
    }

    @Test
    void anLstmsGatesBiasesAndPeepholesBecomePyTorchs() {
        WeightFile.Content loaded = read(recurrent("LSTM", 4, "X,W,R,B,,,,P"));
        Weights weights = loaded.weights();
        assertElements(weights, "n.weight_ih_l0", 0, 2, 3, 1);
        assertElements(weights, "n.weight_hh_l0", 10, 12, 13, 11);
        assertElements(weights, "n.bias_ih_l0", 20, 22, 23, 21);
        assertElements(weights, "n.bias_hh_l0", 24, 26, 27, 25);
        assertElements(weights, "n.weight_ci_l0", 30);
        assertElements(weights, "n.weight_co_l0", 31);
        assertElements(weights, "n.weight_cf_l0", 32);
        assertEquals(7, weights.names().size());
        assertTrue(loaded.remarks().getFirst().contains("gates i o f c reordered to i f g o"), loaded.remarks()::toString);
    }

    @Test
    void aGrusGatesBecomePyTorchsAndAnRnnHasOne() {
        Weights gru = read(recurrent("GRU", 3, "X,W,R,B", integer("linear_before_reset", 1))).weights();
        assertElements(gru, "n.weight_ih_l0", 1, 0, 2);
        assertElements(gru, "n.bias_hh_l0", 24, 23, 25);
        WeightFile.Content rnn = read(recurrent("RNN", 1, "X,W,R", texts("activations", "Relu")));
        assertElements(rnn.weights(), "n.weight_hh_l0", 10);
        assertFalse(rnn.weights().has("n.bias_ih_l0"));
        assertTrue(rnn.remarks().toString().contains("set nonlinearity to relu"), rnn.remarks()::toString);
    }

    @Test
    void activationsThatOurLstmHasAreReported() {
        List<String> remarks = read(recurrent("LSTM", 4, "X,W,R", texts("activations", "HardSigmoid", "Relu", "Softsign")))
                .remarks();
        assertTrue(
                remarks.toString().contains("gate_activation to hard_sigmoid_keras2, cell_activation to relu, output_activation"
                        + " to softsign"),
                remarks::toString);
        read(recurrent("LSTM", 4, "X,W,R", texts("activations", "Sigmoid", "Tanh", "Tanh"), integer("layout", 1))).remarks()
                .stream().filter(remark -> remark.contains("batch_first")).findFirst().orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({"GRU,3,hidden_size,linear_before_reset", "LSTM,4,clip,clips its sums", "LSTM,4,input_forget,couples its input"})
    void arithmeticThatPyTorchHasNotIsRefusedWithTheReason(String op, int gates, String attribute, String reason) {
        assertFault(WeightFileException.Unsupported.class, model(recurrent(op, gates, "X,W,R", integer(attribute, 1))), reason);
    }

    @Test
    void activationsAndDirectionsThatTorchHasNotAreRefused() {
        assertFault(WeightFileException.Unsupported.class,
                model(recurrent("LSTM", 4, "X,W,R", texts("activations", "Sigmoid", "ScaledTanh", "Tanh"))), "ScaledTanh");
        assertFault(WeightFileException.Unsupported.class,
                model(recurrent("GRU", 3, "X,W,R", integer("linear_before_reset", 1), texts("activations", "Tanh", "Tanh"))),
                "Tanh");
        assertFault(WeightFileException.Malformed.class, model(recurrent("RNN", 1, "X,W,R", texts("activations", "a", "b", "c"))),
                "3 activations");
        ProtoWriter reverse = message().text(1, "direction").text(4, "reverse");
        assertFault(WeightFileException.Unsupported.class, model(recurrent("RNN", 1, "X,W,R", reverse)), "backwards only");
        ProtoWriter up = message().text(1, "direction").text(4, "up");
        assertFault(WeightFileException.Malformed.class, model(recurrent("RNN", 1, "X,W,R", up)), "'up'");
    }

    @Test
    void shapesThatDontFitEachOtherAreRefused() {
        assertFault(WeightFileException.Malformed.class, model(recurrent("LSTM", 3, "X,W,R")), "as its W, expected");
        assertFault(WeightFileException.Malformed.class, model(recurrent("LSTM", 4, "X,W,R", integer("hidden_size", 7))),
                "hidden_size 7");
        assertFault(WeightFileException.Malformed.class, model(recurrent("LSTM", 4, "X,W,B")),
                "as its R, expected floats of shape [1, 4, 1]");
        assertFault(WeightFileException.Malformed.class, model(recurrent("LSTM", 4, "X,W,R,P")), "as its B");
        assertFault(WeightFileException.Malformed.class, model(recurrent("LSTM", 4, "X,W,R,B,,,,B")), "as its P");
    }

    @Test
    void weightsThatTheGraphComputesAreLeftOutAndItsConstantsStay() {
        WeightFile.Content loaded = read(graph(INITIALIZER, tensor("w", 0, 1, 4, 1), INITIALIZER, tensor("R", 0, 1, 4, 1), NODE,
                node("Mul", "m", "w,w", "W"), NODE, node("LSTM", "n", "X,W,R", "Y")));
        assertEquals(List.of("w", "R"), List.copyOf(loaded.weights().names()));
        assertTrue(loaded.remarks().toString().contains("computed while it runs"), loaded.remarks()::toString);
    }

    @Test
    void matricesOfMatMulAndGemmAreTransposedUnlessOthersUseThemToo() {
        WeightFile.Content loaded = read(graph(INITIALIZER, tensor("a", 0, 2, 3), INITIALIZER, tensor("b", 0, 2, 3), INITIALIZER,
                tensor("c", 0, 2, 3), NODE, node("MatMul", "m", "x,a", "y"), NODE,
                node("Gemm", "g", "x,b", "z", integer("transB", 1)), NODE, node("Gemm", "h", "x,c", "z"), NODE,
                node("Add", "p", "c,z", "q")));
        assertEquals("F32[3, 2]", loaded.weights().get("a").toString());
        assertElements(loaded.weights(), "a", 0, 3, 1, 4, 2, 5);
        assertElements(loaded.weights(), "b", 0, 1, 2, 3, 4, 5);
        assertElements(loaded.weights(), "c", 0, 1, 2, 3, 4, 5);
        assertEquals(2, loaded.remarks().size());
    }

    private static ProtoWriter constant(String output, ProtoWriter tensor) {
        return node("Constant", "", "", output, message().text(1, "value").message(5, tensor));
    }

    private static ProtoWriter indices(int... values) {
        ProtoWriter tensor = message().number(1, values.length).number(2, 7);
        for (int value : values) {
            tensor.number(7, value); // one by one, which is allowed as well
        }
        return tensor;
    }

    @Test
    void constantsOfBranchesAreReadAndCutAndJoinedAsTheGraphDoes() {
        ProtoWriter inner = graph(NODE, constant("w", tensor("", 0, 4, 1)), NODE, constant("from", indices(1)), NODE,
                constant("to", indices(-1)), NODE, constant("all", indices(9)), NODE, constant("zero", indices(0)), NODE,
                node("Slice", "", "w,zero,from,zero", "first"), NODE, node("Slice", "", "w,from,all,zero", "rest"), NODE,
                node("Concat", "", "rest,first", "turned", integer("axis", 0)), NODE,
                node("Unsqueeze", "", "turned,zero", "W"), NODE, node("Transpose", "", "W", "R"), NODE,
                node("Squeeze", "", "W,zero", "s"), NODE, node("Unsqueeze", "", "s,zero", "W2"), NODE,
                node("Identity", "", "W2", "W3"),
                NODE, node("LSTM", "", "X,W3,outer", "h"));
        ProtoWriter branch = message().text(1, "then_branch").message(6, inner);
        WeightFile.Content loaded = read(
                graph(INITIALIZER, tensor("outer", 50, 1, 4, 1), NODE, node("If", "if", "c", "o", branch)));
        // ONNX' rows 1 2 3 0 are i o f c.
        assertElements(loaded.weights(), "h.weight_ih_l0", 1, 3, 0, 2);
        assertElements(loaded.weights(), "h.weight_hh_l0", 50, 52, 53, 51);
        assertTrue(loaded.remarks().toString().contains("4 constants of the graph are left out"), loaded.remarks()::toString);
    }

    @Test
    void constantsMayBeListsAndFactorsOfGemmAreReported() {
        ProtoWriter axes = message().text(1, "value_ints").bytes(8, new byte[]{0});
        ProtoWriter floats = message().text(1, "value_floats").bytes(7, ProtoWriter.floats(4, 5));
        ProtoWriter half = message().text(1, "alpha").raw(2 << 3 | 5, 0, 0, 0, 0x3f);
        WeightFile.Content loaded = read(
                graph(INITIALIZER, tensor("w", 0, 4, 1), INITIALIZER, tensor("R", 0, 1, 4, 1), INITIALIZER,
                        tensor("m", 0, 1, 1), NODE, node("Constant", "", "", "axes", axes), NODE,
                        node("Constant", "", "", "f", floats), NODE,
                        node("Unsqueeze", "", "w,axes", "W"), NODE, node("LSTM", "n", "X,W,R", "Y"), NODE,
                        node("Gemm", "g", "x,m", "y", half)));
        assertElements(loaded.weights(), "n.weight_ih_l0", 0, 2, 3, 1);
        assertElements(loaded.weights(), "f", 4, 5);
        assertTrue(loaded.remarks().toString().contains("alpha = 0.5"), loaded.remarks()::toString);
    }

    @Test
    void oneNameInTwoBranchesIsTwoTensors() {
        ProtoWriter then = message().text(1, "then_branch").message(6, graph(INITIALIZER, tensor("w", 0, 1)));
        ProtoWriter otherwise = message().text(1, "else_branch").message(6, graph(INITIALIZER, tensor("w", 5, 1)));
        Weights weights = read(graph(NODE, node("If", "if", "c", "o", then, otherwise))).weights();
        assertEquals(2, weights.names().size());
        assertTrue(weights.has("w") && (weights.has("if.then_branch.w") || weights.has("if.else_branch.w")),
                weights.names()::toString);
    }

    @Test
    void elementsComeInAnyOfTheFieldsThatOnnxHasForThem() {
        byte[] two = ProtoWriter.floats(1, 2);
        ProtoWriter floats = message().number(1, 2).number(2, 1).text(8, "f").bytes(4, two);
        ProtoWriter single = message().number(1, 1).number(2, 1).text(8, "s").raw(4 << 3 | 5, 0, 0, 0x80, 0x3f);
        ProtoWriter halves = message().number(1, 2).number(2, 10).text(8, "h")
                .bytes(5, message().varint(0x3c00).varint(0xc000).toBytes());
        ProtoWriter bytes = message().number(1, 2).number(2, 3).text(8, "b").number(5, -1).number(5, 7);
        ProtoWriter packed = message().bytes(1, new byte[]{2, 1}).number(2, 7).text(8, "p").bytes(7, new byte[]{5, 6});
        ProtoWriter words = message().number(1, 1).number(2, 8).text(8, "words").text(6, "hello");
        WeightFile.Content loaded = read(
                graph(INITIALIZER, floats, INITIALIZER, single, INITIALIZER, halves, INITIALIZER, bytes, INITIALIZER,
                        packed, INITIALIZER, words));
        assertElements(loaded.weights(), "f", 1, 2);
        assertElements(loaded.weights(), "s", 1);
        assertElements(loaded.weights(), "h", 1, -2);
        assertElements(loaded.weights(), "b", -1, 7);
        assertElements(loaded.weights(), "p", 5, 6);
        assertEquals("I64[2, 1]", loaded.weights().get("p").toString());
        assertTrue(loaded.remarks().getFirst().contains("'words' is left out"), loaded.remarks()::toString);
    }

    private Path external(String location, String offset, String length) throws IOException {
        ProtoWriter tensor = message().number(1, 2).number(2, 1).text(8, "w").number(14, 1);
        for (String[] entry : new String[][]{{"location", location}, {"offset", offset}, {"length", length}}) {
            tensor.message(13, message().text(1, entry[0]).text(2, entry[1]));
        }
        return Files.write(folder.resolve("model.onnx"), model(graph(INITIALIZER, tensor)));
    }

    @Test
    void externalDataAreReadFromTheModelsFolder() throws IOException {
        Files.write(folder.resolve("data.bin"), ProtoWriter.floats(9, 1, 2));
        assertElements(WeightFile.load(external("data.bin", "4", "8")), "w", 1, 2);
        for (String[] wrong : new String[][]{{"data.bin", "8", "8", "which has 12"}, {"data.bin", "4", "4", "takes 4 bytes"},
                {"data.bin", "-4", "8", "'-4'"}, {"data.bin", "999999999999999999", "8", "which has 12"},
                {"gone", "0", "8", "no such file"}}) {
            Path model = external(wrong[0], wrong[1], wrong[2]);
            String message = assertThrows(WeightFileException.class, () -> WeightFile.load(model)).getMessage();
            assertTrue(message.contains(wrong[3]), message);
        }
    }

    @Test
    void externalDataElsewhereAreRefused() throws IOException {
        Path secret = Files.write(Files.createTempFile("secret", ".bin"), ProtoWriter.floats(1, 2));
        Files.createSymbolicLink(folder.resolve("link"), secret);
        for (String location : List.of("../x", "a/../../x", secret.toString(), "", ".", "link", "/etc/passwd", "a\nb",
                "\u009b")) {
            Path model = external(location, "0", "8");
            assertThrows(WeightFileException.Refused.class, () -> WeightFile.load(model), location);
        }
        Files.delete(secret);
    }

    @Test
    void wrongWireTypesLengthsAndGroupsAreTypedErrors() {
        assertFault(WeightFileException.Malformed.class, message().number(1, 8).text(2, "x").number(7, 5).toBytes(),
                "wire type 0", "a message");
        assertFault(WeightFileException.Truncated.class, message().number(1, 8).text(2, "x").raw(7 << 3 | 2, 100, 1).toBytes());
        assertFault(WeightFileException.Truncated.class, message().number(1, 8).text(2, "x").raw(7 << 3 | 2, 0x80).toBytes());
        assertFault(WeightFileException.Malformed.class, message().number(1, 8).text(2, "x").raw(9 << 3 | 3).toBytes(),
                "wire type 3");
        assertFault(WeightFileException.Malformed.class, message().number(1, 8).text(2, "x").raw(9 << 3 | 4).toBytes());
        assertFault(WeightFileException.Malformed.class, message().number(1, 8).text(2, "x").raw(0, 0).toBytes());
        assertFault(WeightFileException.Malformed.class,
                message().number(1, 8).text(2, "x").raw(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1).toBytes());
        assertFault(WeightFileException.Malformed.class, message().number(1, 8).text(2, "no graph").toBytes(), "0 graphs");
        assertFault(WeightFileException.Malformed.class,
                model(graph(INITIALIZER, tensor("a", 0, 1), INITIALIZER, tensor("a", 0, 1))), "'a'");
    }

    @Test
    void shapesThatOverflowOrDontFitTheirBytesAreTypedErrors() {
        for (long[] dims : new long[][]{{1L << 40}, {-1}, {1 << 30, 1 << 30}, {Long.MAX_VALUE, Long.MAX_VALUE}}) {
            ProtoWriter tensor = message().number(2, 1).text(8, "w");
            for (long dim : dims) {
                tensor.number(1, dim);
            }
            assertFault(WeightFileException.Malformed.class, model(graph(INITIALIZER, tensor)), "'w'");
        }
        ProtoWriter claims = message().number(1, 1 << 29).number(2, 1).text(8, "w");
        assertFault(WeightFileException.Malformed.class, model(graph(INITIALIZER, claims)), "far more memory");
        ProtoWriter few = message().number(1, 3).number(2, 1).text(8, "w").bytes(9, ProtoWriter.floats(1, 2));
        assertFault(WeightFileException.Truncated.class, model(graph(INITIALIZER, few)), "has 8 bytes, its shape needs 12");
        ProtoWriter many = message().number(1, 1).number(2, 1).text(8, "w").bytes(9, ProtoWriter.floats(1, 2));
        assertFault(WeightFileException.Malformed.class, model(graph(INITIALIZER, many)), "needs only 4");
        ProtoWriter typed = message().number(1, 1).number(2, 1).text(8, "w").bytes(4, ProtoWriter.floats(1, 2));
        assertFault(WeightFileException.Malformed.class, model(graph(INITIALIZER, typed)), "more than the 4 bytes");
        ProtoWriter numbers = message().number(1, 1).number(2, 7).text(8, "w").bytes(7, new byte[]{1, 2});
        assertFault(WeightFileException.Malformed.class, model(graph(INITIALIZER, numbers)), "more elements");
        ProtoWriter none = message().number(1, 2).number(2, 7).text(8, "w").bytes(7, new byte[]{1});
        assertFault(WeightFileException.Truncated.class, model(graph(INITIALIZER, none)), "has 8 bytes");
    }

    @Test
    void graphsInGraphsEndlesslyAreATypedError() {
        ProtoWriter graph = graph(INITIALIZER, tensor("w", 0, 1));
        for (int i = 0; i < 400; i++) {
            graph = graph(NODE, node("If", "if", "c", "o", message().text(1, "then_branch").message(6, graph)));
        }
        assertFault(WeightFileException.Malformed.class, model(graph), "deeper than");
    }

    @Test
    void constantsThatGrowBySelfReferenceOrDoublingAreATypedErrorOrNone() {
        ProtoWriter graph = graph(INITIALIZER, tensor("x0", 0, 1, 1024), NODE,
                node("Concat", "", "loop,loop", "loop", integer("axis", 0)));
        for (int i = 0; i < 35; i++) {
            graph.message(NODE, node("Concat", "", "x" + i + ",x" + i, "x" + (i + 1), integer("axis", 0)));
        }
        byte[] doubling = model(graph.message(NODE, node("LSTM", "n", "X,x35,loop", "Y")));
        assertFault(WeightFileException.Malformed.class, doubling, "far more memory");
    }

    @Test
    void aTransposeThatNamesOneAxisTwiceGivesNoConstant() {
        ProtoWriter twice = message().text(1, "perm").bytes(8, new byte[]{0, 0, 1});
        WeightFile.Content loaded = read(graph(INITIALIZER, tensor("w", 0, 4, 1), INITIALIZER, tensor("R", 0, 1, 4, 1), NODE,
                node("Transpose", "", "w", "W", twice), NODE, node("LSTM", "n", "X,W,R", "Y")));
        assertTrue(loaded.remarks().toString().contains("LSTM node 'n' is left out"), loaded.remarks()::toString);
    }

    @Test
    void theEmptyNameOfAnInputThatIsLeftAwayStandsForNoTensor() {
        Weights weights = read(graph(INITIALIZER, tensor("W", 0, 1, 4, 1), INITIALIZER, tensor("", 10, 1, 4, 1), NODE,
                message().text(4, "Concat").text(2, "R").message(5, integer("axis", 0)), NODE,
                node("LSTM", "n", "X,W,R", "Y"))).weights();
        assertEquals(Set.of("W", ""), weights.names());
    }

    @Test
    void aMillionNumbersThatComeOneByOneMayNotCostMuchMoreThanTheirFile() {
        ProtoWriter tensor = message().number(1, 1_000_000).number(2, 3).text(8, "w");
        for (int i = 0; i < 1_000_000; i++) {
            tensor.number(5, 1);
        }
        assertCostsLittle(model(graph(INITIALIZER, tensor)));
    }

    @ParameterizedTest
    @CsvSource({"Constant", "LSTM"})
    void manySmallNodesMayNotEither(String op) {
        ProtoWriter graph = message();
        ProtoWriter node = message().text(4, op).text(1, "x").text(2, "c")
                .message(5, message().text(1, "value_ints").bytes(8, new byte[16]));
        for (int i = 0; i < 40_000; i++) {
            graph.message(NODE, node);
        }
        assertCostsLittle(model(graph));
    }

    /** The model is read or refused within the memory that a file of its length may take. */
    private static void assertCostsLittle(byte[] model) {
        long before = Allocation.ofThisThread();
        try {
            new OnnxReader().read(Source.of(Path.of("x.onnx"), model));
        } catch (WeightFileException e) {
            assertTrue(e.getMessage().contains("far more memory") || e.getMessage().contains("names two tensors"),
                    e.getMessage());
        }
        long spent = Allocation.ofThisThread() - before;
        assertTrue(spent < 3L * model.length + (64 << 20), spent + " bytes for a file of " + model.length);
    }

    @Test
    void longNamesOfNodesWithManyGraphsMayNotCostMuchMoreThanTheirFile() {
        ProtoWriter bodies = message().text(1, "bodies");
        for (int i = 0; i < 5_000; i++) {
            bodies.message(11, message());
        }
        byte[] model = model(graph(NODE, node("Loop", "n".repeat(100_000), "x", "y", bodies)));
        long before = Allocation.ofThisThread();
        assertFault(WeightFileException.Malformed.class, model, "far more memory");
        assertTrue(Allocation.ofThisThread() - before < 4L * model.length + (64 << 20), "more than 4 n + 64 MB");
    }

    @Tag("long")
    @Test
    void cutAndDamagedModelsGiveNothingButOurErrors() {
        byte[] good = model(recurrent("LSTM", 4, "X,W,R,B,,,,P"));
        Random random = new Random(5);
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = i < good.length ? Arrays.copyOf(good, i) : good.clone();
            for (int k = 0; i >= good.length && k < 1 + i % 3; k++) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            }
            Source source = Source.of(Path.of("x.onnx"), bad);
            long before = Allocation.ofThisThread();
            try {
                new OnnxReader().read(source);
            } catch (WeightFileException e) {
                refused++;
            }
            long spent = Allocation.ofThisThread() - before;
            assertTrue(spent <= 4L * bad.length + (64 << 20), () -> spent + " bytes allocated");
        }
        assertTrue(refused > 5000, refused + " refused");
    }
}
