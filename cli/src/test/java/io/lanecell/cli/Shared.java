package io.lanecell.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** PyTorch's golden data beside the project, which a clone elsewhere doesn't have. */
final class Shared {
    private static final Path GOLDEN = Path.of("../../shared/golden");

    private Shared() {
    }

    /** Skips the test that asks, loudly, where the golden data is missing. */
    static Path golden(String relative) {
        assumeTrue(Files.isDirectory(GOLDEN), "SKIPPED: the golden cases of PyTorch are not at " + GOLDEN.toAbsolutePath()
                .normalize());
        return GOLDEN.resolve(relative);
    }

    /** The cases of a group whose name begins so; one nameless case where the golden data is missing, to be skipped. */
    static List<String> cases(String group, String start) {
        if (!Files.isDirectory(GOLDEN)) {
            return List.of(group + "/" + start);
        }
        try (Stream<Path> folders = Files.list(GOLDEN.resolve(group))) {
            List<String> names = folders.map(folder -> folder.getFileName().toString()).filter(name -> name.startsWith(start))
                    .sorted().map(name -> group + "/" + name).toList();
            if (names.isEmpty()) {
                throw new AssertionError("no golden case " + group + "/" + start + "…");
            }
            return names;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Copies a folder's files, not its folders. */
    static Path copy(Path from, Path to) {
        try (Stream<Path> files = Files.list(from)) {
            Files.createDirectories(to);
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
            return to;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
