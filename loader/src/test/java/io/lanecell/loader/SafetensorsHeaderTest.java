package io.lanecell.loader;

import static io.lanecell.loader.Fault.assertFault;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lanecell.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What stands where something else is expected in a safetensors header, and what its tensors may cover. */
class SafetensorsHeaderTest {
    private static List<SafetensorsHeader.Entry> parse(String json) {
        return SafetensorsHeader.parse(Source.of(Path.of("w.safetensors"), new byte[1]),
                json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    private static void malformed(String json, String... words) {
        assertFault(WeightFileException.Malformed.class, () -> parse(json), words);
    }

    private static String tensor(String dtype, String shape, String offsets) {
        return "{'w': {'dtype': " + dtype + ", 'shape': " + shape + ", 'data_offsets': " + offsets + "}}";
    }

    @Test
    void whatIsExpectedAndWhatStandsThereAreNamed() {
        malformed("1", "the header is a number where an object is expected");
        malformed("", "the header is missing where an object is expected");
        malformed("{'w': null}", "tensor 'w' is null where an object is expected");
        malformed("{'w': true}", "tensor 'w' is true or false where an object");
        malformed("{'w': []}", "tensor 'w' is an array where an object");
        malformed("{'w': 1.5}", "tensor 'w' is a number where an object");
        malformed(tensor("{}", "[]", "[0, 4]"), "tensor 'w': dtype is an object where a string is expected");
        malformed(tensor("'F32'", "'x'", "[0, 4]"), "shape is a string where an array is expected");
        malformed(tensor("'F32'", "['x']", "[0, 4]"), "shape holds 'x' where a whole number is expected");
        malformed(tensor("'F32'", "[1.5]", "[0, 4]"), "shape holds '1.5' where a whole number");
        malformed(tensor("'F32'", "[-1]", "[0, 4]"), "shape holds '-1', expected a number from 0 to 2^63 - 1");
        malformed(tensor("'F32'", "[9223372036854775808]", "[0, 4]"), "holds '9223372036854775808', expected");
        malformed(tensor("'F32'", "[2147483648]", "[0, 4]"), "[2147483648], an extent is at most 2147483647");
        malformed(tensor("'F32'", "[1]", "[0]"), "data_offsets has 1 numbers, expected 2");
        malformed(tensor("'F32'", "[1]", "[0, 4, 5]"), "data_offsets has more than 2 numbers");
        malformed(tensor("'F33'", "[1]", "[0, 4]"), "unknown dtype 'F33', known are");
        assertFault(WeightFileException.Unsupported.class, () -> parse(tensor("'F8_E4M3'", "[1]", "[0, 4]")), "dtype F8_E4M3");
        malformed("{'w': {'shape': [], 'data_offsets': [0, 4]}}", "tensor 'w' has no dtype");
        malformed("{'w': {'dtype': 'F32', 'data_offsets': [0, 4]}}", "has no shape");
        malformed("{'w': {'dtype': 'F32', 'shape': []}}", "has no data_offsets");
        malformed("{'__metadata__': 1}", "__metadata__ is a number where an object");
        malformed("{'__metadata__': {'a': 1}}", "__metadata__ key 'a' is a number where a string");
        malformed("{} 1", "something after its closing brace");
    }

    @Test
    void otherKeysArePassedOverWhateverTheyHold() {
        List<SafetensorsHeader.Entry> entries = parse(
                "{'__metadata__': {'a': 'b'}, 'w': {'x': {'y': [1, {'z': 2}]}, 'dtype': 'I16',"
                        + " 'more': 'text', 'shape': [0, 2147483647], 'none': null, 'data_offsets': [5, 9223372036854775807]}}");
        assertEquals(1, entries.size());
        SafetensorsHeader.Entry entry = entries.getFirst();
        assertEquals("w", entry.name());
        assertEquals(DType.I16, entry.dtype());
        assertArrayEquals(new int[]{0, 2147483647}, entry.shape());
        assertEquals(5, entry.begin());
        assertEquals(Long.MAX_VALUE, entry.end());
    }

    @Test
    void atMost64DimensionsAreRead() {
        assertEquals(64, parse(tensor("'F32'", "[1" + ",1".repeat(63) + "]", "[0, 4]")).getFirst().shape().length);
        malformed(tensor("'F32'", "[1" + ",1".repeat(64) + "]", "[0, 4]"), "shape has more than 64 numbers");
    }

    /** A file with this header and as many bytes behind it. */
    private static Source file(String json, int data) {
        byte[] header = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        ByteBuffer out = ByteBuffer.allocate(8 + header.length + data).order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(header.length).put(header);
        return Source.of(Path.of("w.safetensors"), out.array());
    }

    private static void fault(Class<? extends WeightFileException> kind, String json, int data, String... words) {
        assertFault(kind, () -> new SafetensorsReader().read(file(json, data)), words);
    }

    private static String two(int begin, int end) {
        return "{'a': {'dtype': 'U8', 'shape': [2], 'data_offsets': [0, 2]}, 'b': {'dtype': 'U8', 'shape': [2], 'data_offsets': ["
                + begin + ", " + end + "]}}";
    }

    @Test
    void tensorsCoverTheDataWithoutOverlapGapOrRest() {
        assertEquals(2, new SafetensorsReader().read(file(two(2, 4), 4)).names().size());
        fault(WeightFileException.Malformed.class, two(1, 3), 3, "tensor 'b': data_offsets [1, 3] overlap", "ends at 2");
        fault(WeightFileException.Malformed.class, two(3, 5), 5, "'b': data_offsets [3, 5] leave a gap after 2");
        fault(WeightFileException.Malformed.class, two(2, 4), 5, "has 1 bytes after its last tensor");
        fault(WeightFileException.Truncated.class, two(2, 4), 3, "'b': data_offsets [2, 4] reach past",
                "has 3 bytes: the file is cut short");
        fault(WeightFileException.Malformed.class, two(4, 2), 4, "'b': data_offsets [4, 2] end before they begin");
        fault(WeightFileException.Malformed.class, two(2, 5), 5, "'b' of type U8 and shape [2] needs 2 bytes", "give 3");
        fault(WeightFileException.Malformed.class, two(2, 3), 3, "needs 2 bytes but its data_offsets give 1");
        String large = tensor("'U8'", "[65536, 32768]", "[0, 0]");
        fault(WeightFileException.Malformed.class, large, 0, "[65536, 32768] has too many elements");
        fault(WeightFileException.Malformed.class, tensor("'U8'", "[65536, 32767]", "[0, 0]"), 0, "needs 2147418112 bytes");
        String empty = "{'a': {'dtype': 'U8', 'shape': [0], 'data_offsets': [0, 0]}, 'b': {'dtype': 'U8', 'shape': [1], "
                + "'data_offsets': [0, 1]}, 'c': {'dtype': 'U8', 'shape': [0], 'data_offsets': [0, 0]}}";
        assertEquals(3, new SafetensorsReader().read(file(empty, 1)).names().size());
    }

    @Test
    void theHeadersLengthIsCheckedBeforeItIsRead() {
        assertFault(WeightFileException.Truncated.class,
                () -> new SafetensorsReader().read(Source.of(Path.of("w"), new byte[7])), "has 7 bytes");
        for (long[] length : new long[][]{{-1, 0}, {100_000_001, 0}, {100_000_000, 1}, {3, 1}}) {
            byte[] file = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN).putLong(length[0]).array();
            Class<? extends WeightFileException> kind = length[1] == 0
                    ? WeightFileException.Malformed.class
                    : WeightFileException.Truncated.class;
            assertFault(kind, () -> new SafetensorsReader().read(Source.of(Path.of("w"), file)),
                    "length is given as " + Long.toUnsignedString(length[0]) + " bytes");
        }
        assertEquals(0, new SafetensorsReader().read(file("{}", 0)).names().size());
    }

    @Test
    void headerTensorsAndNamesAreChargedFor() {
        String json = "{'w': {'dtype': 'U8', 'shape': [1], 'data_offsets': [0, 1]}}";
        Source source = file(json, 1);
        // The header's bytes, 5 names, a string, 11 other tokens and the end, and the tensor.
        long cost = json.length() + 4 * 160 + 3 * (1 + 5 + 5 + 12) + 96 + 3 * 2 + 12 * 32 + 512;
        source.charge((48 << 20) + 2 * source.size() - cost, "the rest");
        new SafetensorsReader().read(source);
        assertFault(WeightFileException.Malformed.class, () -> source.charge(1, "one more"), "one more");
    }
}
