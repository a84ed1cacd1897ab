package io.lanecell.loader;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.loader.PickleValue.Dict;
import io.lanecell.loader.PickleValue.Items;
import io.lanecell.loader.PickleValue.Scalar;
import io.lanecell.loader.PickleValue.Tuple;
import io.lanecell.loader.PickleValue.View;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PickleReaderTest {
    private static PickleValue read(byte[] pickle) {
        return read(pickle, false);
    }

    private static PickleValue read(byte[] pickle, boolean script) {
        Source source = Source.of(Path.of("test.pt"), pickle);
        PickleInput in = new PickleInput(source, "data.pkl", source.content(), 0);
        return PickleReader.read(source, in, new TorchCalls(source, "data.pkl", script));
    }

    private static PickleValue read(PickleWriter pickle) {
        return read(pickle.stop());
    }

    private static PickleWriter pickle() {
        return PickleWriter.protocol(2);
    }

    private static <E extends WeightFileException> String message(Class<E> kind, PickleWriter pickle) {
        return assertThrows(kind, () -> read(pickle)).getMessage();
    }

    private static void assertSays(String message, String... words) {
        for (String word : words) {
            assertTrue(message.contains(word), () -> "no '" + word + "' in: " + message);
        }
    }

    private static Scalar scalar(Object value) {
        return new Scalar(value);
    }

    @Test
    void scalarOpcodesGiveTheirValues() {
        assertEquals(Scalar.NONE, read(pickle().ops("N")));
        assertEquals(scalar(true), read(pickle().op(0x88)));
        assertEquals(scalar(false), read(pickle().op(0x89)));
        assertEquals(scalar(-5L), read(pickle().hex("4a fbffffff")));
        assertEquals(scalar(200L), read(pickle().hex("4b c8")));
        assertEquals(scalar(65535L), read(pickle().hex("4d ffff")));
        assertEquals(scalar(1.5), read(pickle().hex("47 3ff8000000000000")));
        assertEquals(scalar("né"), read(pickle().hex("58 03000000 6ec3a9")));
        assertEquals(scalar("ab"), read(pickle().hex("8c 02 6162")));
        assertEquals(scalar("ab"), read(pickle().hex("8d 0200000000000000 6162")));
        assertEquals(scalar("ab"), read(pickle().hex("55 02 6162")));
        assertEquals(scalar("ab"), read(pickle().hex("54 02000000 6162")));
    }

    @Test
    void bytesAreSkippedAndStandForNothing() {
        assertEquals(Scalar.NONE, read(pickle().hex("43 02 6162")));
        assertEquals(Scalar.NONE, read(pickle().hex("42 02000000 6162")));
        assertEquals(Scalar.NONE, read(pickle().hex("8e 0200000000000000 6162")));
    }

    @ParameterizedTest
    @CsvSource({"'8a 00', 0", "'8a 01 ff', -1", "'8a 02 ff00', 255", "'8a 02 0080', -32768", "'8b 01000000 7f', 127",
            "'8a 08 ffffffffffffff7f', 9223372036854775807", "'8a 08 0000000000000080', -9223372036854775808"})
    void longsOfUpTo8BytesKeepTheirValue(String hex, long expected) {
        assertEquals(scalar(expected), read(pickle().hex(hex)));
    }

    @Test
    void longsBeyond64BitsAreReadAndStandForNothing() {
        assertEquals(Scalar.NONE, read(pickle().hex("8a 09 000000000000000001")));
    }

    @Test
    void containerOpcodesGiveTheirValues() {
        assertEquals(new Tuple(List.of()), read(pickle().ops(")")));
        assertEquals(new Tuple(List.of(scalar(1L))), read(pickle().hex("4b01 85")));
        assertEquals(new Tuple(List.of(scalar(1L), scalar(2L))), read(pickle().hex("4b01 4b02 86")));
        assertEquals(new Tuple(List.of(scalar(1L), scalar(2L), scalar(3L))), read(pickle().hex("4b01 4b02 4b03 87")));
        assertEquals(new Tuple(List.of(scalar(1L), scalar(2L))), read(pickle().ops("(").hex("4b01 4b02").ops("t")));
        assertEquals(new Items(), read(pickle().ops("]")));
        assertEquals(new Items(List.of(scalar(1L))), read(pickle().ops("]").hex("4b01").ops("a")));
        assertEquals(new Items(List.of(scalar(1L), scalar(2L))), read(pickle().ops("](").hex("4b01 4b02").ops("e")));
        assertEquals(new Items(List.of(scalar(1L), scalar(2L))), read(pickle().ops("(").hex("4b01 4b02").ops("l")));
        assertEquals(new Dict(Map.of(), false), read(pickle().ops("}")));
        Dict expected = new Dict(Map.of("a", scalar(1L)), false);
        assertEquals(expected, read(pickle().ops("}").text("a").hex("4b01").ops("s")));
        assertEquals(expected, read(pickle().ops("}(").text("a").hex("4b01").ops("u")));
        assertEquals(expected, read(pickle().ops("(").text("a").hex("4b01").ops("d")));
    }

    @Test
    void stackAndMemoOpcodesMoveValues() {
        assertEquals(scalar(1L), read(pickle().hex("4b01 4b02").ops("0")));
        assertEquals(scalar(1L), read(pickle().hex("4b01").ops("(").hex("4b02 4b03").ops("1")));
        Tuple twice = new Tuple(List.of(scalar(7L), scalar(7L)));
        assertEquals(twice, read(pickle().hex("4b07").ops("2").op(0x86)));
        assertEquals(twice, read(pickle().hex("4b07 71 05 68 05 86")));
        assertEquals(twice, read(pickle().hex("4b07 72 ffffffff 6a ffffffff 86")));
        assertEquals(twice, read(pickle().hex("4b07 94 68 00 86")));
        assertEquals(scalar(7L), read(PickleWriter.protocol(4).hex("95 0300000000000000 4b07")));
    }

    @Test
    void globalsOfAStateDictGiveTensorsAndOrderedDicts() {
        assertEquals(new Dict(Map.of(), true), read(pickle().global("collections", "OrderedDict").ops(")R")));
        PickleWriter stackGlobal = PickleWriter.protocol(4).text("collections").text("OrderedDict").op(0x93).ops(")R");
        assertEquals(new Dict(Map.of(), true), read(stackGlobal));
        assertEquals(new Tuple(List.of(scalar(2L))), read(pickle().global("torch", "Size").numbers(2).op(0x85).ops("R")));
        assertEquals(Scalar.NONE, read(pickle().global("torch", "device").text("cpu").op(0x85).ops("R")));
        View view = assertInstanceOf(View.class,
                read(pickle().tensor("HalfStorage", "7", 12, 3, new long[]{2, 3}, new long[]{3, 1})));
        assertEquals("7", view.storage().key());
        assertEquals("F16", view.storage().dtype().name());
        assertEquals(12, view.storage().elements());
        assertEquals(3, view.offset());
        assertEquals("[2, 3] [3, 1]", Arrays.toString(view.shape()) + " " + Arrays.toString(view.strides()));
        PickleWriter parameter = pickle().global("torch._utils", "_rebuild_parameter")
                .tensor("FloatStorage", "0", 1, 0, new long[0], new long[0]).op(0x88).global("collections", "OrderedDict")
                .ops(")R")
                .op(0x87).ops("R");
        assertInstanceOf(View.class, read(parameter));
    }

    @Test
    void attributesOfAnOrderedDictAreIgnoredAndOthersRefused() {
        PickleWriter metadata = pickle().global("collections", "OrderedDict").ops(")R}").text("_metadata").ops("}sb");
        assertEquals(new Dict(Map.of(), true), read(metadata));
        assertSays(message(WeightFileException.Malformed.class, pickle().ops("}}b")), "only an OrderedDict", "byte 4");
        assertSays(message(WeightFileException.Malformed.class, pickle().global("collections", "OrderedDict").ops(")RNb")),
                "None");
        assertSays(message(WeightFileException.Malformed.class, pickle().global("torch", "FloatStorage").ops("}b")),
                "torch.FloatStorage");
    }

    @ParameterizedTest
    @CsvSource({"os, system", "builtins, eval", "builtins, getattr", "collections, Counter", "torch, load",
            "torch._utils, _rebuild_tensor_v2.__globals__", "torch.jit, load", "numpy.core.multiarray, _reconstruct",
            "java.lang, Runtime", "_codecs, encode", "'', ''"})
    void everyOtherGlobalIsRefusedByNameAndOffset(String module, String name) {
        String message = message(WeightFileException.Refused.class, pickle().ops("N0").global(module, name));
        assertSays(message, "'" + module + "." + name + "'", "byte 4", "not run", "torch.save(model.state_dict(), file)");
        PickleWriter stackGlobal = PickleWriter.protocol(4).text(module).text(name).op(0x93);
        assertSays(message(WeightFileException.Refused.class, stackGlobal), "'" + module + "." + name + "'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ComplexFloatStorage", "QInt8Storage"})
    void tensorsOfTypesThatWeLackAreUnsupported(String storage) {
        assertSays(message(WeightFileException.Unsupported.class, pickle().global("torch", storage)), storage, "float32");
    }

    @Test
    void storageClassesAndTypesCantBeCalled() {
        assertSays(message(WeightFileException.Refused.class, pickle().global("torch", "FloatStorage").ops(")R")),
                "torch.FloatStorage", "not run");
        assertSays(message(WeightFileException.Refused.class, pickle().global("torch", "float32").ops(")R")), "torch.float32");
    }

    @Test
    void opcodesOutsideTheListAreRefusedByNumberAndOffset() {
        // INST, OBJ, NEWOBJ_EX, EXT1, EXT2, EXT4, PERSID, NEXT_BUFFER, READONLY_BUFFER, BYTEARRAY8, sets, and text opcodes.
        for (int opcode : new int[]{'i', 'o', 0x92, 0x82, 0x83, 0x84, 'P', 0x97, 0x98, 0x96, 0x8f, 0x90, 0x91, 'L',
                'F',
                'S', 'V', 'g', 'p', 0x80, 0, 0xff}) {
            String message = message(WeightFileException.Refused.class, pickle().ops("NN").op(opcode));
            assertSays(message, "0x" + Integer.toHexString(opcode), "byte 4");
        }
    }

    @Test
    void onAnEmptyStackOnlyOpcodesThatMakeAValueGiveOneAndAllOthersATypedError() {
        byte[] stops = new byte[20];
        Arrays.fill(stops, (byte) '.');
        Set<Integer> giveAValue = new TreeSet<>();
        for (int opcode = 0; opcode < 256; opcode++) {
            byte[] pickle = pickle().op(opcode).raw(stops).bytes();
            try {
                read(pickle);
                giveAValue.add(opcode);
            } catch (WeightFileException e) {
                assertTrue(e.getMessage().contains("byte"), e.getMessage());
            }
        }
        assertEquals(Set.of((int) 'N', 0x88, 0x89, (int) 'J', (int) 'K', (int) 'M', (int) 'G', (int) ')', (int) ']', (int) '}'),
                giveAValue);
    }

    @Test
    void missingValuesMarksAndMemosAreNamed() {
        assertSays(message(WeightFileException.Malformed.class, pickle()), "0 values", "byte 2");
        assertSays(message(WeightFileException.Malformed.class, pickle().ops("NN")), "2 values");
        assertSays(message(WeightFileException.Malformed.class, pickle().ops("N(")), "stack");
        assertSays(message(WeightFileException.Malformed.class, pickle().ops("0")), "not on its stack");
        assertSays(message(WeightFileException.Malformed.class, pickle().ops("N").op(0x86)), "needs 2 values", "has 1");
        assertSays(message(WeightFileException.Malformed.class, pickle().ops("N(").op(0x85)), "needs 1 values", "has 0");
        assertSays(message(WeightFileException.Malformed.class, pickle().ops("Nt")), "mark");
        assertSays(message(WeightFileException.Malformed.class, pickle().hex("68 09")), "value 9", "not stored");
        assertSays(message(WeightFileException.Malformed.class, pickle().ops("NNa")), "None rather than a list");
        assertSays(message(WeightFileException.Malformed.class, pickle().ops("]NNs")), "a list of 0 rather than a dict");
        assertSays(message(WeightFileException.Malformed.class, pickle().ops("}(Nu")), "key without a value");
        assertSays(message(WeightFileException.Malformed.class, pickle().ops("})Ns")), "a tuple of 0 as a dict's key");
        assertSays(message(WeightFileException.Malformed.class, pickle().ops("N)R")), "calls None");
        assertSays(message(WeightFileException.Malformed.class, pickle().global("torch", "Size").ops("NR")),
                "rather than a tuple");
        assertSays(message(WeightFileException.Malformed.class, pickle().ops("NN").op(0x93)), "None as a name");
    }

    @Test
    void callsWithWrongArgumentsAreNamed() {
        assertSays(message(WeightFileException.Malformed.class, pickle().global("torch._utils", "_rebuild_tensor_v2").ops(")R")),
                "0 arguments");
        assertSays(message(WeightFileException.Malformed.class,
                pickle().global("torch._utils", "_rebuild_tensor_v2").ops("(NNNNNNtR")), "None rather than a storage");
        assertSays(message(WeightFileException.Malformed.class, pickle().global("torch._utils", "_rebuild_parameter").ops(")R")),
                "parameter");
        assertSays(
                message(WeightFileException.Malformed.class,
                        pickle().global("collections", "OrderedDict").ops("N").op(0x85).ops("R")),
                "OrderedDict with 1 arguments");
        assertSays(message(WeightFileException.Malformed.class, pickle().global("torch", "Size").ops(")R")), "torch.Size");
        assertSays(message(WeightFileException.Malformed.class, pickle().ops("NQ")), "None as a persistent id");
        assertSays(message(WeightFileException.Malformed.class, pickle().ops("(").text("module").ops("NNNNtQ")), "persistent id");
        assertSays(message(WeightFileException.Malformed.class,
                pickle().ops("(").text("storage").global("torch", "Size").ops("NNNtQ")), "torch.Size as a storage's class");
        assertSays(message(WeightFileException.Malformed.class, pickle().storage("FloatStorage", "0", -1)),
                "-1 as a storage's size");
        assertSays(message(WeightFileException.Malformed.class, pickle().storage("FloatStorage", "0", Long.MAX_VALUE)),
                "elements");
    }

    @Test
    void tensorsWithImpossibleShapesAreNamed() {
        assertSays(message(WeightFileException.Malformed.class, tensor(new long[]{2, 2}, new long[]{1})), "[2, 2]", "[1]");
        assertSays(message(WeightFileException.Malformed.class, tensor(new long[]{-2}, new long[]{1})), "-2 as a tensor's shape");
        assertSays(message(WeightFileException.Malformed.class, tensor(new long[]{2}, new long[]{-1})),
                "-1 as a tensor's strides");
        assertSays(message(WeightFileException.Malformed.class, tensor(new long[]{1L << 31}, new long[]{0})), "2147483648");
        assertSays(message(WeightFileException.Malformed.class, tensor(new long[65], new long[65])), "shape");
    }

    private static PickleWriter tensor(long[] shape, long[] strides) {
        return pickle().tensor("FloatStorage", "0", 4, 0, shape, strides);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 6, 255})
    void protocolsOutside2To5AreUnsupported(int protocol) {
        assertSays(message(WeightFileException.Unsupported.class, PickleWriter.protocol(protocol).ops("N")),
                "protocol " + protocol);
    }

    @Test
    void aTensorOfManyDimensionsIsRefusedWithoutNamingThemAll() {
        long[] shape = new long[100_000];
        byte[] pickle = PickleWriter.protocol(2).tensor("FloatStorage", "0", 1, 0, shape, new long[1]).stop();
        String message = assertThrows(WeightFileException.Malformed.class, () -> read(pickle)).getMessage();
        assertSays(message, "100000 extents and 1 strides", "at most 64");
        assertTrue(message.length() < 300, message);
    }

    @Test
    void somethingThatIsNoPickleIsMalformed() {
        byte[] text = "hello".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        assertSays(assertThrows(WeightFileException.Malformed.class, () -> read(text)).getMessage(), "no pickle");
    }

    @ParameterizedTest
    @ValueSource(strings = {"58 ffffffff", "54 ffffff7f", "8d ffffffffffffff7f", "8d ffffffffffffffff", "42 ffffffff",
            "8e ffffffffffffffff", "8b ffffffff", "95 ffffffffffffffff", "8a ff", "43 ff", "8c ff", "55 ff", "47 00", "4a 00"})
    void lengthsBeyondTheEndAreRefusedBeforeAnythingIsAllocated(String hex) {
        long before = Allocation.ofThisThread();
        assertSays(message(WeightFileException.Truncated.class, pickle().hex(hex)), "data.pkl", "left");
        assertTrue(Allocation.ofThisThread() - before < 4 << 20, "allocated for a length that was made up");
    }

    @Test
    void invalidUtf8IsMalformed() {
        assertSays(message(WeightFileException.Malformed.class, pickle().hex("8c 02 c328")), "UTF-8");
    }

    @Test
    void everyTruncationOfAGoodPickleIsATypedError() {
        byte[] good = pickle().ops("}(").text("w").tensor("FloatStorage", "0", 4, 0, new long[]{2, 2}, new long[]{2, 1}).ops("u")
                .stop();
        read(good);
        for (int length = 0; length < good.length; length++) {
            byte[] cut = Arrays.copyOf(good, length);
            assertThrows(WeightFileException.Truncated.class, () -> read(cut), "cut to " + length);
        }
    }

    @Test
    void twentyThousandNestedListsDontOverflowTheStack() {
        PickleValue nested = read(pickle().ops("]".repeat(20_000) + "a".repeat(19_999)));
        assertEquals("a list of 1", nested.describe());
    }

    @Tag("long")
    @ParameterizedTest
    @ValueSource(strings = {"8c0161", "4d0101", "5d", "7d", "29", "28", "4e", "88", "4b00", "8c00", "5800000000", "8a00",
            "4700000000000000ff",
            "2985", "2828",
            "7d4e4e73", "5d4e61", "28 4e4e74", "28 4e4e6c", "4e94", "636f730a", "7d 284b004e4b014e4b024e75",
            "28 63746f7263680a53697a650a"})
    void patternsRepeatedToFillTheMemoryAreRefusedInTime(String hex) {
        byte[] pattern = PickleWriter.protocol(2).hex(hex).bytes();
        for (int size : new int[]{1_000_000, 8_000_000}) {
            byte[] pickle = new byte[size];
            pickle[0] = (byte) 0x80;
            pickle[1] = 2;
            for (int i = 2; i < pickle.length; i++) {
                pickle[i] = pattern[2 + (i - 2) % (pattern.length - 2)];
            }
            long before = Allocation.ofThisThread();
            assertThrows(WeightFileException.class, () -> read(pickle));
            long allocated = Allocation.ofThisThread() - before;
            assertTrue(allocated < 3L * pickle.length + (64L << 20), allocated + " bytes for a pickle of " + pickle.length);
        }
    }
}
