package io.lanecell.loader;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightFileTest {
    @TempDir
    Path folder;

    private static <E extends WeightFileException> void assertFault(Class<E> kind, Path file, String... words) {
        E e = assertThrows(kind, () -> WeightFile.load(file));
        assertEquals(file, e.file());
        for (String word : words) {
            assertTrue(e.getMessage().contains(word), () -> "no '" + word + "' in: " + e.getMessage());
        }
    }

    @Test
    void theFormatIsFoundByContentWhateverTheName() throws IOException {
        Path pt = folder.resolve("weights.safetensors");
        Files.write(pt, TorchZip.of(PickleWriter.protocol(2).ops("}").stop()).bytes());
        assertEquals(WeightFile.Format.PYTORCH_ZIP, WeightFile.detect(pt));
        assertTrue(WeightFile.load(pt).names().isEmpty());
        Path safetensors = folder.resolve("weights.pt");
        SafetensorsWriter.write(safetensors, Map.of("w", Tensor.of(new float[]{1}, 1)), Map.of());
        assertEquals(WeightFile.Format.SAFETENSORS, WeightFile.detect(safetensors));
        assertEquals(List.of("w"), List.copyOf(WeightFile.load(safetensors).names()));
    }

    private static long timesOpen(Path file) throws IOException {
        Path descriptors = Path.of("/proc/self/fd");
        Assumptions.assumeTrue(Files.isDirectory(descriptors), "which files are open can be seen on Linux only");
        long count = 0;
        try (Stream<Path> all = Files.list(descriptors)) {
            for (Path each : all.toList()) {
                count += Files.exists(each) && Files.isSameFile(each, file) ? 1 : 0;
            }
        }
        return count;
    }

    @Test
    void aFileThatCantBeReadOrWasOnlyLookedAtIsClosedAgain() throws IOException {
        Path file = folder.resolve("large.pt");
        Files.write(file, new byte[100_000]);
        Source source = Source.open(file, 0, Progress.NONE);
        assertEquals(1, timesOpen(file));
        assertThrows(WeightFileException.Malformed.class, () -> WeightFile.read(source));
        assertEquals(0, timesOpen(file));
        assertEquals(WeightFile.Format.UNKNOWN, WeightFile.detect(file));
        assertEquals(0, timesOpen(file));
    }

    @Test
    void legacyFilesAreFoundInAnyProtocolAndTarFilesByTheirMagic() throws IOException {
        Path file = folder.resolve("old.pt");
        for (String start : List.of("80028a0a6cfc9c46f9206aa850192e", "8004950d000000000000008a0a6cfc9c46f9206aa850192e")) {
            Files.write(file, java.util.HexFormat.of().parseHex(start));
            assertEquals(WeightFile.Format.PYTORCH_LEGACY, WeightFile.detect(file));
            assertFault(WeightFileException.Truncated.class, file, "the pickle needs 1 bytes");
        }
        byte[] tar = new byte[1024];
        System.arraycopy("ustar".getBytes(java.nio.charset.StandardCharsets.US_ASCII), 0, tar, 257, 5);
        tar[0] = 'x';
        Files.write(file, tar);
        assertEquals(WeightFile.Format.PYTORCH_TAR, WeightFile.detect(file));
        assertFault(WeightFileException.Malformed.class, file, "tar header at byte 0");
        Files.write(file, new TarFile().with("readme", new byte[3]).bytes());
        assertFault(WeightFileException.Malformed.class, file, "tar archive without a file 'storages'", "torch.save");
    }

    @Test
    void filesOfNoKnownFormatSayHowTheyBegin() throws IOException {
        Path file = folder.resolve("x.pt");
        for (byte[] content : new byte[][]{{1}, {'h', 'e', 'l', 'l', 'o', '-', 'y', 'o', '{', '}'}, {(byte) 0x80, 2, '}', '.'},
                {(byte) 0x89, 'H', 'D', 'F', 13, 10, 26, 11, 0}}) {
            Files.write(file, content);
            assertEquals(WeightFile.Format.UNKNOWN, WeightFile.detect(file));
            assertFault(WeightFileException.Malformed.class, file, "begins with", "torch.save", "safetensors");
        }
        Files.write(file, new byte[0]);
        assertFault(WeightFileException.Truncated.class, file, "empty");
    }

    @Test
    void filesThatCantBeReadAreNamed() throws IOException {
        assertFault(WeightFileException.Unreadable.class, folder.resolve("missing.pt"), "no such file");
        assertFault(WeightFileException.Unreadable.class, folder, "is a folder");
        assertThrows(WeightFileException.Unreadable.class, () -> WeightFile.detect(folder.resolve("missing.pt")));
        Path device = Path.of("/dev/zero");
        Assumptions.assumeTrue(Files.exists(device), "SKIPPED: no /dev/zero here");
        assertFault(WeightFileException.Unreadable.class, device, "no regular file");
    }

    @Test
    void filesThatMayNotBeReadAreNamed() throws IOException {
        Path secret = Files.writeString(folder.resolve("secret.pt"), "x");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("---------"));
        Assumptions.assumeFalse(Files.isReadable(secret), "SKIPPED: this user may read everything");
        assertFault(WeightFileException.Unreadable.class, secret, "permission denied");
    }
}
