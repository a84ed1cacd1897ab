package io.lanecell.loader;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files whose tensors stay in the file until they are needed. */
class LargeFileTest {
    private static final int SIZE = 12 << 20;

    @TempDir
    Path folder;

    private final float[] values = new float[SIZE];

    private Path safetensors() {
        Random random = new Random(1);
        for (int i = 0; i < SIZE; i++) {
            values[i] = random.nextInt();
        }
        Path file = folder.resolve("large.safetensors");
        SafetensorsWriter.write(file, Map.of("w", Tensor.of(values, SIZE)), Map.of());
        return file;
    }

    private Path pt() throws IOException {
        safetensors();
        PickleWriter pickle = PickleWriter.protocol(2).ops("}(").text("w")
                .tensor("FloatStorage", "0", SIZE, 0, new long[]{SIZE / 4, 4}, new long[]{4, 1}).text("t")
                .tensor("FloatStorage", "0", SIZE, 0, new long[]{4, 4}, new long[]{1, 4}).ops("u");
        return Files.write(folder.resolve("large.pt"), TorchZip.of(pickle.stop()).floats("0", values).bytes());
    }

    private static void cut(Path file, long size) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(size);
        }
    }

    private static void assertCut(Path file, Runnable use) {
        WeightFileException.Truncated e = assertThrows(WeightFileException.Truncated.class, use::run);
        assertEquals(file, e.file());
        assertTrue(e.getMessage().contains("while it was in use"), e.getMessage());
    }

    @Tag("long")
    @Test
    void theirTensorsAreReadWhenTheyAreAskedFor() throws IOException {
        Path file = safetensors();
        long before = Allocation.ofThisThread();
        Tensor tensor = WeightFile.load(file).get("w");
        assertTrue(Allocation.ofThisThread() - before < 4 << 20, "read more than the header");
        assertArrayEquals(values, tensor.toFloats());
        assertEquals(-1, tensor.bytes().mismatch(Tensor.of(values, SIZE).bytes()));
        Tensor fromPt = WeightFile.load(pt()).get("w");
        assertArrayEquals(values, fromPt.toFloats());
        assertArrayEquals(new float[]{values[0], values[4], values[8], values[12], values[1]},
                java.util.Arrays.copyOf(WeightFile.load(folder.resolve("large.pt")).get("t").toFloats(), 5));
    }

    @Test
    void readingATensorCostsItsFloatsAndLittleMore() throws IOException {
        Tensor tensor = WeightFile.load(safetensors()).get("w");
        long before = Allocation.ofThisThread();
        tensor.toFloats();
        assertTrue(Allocation.ofThisThread() - before < 1.1 * 4 * SIZE + (64L << 10) * (SIZE >> 16));
    }

    @Tag("long")
    @Test
    void aFileThatShrinksWhileItIsInUseGivesTheTypedError() throws IOException {
        Path file = safetensors();
        Weights weights = WeightFile.load(file);
        cut(file, 1000);
        assertCut(file, () -> weights.get("w").toFloats());
        assertCut(file, () -> weights.get("w").toDoubles());
        assertCut(file, () -> weights.get("w").bytes());
        assertCut(file, () -> SafetensorsWriter.write(folder.resolve("copy.safetensors"), weights.tensors(), Map.of()));
        assertTrue(Files.notExists(folder.resolve("copy.safetensors")));
        Path pt = pt();
        Weights fromPt = WeightFile.load(pt);
        cut(pt, 1000);
        assertCut(pt, () -> fromPt.get("w").toFloats());
    }

    @Tag("long")
    @Test
    void aFileThatShrinksWhileItIsLoadedGivesTheTypedError() throws IOException {
        Path file = pt();
        List<Long> seen = new ArrayList<>();
        assertCut(file, () -> WeightFile.open(file, (done, total) -> {
            try {
                if (seen.isEmpty()) {
                    cut(file, 1000);
                }
                seen.add(done);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }));
    }

    @Tag("long")
    @Test
    void aFileThatIsReplacedWhileItIsInUseStaysAsItWas() throws IOException {
        Path file = safetensors();
        Weights weights = WeightFile.load(file);
        Path other = Files.write(folder.resolve("other"), new byte[10]);
        Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
        assertArrayEquals(values, weights.get("w").toFloats());
    }

    @Tag("long")
    @Test
    void anInterruptedThreadDoesNotSpoilTheFileForOthers() {
        Weights weights = WeightFile.load(safetensors());
        Thread.currentThread().interrupt();
        try {
            assertArrayEquals(values, weights.get("w").toFloats());
        } finally {
            assertTrue(Thread.interrupted());
        }
        assertArrayEquals(values, weights.get("w").toFloats());
    }

    @Test
    void everyReaderGivesTheSameFromAFileAsFromMemory() throws IOException {
        byte[] pickle = PickleWriter.protocol(2).ops("}(").text("w")
                .tensor("FloatStorage", "0", 6, 0, new long[]{2, 3}, new long[]{1, 2}).ops("u").stop();
        Map<byte[], WeightReader> files = Map.of(TorchZip.of(pickle).floats("0", 1, 2, 3, 4, 5, 6).bytes(),
                new PyTorchZipReader(),
                TorchZip.of(pickle).floats("0", 1, 2, 3, 4, 5, 6).deflated().bytes(), new PyTorchZipReader(),
                LegacyFile.start().with(pickle).keys("0").floats(6, 1, 2, 3, 4, 5, 6).bytes(), new PyTorchLegacyReader());
        for (Map.Entry<byte[], WeightReader> entry : files.entrySet()) {
            Path file = Files.write(folder.resolve("x"), entry.getKey());
            Weights inFile = entry.getValue().read(Source.open(file, 0, Progress.NONE));
            assertArrayEquals(new float[]{1, 3, 5, 2, 4, 6}, inFile.get("w").toFloats());
        }
    }

    @Tag("long")
    @Test
    void randomDamageToAFileThatStaysOnDiskGivesTensorsOrATypedErrorAndNothingElse() throws IOException {
        long seed = new Random().nextLong();
        System.out.println("randomDamageToAFileThatStaysOnDisk: seed " + seed);
        Random random = new Random(seed);
        byte[] pickle = PickleWriter.protocol(2).ops("}(").text("w")
                .tensor("FloatStorage", "0", 6, 0, new long[]{2, 3}, new long[]{1, 2}).ops("u").stop();
        Path npz = folder.resolve("x.npz");
        NumpyWriter.write(npz, Map.of("w", Tensor.of(new float[6], 2, 3)));
        List<byte[]> good = List.of(TorchZip.of(pickle).floats("0", 1, 2, 3, 4, 5, 6).bytes(), Files.readAllBytes(npz),
                LegacyFile.start().with(pickle).keys("0").floats(6, 1, 2, 3, 4, 5, 6).bytes());
        List<WeightReader> readers = List.of(new PyTorchZipReader(), new NumpyReader(), new PyTorchLegacyReader());
        Path file = folder.resolve("bad");
        int refused = 0;
        for (int round = 0; round < 3_000; round++) {
            byte[] bad = good.get(round % 3).clone();
            for (int i = random.nextInt(3); i >= 0; i--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            }
            Files.write(file, bad);
            Source source = Source.open(file, 0, Progress.NONE);
            try {
                FormatDetector.detect(source);
                readers.get(round % 3).read(source).tensors().values().forEach(Tensor::toFloats);
            } catch (WeightFileException e) {
                refused++;
            } finally {
                source.close();
            }
        }
        assertTrue(refused > 1_000, "only " + refused + " of 3000 damaged files were refused");
    }

    @Tag("long")
    @Test
    void manyViewsOfOneStorageMayNotReadItOverAndOver() throws IOException {
        PickleWriter pickle = PickleWriter.protocol(2).ops("}(");
        for (int i = 0; i < 500; i++) {
            pickle.text("w" + i).tensor("FloatStorage", "0", 1 << 20, i, new long[]{2, 2}, new long[]{1, (1 << 20) - 502});
        }
        byte[] zip = TorchZip.of(pickle.ops("u").stop()).floats("0", new float[1 << 20]).bytes();
        Source source = Source.open(Files.write(folder.resolve("x"), zip), 0, Progress.NONE);
        long before = Allocation.ofThisThread();
        String message = assertThrows(WeightFileException.Malformed.class, () -> new PyTorchZipReader().read(source))
                .getMessage();
        assertTrue(message.contains("far more memory"), message);
        assertTrue(Allocation.ofThisThread() - before < 4L * zip.length + (64 << 20), "more than 4 n + 64 MB");
    }

    @Test
    void progressIsToldInOrderAndEndsBelowTheTotal() throws IOException {
        List<Long> seen = new ArrayList<>();
        Path file = pt();
        WeightFile.open(file, (done, total) -> {
            assertEquals(file.toFile().length(), total);
            seen.add(done);
        });
        assertTrue(seen.size() > 5, seen::toString);
        assertEquals(seen.stream().sorted().toList(), seen);
    }
}
