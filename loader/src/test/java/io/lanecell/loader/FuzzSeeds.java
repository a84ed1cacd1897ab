package io.lanecell.loader;

import io.lanecell.Weights;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Files to start from, and the folder that files beside the one under test lie in. */
final class FuzzSeeds {
    private static final int LARGEST = 1 << 16;
    /** Where the golden files are; a campaign's processes run elsewhere and are told. */
    static final Path GOLDEN = Path.of(System.getProperty("fuzz.golden", "../../shared/golden")).toAbsolutePath().normalize();

    /** A folder of its own, taken away when the JVM ends. */
    private static final Path FOLDER = folder();

    private FuzzSeeds() {
    }

    /** The bytes as a file in {@link #beside}'s folder that is in memory alone. */
    static Source source(byte[] file) {
        return Source.of(FOLDER.resolve("fuzzed"), file);
    }

    /** Opens the bytes as {@link WeightFile} opens a file. */
    static Weights read(byte[] file) {
        return WeightFile.read(source(file)).weights();
    }

    /** A file in the fuzzed file's folder. */
    static Path beside(String name) {
        return FOLDER.resolve(name);
    }

    private static Path folder() {
        try {
            Path folder = Files.createTempDirectory("lanecell-fuzz");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(folder)));
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void remove(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(folder);
        } catch (IOException e) {
            System.err.println(folder + " is left behind: " + e);
        }
    }

    /** The golden files of a folder up to 64 KB, good and bad ones; none where there is no such folder. */
    static List<byte[]> golden(String folder, Predicate<String> named) {
        Path path = GOLDEN.resolve(folder);
        if (!Files.isDirectory(path)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(path)) {
            return files.filter(file -> named.test(file.getFileName().toString()) && file.toFile().length() <= LARGEST).sorted()
                    .map(FuzzSeeds::bytes).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One of the Keras files among the test resources. */
    static byte[] keras(String name) {
        try (InputStream in = FuzzSeeds.class.getResourceAsStream("/keras/" + name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
