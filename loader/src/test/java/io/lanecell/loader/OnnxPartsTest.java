package io.lanecell.loader;

import static io.lanecell.loader.Fault.assertFault;
import static io.lanecell.loader.Fault.assertRemark;
import static io.lanecell.loader.ProtoWriter.graph;
import static io.lanecell.loader.ProtoWriter.integer;
import static io.lanecell.loader.ProtoWriter.message;
import static io.lanecell.loader.ProtoWriter.model;
import static io.lanecell.loader.ProtoWriter.node;
import static io.lanecell.loader.ProtoWriter.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lanecell.DType;
import io.lanecell.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an ONNX model may have left away, doubled or written in another of its ways. */
class OnnxPartsTest {
    private static final int NODE = 1;
    private static final int INITIALIZER = 5;

    @TempDir
    Path folder;

    private static WeightFile.Content read(byte[] file) {
        Source source = Source.of(Path.of("x.onnx"), file);
        Weights weights = new OnnxReader().read(source);
        return new WeightFile.Content(WeightFile.Format.ONNX, weights, source.remarks());
    }

    private static WeightFile.Content read(Object... parts) {
        return read(model(graph(parts)));
    }

    private static void fault(Class<? extends WeightFileException> kind, ProtoWriter graph, String... words) {
        assertFault(kind, () -> read(model(graph)), words);
    }

    private static ProtoWriter empty(int type, String name) {
        return message().number(1, 0).number(2, type).text(8, name);
    }

    @Test
    void everyElementTypeIsOurs() {
        int[] types = {1, 2, 3, 5, 6, 7, 9, 10, 11, 16};
        List<DType> ours = List.of(DType.F32, DType.U8, DType.I8, DType.I16, DType.I32, DType.I64, DType.BOOL, DType.F16,
                DType.F64,
                DType.BF16);
        for (int i = 0; i < types.length; i++) {
            assertEquals(ours.get(i), read(INITIALIZER, empty(types[i], "w")).weights().get("w").dtype());
        }
        for (int type : new int[]{0, 4, 8, 12, 13, 14, 15, 17, 101}) {
            assertRemark(read(INITIALIZER, empty(type, "w")).remarks(), "'w' is left out", "type " + type);
        }
        byte[] two = new byte[16];
        two[7] = 0x40;
        assertArrayEquals(new double[]{2, 0},
                read(INITIALIZER, message().number(1, 2).number(2, 11).text(8, "d").bytes(10, two)).weights().get("d")
                        .toDoubles());
        ProtoWriter shorts = message().number(1, 2).number(2, 5).text(8, "s").number(5, 258).number(5, -2);
        assertArrayEquals(new long[]{258, -2}, read(INITIALIZER, shorts).weights().get("s").toLongs());
    }

    @Test
    void atMost32DimensionsAreRead() {
        ProtoWriter tensor = message().number(2, 1).text(8, "w").bytes(9, new byte[4]);
        for (int i = 0; i < 32; i++) {
            tensor.number(1, 1);
        }
        assertEquals(32, read(INITIALIZER, tensor).weights().get("w").rank());
        fault(WeightFileException.Malformed.class, graph(INITIALIZER, tensor.number(1, 1)), "'w' has 33 dimensions, at most 32");
    }

    @Test
    void numbersOfAttributesComeInFours() {
        ProtoWriter bad = message().text(1, "value_floats").bytes(7, new byte[]{1, 2, 3});
        fault(WeightFileException.Malformed.class, graph(NODE, node("Constant", "", "", "f", bad)), "3 bytes of float32");
        assertFault(WeightFileException.Truncated.class, () -> new OnnxReader().read(Source.of(Path.of("x"),
                message().message(7, message().message(1, message().raw(4 << 3 | 2).varint(0xffffffffL))).toBytes())),
                "4294967295 bytes, only 0 are left");
    }

    @Test
    void externalDataBeginAtTheStartAndAreAsLongAsTheyNeed() throws IOException {
        Files.write(folder.resolve("data.bin"), ProtoWriter.floats(1, 2, 3));
        ProtoWriter entry = message().text(1, "location").text(2, "data.bin").number(3, 7);
        Path model = Files.write(folder.resolve("m.onnx"),
                model(graph(INITIALIZER, message().number(1, 2).number(2, 1).text(8, "w").number(14, 1).message(13, entry))));
        assertArrayEquals(new float[]{1, 2}, WeightFile.load(model).get("w").toFloats());
        for (String location : List.of("../data.bin", "sub/../../x", "", ".", "sub/..", "/etc/passwd")) {
            Path bad = Files.write(folder.resolve("m.onnx"), model(graph(INITIALIZER, message().number(1, 2).number(2, 1)
                    .text(8, "w").number(14, 1).message(13, message().text(1, "location").text(2, location)))));
            assertFault(WeightFileException.Refused.class, () -> WeightFile.load(bad), "'w' lies in '" + location + "'");
        }
        Path nul = Files.write(folder.resolve("m.onnx"), model(graph(INITIALIZER, message().number(1, 2).number(2, 1)
                .text(8, "w").number(14, 1).message(13, message().text(1, "location").text(2, "a\0b")))));
        assertFault(WeightFileException.Malformed.class, () -> WeightFile.load(nul), "can't be the name of a file");
    }

