package io.lanecell.loader;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** The golden files that lie beside the project, and comparisons. */
final class Shared {
    private Shared() {
    }

    /** A folder of golden files; where it is missing the test is skipped, and says so. */
    static Path golden(String folder) {
        Path path = Path.of("../../shared/golden").resolve(folder);
        Assumptions.assumeTrue(Files.isDirectory(path), "SKIPPED: no golden files at " + path.toAbsolutePath().normalize());
        return path;
    }

    /** The folders in a folder, by name. */
    static Stream<Path> folders(Path folder) {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(Files::isDirectory).sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void assertSameTensors(Weights expected, Weights actual) {
        assertEquals(new TreeSet<>(expected.names()), new TreeSet<>(actual.names()));
        expected.tensors().forEach((name, tensor) -> assertSame(name, tensor, actual.get(name)));
    }

    static void assertSame(String name, Tensor expected, Tensor actual) {
        assertEquals(expected.toString(), actual.toString(), name);
        assertArrayEquals(expected.bytes().toArray(ValueLayout.JAVA_BYTE), actual.bytes().toArray(ValueLayout.JAVA_BYTE), name);
    }
}
