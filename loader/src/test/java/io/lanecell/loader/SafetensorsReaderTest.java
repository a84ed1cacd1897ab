package io.lanecell.loader;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.DType;
import io.lanecell.Weights;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsReaderTest {
    private static byte[] file(String header, int dataBytes) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).put(json)
                .array();
    }

    private static Weights read(byte[] file) {
        return new SafetensorsReader().read(Source.of(Path.of("test.safetensors"), file));
    }

    private static Weights read(String header, int dataBytes) {
        return read(file(header, dataBytes));
    }

    private static <E extends WeightFileException> void assertFault(Class<E> kind, String header, int dataBytes,
            String... words) {
        String message = assertThrows(kind, () -> read(header, dataBytes)).getMessage();
        for (String word : words) {
            assertTrue(message.contains(word), () -> "no '" + word + "' in: " + message);
        }
        assertEquals(1, message.lines().count(), message);
    }

    private static void assertMalformed(String header, int dataBytes, String... words) {
        assertFault(WeightFileException.Malformed.class, header, dataBytes, words);
    }

    private static String tensor(String name, String dtype, String shape, String offsets) {
        return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void everyTypeIsRead(DType dtype) {
        Weights weights = read("{" + tensor("w", dtype.name(), "[3,1]", "[0," + 3 * dtype.bytes() + "]") + "}",
                3 * dtype.bytes());
        assertEquals(dtype + "[3, 1]", weights.get("w").toString());
        assertArrayEquals(new double[3], weights.get("w").toDoubles());
    }

    @ParameterizedTest
    @ValueSource(strings = {"F8_E4M3", "F8_E5M2", "U16", "U32", "U64", "C64", "F4"})
    void typesThatWeLackAreUnsupportedByName(String dtype) {
        assertFault(WeightFileException.Unsupported.class, "{" + tensor("w", dtype, "[1]", "[0,1]") + "}", 1, "'w'", dtype);
    }

    @Test
    void keysInAnyOrderUnknownKeysAndMetadataAreAccepted() {
        Weights weights = read("{\"__metadata__\":{\"format\":\"pt\"},\"w\":{\"data_offsets\":[0,4],\"extra\":[{\"a\":1},2],"
                + "\"shape\":[],\"dtype\":\"F32\"}}   ", 4);
        assertEquals(List.of("w"), List.copyOf(weights.names()));
        assertEquals(0, weights.get("w").rank());
    }

    @Test
    void tensorsKeepTheHeadersOrder() {
        Weights weights = read("{" + tensor("b", "U8", "[1]", "[1,2]") + "," + tensor("a", "U8", "[1]", "[0,1]") + "}", 2);
        assertEquals(List.of("b", "a"), List.copyOf(weights.names()));
    }

    @Test
    void headersThatAreNotWhatTheyShouldBeAreNamed() {
        assertMalformed("[]", 0, "the header is an array", "an object");
        assertMalformed("{\"w\":3}", 0, "'w'", "a number where an object");
        assertMalformed("{\"w\":{}}", 0, "'w'", "no dtype");
        assertMalformed("{\"w\":{\"dtype\":\"F32\"}}", 0, "'w'", "no shape");
        assertMalformed("{\"w\":{\"dtype\":\"F32\",\"shape\":[]}}", 0, "'w'", "no data_offsets");
        assertMalformed("{\"w\":{\"dtype\":4}}", 0, "'w'", "dtype is a number");
        assertMalformed("{\"w\":{\"dtype\":\"f32\"}}", 0, "'w'", "'f32'", "F32");
        assertMalformed("{\"w\":{\"shape\":\"x\"}}", 0, "'w'", "shape is a string");
        assertMalformed("{\"w\":{\"shape\":[1.0]}}", 0, "'w'", "'1.0'", "whole number");
        assertMalformed("{\"w\":{\"shape\":[null]}}", 0, "'w'", "whole number");
        assertMalformed("{\"w\":{\"shape\":[-1]}}", 0, "'w'", "'-1'");
        assertMalformed("{\"w\":{\"shape\":[99999999999999999999]}}", 0, "'w'", "2^63");
        assertMalformed("{" + tensor("w", "F32", "[2147483648]", "[0,4]") + "}", 4, "'w'", "2147483648");
        assertMalformed("{" + tensor("w", "F32", "[" + "1,".repeat(64) + "1]", "[0,4]") + "}", 4, "'w'", "more than 64");
        assertMalformed("{" + tensor("w", "F32", "[1]", "[0]") + "}", 4, "'w'", "1 numbers, expected 2");
        assertMalformed("{" + tensor("w", "F32", "[1]", "[0,4,4]") + "}", 4, "'w'", "more than 2");
        assertMalformed("{\"__metadata__\":{\"a\":1}}", 0, "'a'", "a number where a string");
        assertMalformed("{\"__metadata__\":\"x\"}", 0, "__metadata__", "a string where an object");
        assertMalformed("{} x", 0, "JSON");
        assertMalformed("{}{}", 0, "after its closing brace");
        assertMalformed("{\"w\":", 0, "JSON");
        assertMalformed("", 0, "missing");
        assertMalformed("{" + tensor("w", "U8", "[0]", "[0,0]") + "," + tensor("w", "U8", "[0]", "[0,0]") + "}", 0, "\"w\"");
        assertMalformed("{\"w\":{\"dtype\":\"U8\",\"dtype\":\"U8\"}}", 0, "\"dtype\"");
        assertMalformed("{\"w\":{\"x\":" + "[".repeat(100) + "]".repeat(100) + "}}", 0, "epth");
        assertMalformed("{\"w\":{\"shape\":[" + "9".repeat(1000) + "]}}", 0, "JSON");
    }

    @Test
    void aHeaderLongerThanTheFileOrTheCapIsRefusedUnread() {
        for (long length : new long[]{-1, Long.MIN_VALUE, Long.MAX_VALUE, 100_000_001}) {
            byte[] file = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array();
            assertTrue(assertThrows(WeightFileException.Malformed.class, () -> read(file)).getMessage()
                    .contains(Long.toUnsignedString(length) + " bytes, at most 100000000"));
        }
        byte[] file = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN).putLong(100_000_000).array();
        long before = Allocation.ofThisThread();
        assertThrows(WeightFileException.Truncated.class, () -> read(file));
        assertTrue(Allocation.ofThisThread() - before < 1 << 20);
    }

    @Test
    void twoTensorsOfOneNameAreRefused() {
        assertMalformed("{" + tensor("w", "U8", "[1]", "[0,1]") + "," + tensor("w", "U8", "[1]", "[1,2]") + "}", 2, "\"w\"");
    }

    @Test
    void jsonDeeperThanAnyHeaderNeedsIsRefused() {
        for (String open : List.of("[", "{\"a\":")) {
            assertMalformed("{\"w\":{\"x\":" + open.repeat(100_000), 0, "epth");
        }
    }

    @Test
    void namesCantBreakTheLineOfAMessage() {
        assertMalformed("{\"a\\n\\u001b[31mb\":3}", 0, "'a\\u000a\\u001b[31mb'");
        assertMalformed("{\"" + "n".repeat(5000) + "\":3}", 0, "(5000 characters)");
    }

    @Test
    void tensorsMustCoverTheDataExactly() {
        assertMalformed("{" + tensor("w", "U8", "[1]", "[1,2]") + "}", 2, "'w'", "gap");
        assertMalformed("{" + tensor("w", "U8", "[1]", "[0,1]") + "}", 2, "1 bytes after its last tensor");
        assertMalformed("{}", 1, "1 bytes after");
        assertMalformed("{" + tensor("w", "U8", "[1]", "[1,0]") + "}", 1, "'w'", "end before they begin");
        assertFault(WeightFileException.Truncated.class, "{" + tensor("w", "U8", "[2]", "[0,2]") + "}", 1, "'w'", "past the end");
        assertMalformed("{" + tensor("a", "U8", "[2]", "[0,2]") + "," + tensor("b", "U8", "[2]", "[1,3]") + "}", 3, "'b'",
                "overlap");
        assertMalformed("{" + tensor("a", "U8", "[2]", "[0,2]") + "," + tensor("b", "U8", "[2]", "[0,2]") + "}", 2, "overlap");
        assertFault(WeightFileException.Truncated.class, "{" + tensor("w", "U8", "[2]", "[0,9223372036854775807]") + "}", 1,
                "past");
    }

    @Test
    void shapesMustMatchTheirOffsetsWithoutOverflow() {
        assertMalformed("{" + tensor("w", "F64", "[2]", "[0,8]") + "}", 8, "'w'", "needs 16 bytes", "give 8");
        assertMalformed("{" + tensor("w", "U8", "[65536,65536,65536,65536]", "[0,0]") + "}", 0, "'w'", "too many elements");
        assertMalformed("{" + tensor("w", "U8", "[0,5]", "[0,5]") + "}", 5, "'w'", "needs 0 bytes");
        assertEquals(0, read("{" + tensor("w", "U8", "[2147483647,2147483647,0]", "[0,0]") + "}", 0).get("w").size());
    }

    @Test
    void aHeaderThatIsNotUtf8IsMalformed() {
        byte[] file = file("{\"w\":{}}", 0);
        file[10] = (byte) 0xff;
        assertTrue(assertThrows(WeightFileException.Malformed.class, () -> read(file)).getMessage().contains("UTF-8"));
        byte[] utf16 = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN).putLong(4).putChar('{').putChar('}').array();
        assertThrows(WeightFileException.Malformed.class, () -> read(utf16));
    }

    @Test
    void everyTruncationIsATypedError() {
        byte[] good = file("{" + tensor("w", "F32", "[2,2]", "[0,16]") + "}", 16);
        assertEquals(4, read(good).get("w").size());
        for (int length = 0; length < good.length; length++) {
            byte[] cut = Arrays.copyOf(good, length);
            assertThrows(WeightFileException.Truncated.class, () -> read(cut), "cut to " + length);
        }
    }

    @Tag("long")
    @Test
    void headersBuiltToFillTheMemoryAreRefusedInTime() {
        StringBuilder metadata = new StringBuilder("{\"__metadata__\":{\"_\":\"\"");
        StringBuilder unknown = new StringBuilder("{\"w\":{\"_\":0");
        StringBuilder tensors = new StringBuilder("{").append(tensor("_", "U8", "[0]", "[0,0]"));
        for (int i = 0; i < 400_000; i++) {
            metadata.append(",\"").append(Integer.toString(i, 36)).append("\":\"\"");
            unknown.append(",\"").append(Integer.toString(i, 36)).append("\":0");
            tensors.append(',').append(tensor(Integer.toString(i, 36), "U8", "[0]", "[0,0]"));
        }
        for (String header : List.of(metadata + "}}", unknown + "}}", tensors + "}")) {
            byte[] file = file(header, 0);
            long before = Allocation.ofThisThread();
            String message = assertThrows(WeightFileException.Malformed.class, () -> read(file)).getMessage();
            long allocated = Allocation.ofThisThread() - before;
            assertTrue(message.contains("memory"), message);
            assertTrue(allocated < 4L * file.length + (64L << 20), allocated + " bytes for a file of " + file.length);
        }
    }

    @Tag("long")
    @Test
    void randomDamageGivesTensorsOrATypedErrorAndNothingElse() {
        long seed = new Random().nextLong();
        System.out.println("safetensors randomDamageGivesTensorsOrATypedErrorAndNothingElse: seed " + seed);
        Random random = new Random(seed);
        byte[] good = file("{\"__metadata__\":{\"a\":\"b\"}," + tensor("v", "F32", "[2,2]", "[0,16]") + ","
                + tensor("w", "I64", "[]", "[16,24]") + "}", 24);
        int refused = 0;
        for (int round = 0; round < 4_000; round++) {
            byte[] bad = good.clone();
            for (int i = random.nextInt(3); i >= 0; i--) {
                bad[random.nextInt(bad.length - 24)] = (byte) random.nextInt(256);
            }
            try {
                read(bad);
            } catch (WeightFileException e) {
                refused++;
            }
        }
        assertTrue(refused > 2_000, "only " + refused + " of 4000 damaged files were refused");
    }
}
