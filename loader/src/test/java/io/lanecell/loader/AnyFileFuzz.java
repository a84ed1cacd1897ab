package io.lanecell.loader;

import io.lanecell.Weights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Files of any format, told apart by content: in memory, and left on disk as large files are. */
final class AnyFileFuzz {
    /** Where tar archives, PyTorch's format before version 0.2, are told by "ustar". */
    private static final int TAR_MAGIC_AT = 257;

    private AnyFileFuzz() {
    }

    static FuzzTarget inMemory() {
        List<byte[]> files = files();
        return new FuzzTarget("any file", 16, 8192, FuzzSeeds::read,
                List.of(choices -> Checksums.ofTar(Checksums.ofZip(Damage.of(files, choices))),
                        choices -> Damage.of(files, choices)),
                files);
    }

    static FuzzTarget onDisk() {
        List<byte[]> files = files();
        return new FuzzTarget("any file on disk", 4, 8192, AnyFileFuzz::readFromDisk,
                List.of(choices -> Checksums.ofTar(Checksums.ofZip(Damage.of(files, choices))),
                        choices -> Damage.of(files, choices)),
                files);
    }

    private static Weights readFromDisk(byte[] file) {
        Path path = FuzzSeeds.beside("on-disk");
        try {
            // ext4 writes a file out at once that is emptied and written again, which takes a millisecond; not a new one.
            Files.deleteIfExists(path);
            Files.write(path, file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Source source = Source.open(path, 0, Progress.NONE);
        try {
            FuzzOracle.readElements(WeightFile.read(source).weights());
            return Weights.of(Map.of()); // nothing of a file that is closed
        } finally {
            source.close();
        }
    }

    /** Small files of every format. */
    private static List<byte[]> files() {
        List<byte[]> files = new ArrayList<>();
        for (FuzzTarget target : Stream.of("safetensors", "safetensorsIndex", "npy", "npz", "pytorchZip", "pytorchLegacy",
                "torchScript", "onnx", "json").map(ReaderFuzz::target).toList()) {
            target.files().stream().filter(file -> file.length <= 2048).limit(6).forEach(files::add);
        }
        files.add(FuzzSeeds.keras("weights_only.h5"));
        files.add(FuzzSeeds.keras("gru_before.keras"));
        byte[] tar = new byte[512];
        System.arraycopy("ustar".getBytes(StandardCharsets.US_ASCII), 0, tar, TAR_MAGIC_AT, 5);
        files.add(tar);
        files.addAll(ReaderFuzz.target("pytorchTar").files());
        return files;
    }
}
