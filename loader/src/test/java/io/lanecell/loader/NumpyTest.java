package io.lanecell.loader;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.DType;
import io.lanecell.InvalidInputException;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NumpyTest {
    @TempDir
    Path folder;

    private static byte[] npy(int version, String header, byte[] data) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        int lengthBytes = version == 1 ? 2 : 4;
        ByteBuffer out = ByteBuffer.allocate(8 + lengthBytes + text.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        out.put(new byte[]{(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0});
        if (version == 1) {
            out.putShort((short) text.length);
        } else {
            out.putInt(text.length);
        }
        return out.put(text).put(data).array();
    }

    private static byte[] npy(String descr, boolean fortran, String shape, byte[] data) {
        return npy(1,
                "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape + ", }\n",
                data);
    }

    private static byte[] floats(ByteOrder order, float... values) {
        ByteBuffer out = ByteBuffer.allocate(4 * values.length).order(order);
        for (float value : values) {
            out.putFloat(value);
        }
        return out.array();
    }

    private static Weights read(byte[] file) {
        return new NumpyReader().read(Source.of(Path.of("a.npy"), file));
    }

    private static Tensor tensor(byte[] file) {
        return read(file).get("");
    }

    private static <E extends WeightFileException> void assertFault(Class<E> kind, byte[] file, String... words) {
        String message = assertThrows(kind, () -> read(file)).getMessage();
        for (String word : words) {
            assertTrue(message.contains(word), () -> "no '" + word + "' in: " + message);
        }
    }

    private static byte[] header(String header) {
        return npy(1, header, new byte[4]);
    }

    @Test
    void everyTypeAndByteOrderIsRead() {
        float[] values = {1, -2, 3.5f};
        for (String order : List.of("<", "=")) {
            assertArrayEquals(values,
                    tensor(npy(order + "f4", false, "(3,)", floats(ByteOrder.LITTLE_ENDIAN, values))).toFloats());
        }
        assertArrayEquals(values, tensor(npy(">f4", false, "(3,)", floats(ByteOrder.BIG_ENDIAN, values))).toFloats());
        assertArrayEquals(new long[]{258}, tensor(npy(">i2", false, "(1,)", new byte[]{1, 2})).toLongs());
        assertArrayEquals(new long[]{1}, tensor(npy(">i8", false, "(1,)", new byte[]{0, 0, 0, 0, 0, 0, 0, 1})).toLongs());
        assertArrayEquals(new long[]{255, 1}, tensor(npy("|u1", false, "(2,)", new byte[]{-1, 1})).toLongs());
        assertArrayEquals(new long[]{-1}, tensor(npy(">i1", false, "(1,)", new byte[]{-1})).toLongs());
        assertEquals(DType.BOOL, tensor(npy("|b1", false, "(1,)", new byte[]{1})).dtype());
        assertArrayEquals(new float[]{1}, tensor(npy("<f2", false, "(1,)", new byte[]{0, 0x3c})).toFloats());
    }

    @Test
    void headersOfEveryVersionAndSpellingAreRead() {
        byte[] one = floats(ByteOrder.LITTLE_ENDIAN, 1);
        for (int version : new int[]{1, 2, 3}) {
            assertEquals("F32[1]",
                    tensor(npy(version, "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }   \n", one)).toString());
        }
        assertEquals("F32[1, 1]",
                tensor(header("{\"shape\":(1L, 1L),\"fortran_order\" : True , 'descr':\"<f4\"}")).toString());
        assertEquals(0, tensor(npy("<f4", false, "()", one)).rank());
        assertEquals("F32[0, 3]", tensor(npy("<f4", false, "(0, 3)", new byte[0])).toString());
    }

    @Test
    void fortranOrderIsTransposedAndSaidSo() {
        Source source = Source.of(Path.of("a.npy"),
                npy("<f4", true, "(2, 3)", floats(ByteOrder.LITTLE_ENDIAN, 1, 4, 2, 5, 3, 6)));
        assertArrayEquals(new float[]{1, 2, 3, 4, 5, 6}, new NumpyReader().read(source).get("").toFloats());
        assertEquals(List.of("transposed its array from Fortran order"), source.remarks());
        assertArrayEquals(new float[]{1, 2},
                tensor(npy(">f4", true, "(1, 2)", floats(ByteOrder.BIG_ENDIAN, 1, 2))).toFloats());
    }

    @Test
    void objectsAreRefusedAndOtherTypesUnsupported() {
        assertFault(WeightFileException.Refused.class, npy("|O", false, "(1,)", new byte[8]), "Python objects", "pickle");
        assertFault(WeightFileException.Refused.class, npy("|O8", false, "(1,)", new byte[8]), "Python objects");
        for (String descr : List.of("<c8", "<U3", "|S2", "<u2", "|V2", "<f16", "<M8[s]", "", "f4", "?f4")) {
            assertFault(WeightFileException.Unsupported.class, npy(descr, false, "(1,)", new byte[4]), "'" + descr + "'",
                    "float32");
        }
        assertFault(WeightFileException.Unsupported.class,
                header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}"), "fields");
        assertFault(WeightFileException.Unsupported.class, npy(4, "", new byte[0]), "version 4");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "{}", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': False}",
            "{'descr': '<f4', 'fortran_order': 1, 'shape': (1,)}", "{'descr': '<f4', 'fortran_order': False, 'shape': 1}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1 1)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,)}", "{'descr': '<f4, 'fortran_order': False}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2147483648,)}", "{'evil': __import__('os')}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x", "{'descr' '<f4'}", "{1: 2}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2147483647, 2147483647, 4)}",
            "{'descr': '<f4' 'fortran_order': False}"})
    void headersThatAreNoneAreMalformed(String header) {
        assertFault(WeightFileException.Malformed.class, header(header), "its array");
    }

    @Test
    void sizesMustFitTheShape() {
        byte[] good = npy("<f4", false, "(2,)", new byte[8]);
        for (int length = 6; length < good.length; length++) {
            byte[] cut = Arrays.copyOf(good, length);
            assertThrows(WeightFileException.Truncated.class, () -> read(cut), "cut to " + length);
        }
        assertFault(WeightFileException.Malformed.class, Arrays.copyOf(good, good.length + 1), "needs 8 bytes but 9 follow");
        byte[] longHeader = npy(2, "", new byte[0]);
        longHeader[11] = (byte) 0xff;
        assertFault(WeightFileException.Truncated.class, longHeader, "header of 4278190080 bytes");
    }

    @Test
    void whatIsWrittenIsReadBackByName() throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("lstm.weight_ih_l0", Tensor.of(new float[]{1, Float.NaN, -0.0f, 4, 5, 6}, 2, 3));
        tensors.put("scalar", Tensor.of(new double[]{0.1}));
        tensors.put("empty", Tensor.of(new long[0], 0, 3));
        tensors.put("steps", Tensor.of(new long[]{-1, 7}, 2));
        Path file = folder.resolve("w.npz");
        NumpyWriter.write(file, tensors);
        assertEquals(WeightFile.Format.NUMPY_ZIP, WeightFile.detect(file));
        Weights back = WeightFile.load(file);
        assertEquals(List.copyOf(tensors.keySet()), List.copyOf(back.names()));
        Shared.assertSameTensors(Weights.of(tensors), back);
        byte[] first = Files.readAllBytes(file);
        NumpyWriter.write(file, tensors);
        assertArrayEquals(first, Files.readAllBytes(file), "equal tensors give equal files");
    }

    @Test
    void bfloat16HasNoPlaceInNumpy() {
        Map<String, Tensor> tensors = Map.of("w", Tensor.ofBytes(DType.BF16, new int[]{1}, MemorySegment.ofArray(new byte[2])));
        String message = assertThrows(InvalidInputException.class, () -> NumpyWriter.write(folder.resolve("x.npz"), tensors))
                .getMessage();
        assertTrue(message.contains("'w' is BF16") && message.contains("f32"), message);
        assertTrue(Files.notExists(folder.resolve("x.npz")));
    }

    @Test
    void compressedArchivesAreReadAndObjectsInsideRefused() throws IOException {
        Path file = folder.resolve("w.npz");
        Files.write(file, zip(ZipEntry.DEFLATED, "a.npy", npy("<f4", false, "(1,)", floats(ByteOrder.LITTLE_ENDIAN, 3))));
        assertArrayEquals(new float[]{3}, WeightFile.load(file).get("a").toFloats());
        Files.write(file, zip(ZipEntry.DEFLATED, "a.npy", npy("|O", false, "(1,)", new byte[8])));
        assertTrue(assertThrows(WeightFileException.Refused.class, () -> WeightFile.load(file)).getMessage().contains("'a'"));
    }

    @Tag("long")
    @Test
    void aZipBombIsRefusedBeforeItIsInflated() throws IOException {
        byte[] bomb = zip(ZipEntry.DEFLATED, "a.npy", npy("<f4", false, "(50000000,)", new byte[200_000_000]));
        Path file = Files.write(folder.resolve("bomb.npz"), bomb);
        long before = Allocation.ofThisThread();
        String message = assertThrows(WeightFileException.Malformed.class, () -> WeightFile.load(file)).getMessage();
        assertTrue(message.contains("far more memory"), message);
        assertTrue(Allocation.ofThisThread() - before < 64L << 20);
    }

    private static long cost(byte[] file) {
        return Cost.of(file, source -> new NumpyReader().read(source));
    }

    @Test
    void turnedBytesAndArraysInAnArchiveAreChargedFor() throws IOException {
        byte[] little = npy("<f4", false, "(3,)", new byte[12]);
        assertEquals(12, cost(npy(">f4", false, "(3,)", new byte[12])) - cost(little));
        assertEquals(0, cost(npy(">i1", false, "(3,)", new byte[3])) - cost(npy("<i1", false, "(3,)", new byte[3])));
        byte[] zip = zip(ZipEntry.DEFLATED, "a.npy", little);
        long inflated = Cost.of(zip, source -> source.zip().content("a.npy"));
        assertEquals(512, cost(zip) - inflated - cost(little));
    }

    private static byte[] zip(int method, String name, byte[] content) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            ZipEntry entry = new ZipEntry(name);
            entry.setMethod(method);
            zip.putNextEntry(entry);
            zip.write(content);
            zip.closeEntry();
        }
        return out.toByteArray();
    }

    @Tag("long")
    @Test
    void randomDamageGivesTensorsOrATypedErrorAndNothingElse() {
        long seed = new Random().nextLong();
        System.out.println("npy randomDamageGivesTensorsOrATypedErrorAndNothingElse: seed " + seed);
        Random random = new Random(seed);
        byte[] good = npy(">f4", true, "(2, 3)", new byte[24]);
        for (int round = 0; round < 4_000; round++) {
            byte[] bad = good.clone();
            for (int i = random.nextInt(3); i >= 0; i--) {
                bad[1 + random.nextInt(bad.length - 1)] = (byte) random.nextInt(256);
            }
            try {
                read(bad);
            } catch (WeightFileException e) {
                assertTrue(e.getMessage().startsWith("a.npy: "), e.getMessage());
            }
        }
    }
}