    @Test
    void nodesOfOneNameAreNumbered() {
        WeightFile.Content loaded = read(INITIALIZER, tensor("W", 0, 1, 1, 1), INITIALIZER, tensor("R", 5, 1, 1, 1), NODE,
                node("RNN", "n", "X,W,R", "Y"), NODE, node("RNN", "n", "X,W,R", "Z"), NODE, node("RNN", "", "X,W,R", ",Q"), NODE,
                message().text(1, "X").text(1, "W").text(1, "R").text(4, "RNN"));
        assertEquals(List.of("n.weight_ih_l0", "n.weight_hh_l0", "n_2.weight_ih_l0", "n_2.weight_hh_l0", "Q.weight_ih_l0",
                "Q.weight_hh_l0", "RNN.weight_ih_l0", "RNN.weight_hh_l0"), List.copyOf(loaded.weights().names()));
        fault(WeightFileException.Malformed.class,
                graph(INITIALIZER, tensor("W", 0, 1, 1, 1), INITIALIZER, tensor("R", 5, 1, 1, 1),
                        INITIALIZER, tensor("n.weight_ih_l0", 5, 1), NODE, node("RNN", "n", "X,W,R", "Y")),
                "two tensors 'n.weight_ih_l0'");
    }

    @Test
    void onlyTheStandardsOperationsAreRecurrent() {
        WeightFile.Content loaded = read(INITIALIZER, tensor("W", 0, 1, 1, 1), INITIALIZER, tensor("R", 5, 1, 1, 1), NODE,
                node("RNN", "n", "X,W,R", "Y").text(7, "com.acme"));
        assertEquals(List.of("W", "R"), List.copyOf(loaded.weights().names()));
        WeightFile.Content standard = read(INITIALIZER, tensor("W", 0, 1, 1, 1), INITIALIZER, tensor("R", 5, 1, 1, 1), NODE,
                node("RNN", "n", "X,W,R", "Y").text(7, "ai.onnx"));
        assertEquals(2, standard.weights().names().size());
        assertEquals("n.weight_ih_l0", standard.weights().names().iterator().next());
    }

    @Test
    void constantsOfEveryKindAreKeptOrCounted() {
        ProtoWriter noTensor = message().text(1, "value");
        ProtoWriter scalar = message().text(1, "value").message(5, message().number(2, 1).bytes(4, ProtoWriter.floats(3)));
        ProtoWriter ints = message().text(1, "value").message(5, empty(7, ""));
        WeightFile.Content loaded = read(NODE, node("Constant", "", "", "a", noTensor), NODE,
                node("Constant", "", "", "b", scalar), NODE, node("Constant", "", "", "c", ints), NODE,
                node("Constant", "", "", "d", message().text(1, "value_string").text(4, "x")), NODE,
                message().text(4, "Constant").message(5, scalar), INITIALIZER, message().number(2, 1).text(8, "w")
                        .bytes(4, ProtoWriter.floats(3)));
        assertEquals(List.of("w"), List.copyOf(loaded.weights().names()));
        assertRemark(loaded.remarks(), "2 constants of the graph are left out");
        assertEquals(1, loaded.remarks().size());
    }

    @Test
    void factorsOfGemmAreReportedUnlessTheyAreOne() {
        ProtoWriter half = message().text(1, "beta").raw(2 << 3 | 5, 0, 0, 0, 0x3f);
        ProtoWriter one = message().text(1, "alpha").raw(2 << 3 | 5, 0, 0, 0x80, 0x3f);
        ProtoWriter other = message().text(1, "alpha").raw(2 << 3 | 5, 0, 0, 0, 0x3f);
        WeightFile.Content loaded = read(INITIALIZER, tensor("m", 0, 1, 2), INITIALIZER, tensor("v", 0, 2), INITIALIZER,
                message().number(1, 1).number(1, 1).number(2, 7).text(8, "i").number(7, 5), INITIALIZER, tensor("k", 0, 1, 2),
                NODE,
                node("Gemm", "g", "x,m", "y", half, one), NODE, node("Add", "", "y,v", "z", other), NODE,
                node("MatMul", "", "z,v", "q"), NODE, node("MatMul", "", "z,i", "q"), NODE,
                node("Gemm", "", "k,z", "q", integer("transB", 0)));
        assertRemark(loaded.remarks(), "Gemm node 'g' multiplies by beta = 0.5", "multiply its bias by it");
        assertRemark(loaded.remarks(), "tensor 'm' transposed from [inputs, outputs]");
        assertEquals(2, loaded.remarks().size(), loaded.remarks()::toString);
    }

    @Test
    void functionsAndSparseTensorsAreLeftOutAndSaidSo() {
        byte[] file = message().number(1, 8).message(25, message().text(1, "f"))
                .message(7, graph(INITIALIZER, tensor("w", 0, 1), 15, message())).toBytes();
        WeightFile.Content loaded = read(file);
        assertRemark(loaded.remarks(), "a function of the model is left out");
        assertRemark(loaded.remarks(), "a sparse initializer is left out");
        fault(WeightFileException.Unsupported.class, graph(INITIALIZER, message().text(8, "w").message(3, message())),
                "tensor 'w' is stored in segments");
        byte[] two = message().message(7, graph()).message(7, graph()).toBytes();
        assertFault(WeightFileException.Malformed.class, () -> read(two), "holds 2 graphs");
    }
}
