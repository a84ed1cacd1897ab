package io.lanecell.loader;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.DType;
import io.lanecell.InvalidInputException;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
    @TempDir
    Path folder;

    private static String header(byte[] file) {
        long length = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
        return new String(file, 8, (int) length, StandardCharsets.UTF_8);
    }

    private static Tensor random(Random random, DType dtype, int... shape) {
        int size = 1;
        for (int extent : shape) {
            size *= extent;
        }
        byte[] bytes = new byte[size * dtype.bytes()];
        random.nextBytes(bytes);
        return Tensor.ofBytes(dtype, shape, MemorySegment.ofArray(bytes));
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    @Test
    void whatIsWrittenReadsBackEqualForEveryTypeAndSize() throws IOException {
        Random random = new Random(5);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (DType dtype : DType.values()) {
            tensors.put(dtype + ".scalar", random(random, dtype));
            for (int size : new int[]{0, 1, 3, 17, 33, 127, 130}) {
                tensors.put(dtype + "." + size, random(random, dtype, size, 3));
            }
        }
        Path file = folder.resolve("all.safetensors");
        SafetensorsWriter.write(file, tensors, Map.of());
        Shared.assertSameTensors(Weights.of(tensors), WeightFile.load(file));
        assertEquals(List.of(file), files());
    }

    @Test
    void theLayoutIsThatOfTheFormatsOwnLibrary() throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("b", Tensor.of(new float[]{1, 2}, 2));
        tensors.put("é\"\n", Tensor.of(new float[]{3}, 1, 1));
        tensors.put("a", Tensor.ofBytes(DType.BOOL, new int[]{1}, MemorySegment.ofArray(new byte[]{1})));
        tensors.put("z", Tensor.of(new double[]{4}));
        tensors.put("y", Tensor.of(new long[]{5}));
        Path file = folder.resolve("w.safetensors");
        SafetensorsWriter.write(file, tensors, Map.of("format", "pt", "author", "me"));
        byte[] bytes = Files.readAllBytes(file);
        String expected = "{\"__metadata__\":{\"author\":\"me\",\"format\":\"pt\"},"
                + "\"y\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]},"
                + "\"z\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[8,16]},"
                + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[16,24]},"
                + "\"é\\\"\\n\":{\"dtype\":\"F32\",\"shape\":[1,1],\"data_offsets\":[24,28]},"
                + "\"a\":{\"dtype\":\"BOOL\",\"shape\":[1],\"data_offsets\":[28,29]}}";
        assertEquals(expected, header(bytes).stripTrailing());
        assertEquals(0, ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong() % 8);
        Shared.assertSameTensors(Weights.of(tensors), WeightFile.load(file));
    }

    @Test
    void noTensorsAndNoMetadataGiveAnEmptyHeader() throws IOException {
        Path file = folder.resolve("w.safetensors");
        SafetensorsWriter.write(file, Map.of(), Map.of());
        assertEquals("{}      ", header(Files.readAllBytes(file)));
        assertTrue(WeightFile.load(file).names().isEmpty());
    }

    @Test
    void aFailureLeavesWhatStoodThereAndNothingElse() throws IOException {
        Path file = folder.resolve("w.safetensors");
        Files.writeString(file, "before");
        assertThrows(InvalidInputException.class,
                () -> SafetensorsWriter.write(file, Map.of("__metadata__", Tensor.of(new float[1], 1)), Map.of()));
        assertThrows(InvalidInputException.class,
                () -> SafetensorsWriter.write(file, Map.of("\ud800", Tensor.of(new float[1], 1)), Map.of()));
        assertEquals("before", Files.readString(file));
        assertEquals(List.of(file), files());
    }

    @Test
    void aFileIsReplacedWhole() throws IOException {
        Path file = folder.resolve("w.safetensors");
        Files.write(file, new byte[100_000]);
        SafetensorsWriter.write(file, Map.of("w", Tensor.of(new float[]{1, 2, 3}, 3)), Map.of());
        assertArrayEquals(new float[]{1, 2, 3}, WeightFile.load(file).get("w").toFloats());
        assertEquals(List.of(file), files());
    }

    @Test
    void aLinkStaysALinkAndWhatItPointsToIsReplaced() throws IOException {
        Path target = Files.writeString(folder.resolve("target"), "before");
        Path link = Files.createSymbolicLink(folder.resolve("link"), target);
        SafetensorsWriter.write(link, Map.of("w", Tensor.of(new float[]{1}, 1)), Map.of());
        assertTrue(Files.isSymbolicLink(link));
        assertArrayEquals(new float[]{1}, WeightFile.load(target).get("w").toFloats());
    }

    @Test
    void linksThatLeadNowhereAndNamesThatAreNoTextAreRefused() throws IOException {
        Map<String, Tensor> tensors = Map.of("w", Tensor.of(new float[1], 1));
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("nowhere"));
        assertUnwritable(link, tensors, "is a symbolic link that leads nowhere");
        assertTrue(Files.isSymbolicLink(link));
        assertUnwritable(folder.resolve("b\ufffdd.safetensors"), tensors, "its name has bytes that are no UTF-8 text");
    }

    @Test
    void foldersDevicesAndMissingFoldersAreNamed() {
        Map<String, Tensor> tensors = Map.of("w", Tensor.of(new float[1], 1));
        assertUnwritable(folder, tensors, "is a folder or a device");
        assertUnwritable(folder.resolve("missing/w.safetensors"), tensors, "there is no such file or folder");
        assertUnwritable(Path.of("/"), tensors, "is a folder");
        Path device = Path.of("/dev/null");
        Assumptions.assumeTrue(Files.exists(device), "SKIPPED: no /dev/null here");
        assertUnwritable(device, tensors, "is a folder or a device");
    }

    private static void assertUnwritable(Path file, Map<String, Tensor> tensors, String words) {
        WeightFileException e = assertThrows(WeightFileException.Unwritable.class,
                () -> SafetensorsWriter.write(file, tensors, Map.of()));
        assertEquals(file, e.file());
        assertTrue(e.getMessage().contains(words), e.getMessage());
    }
}
