package io.lanecell.loader;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.function.Executable;

/** Typed errors, one line each, and the large files that some of them need. */
final class Fault {
    private Fault() {
    }

    /** That {@code reading} ends with this kind of error and no other, whose one line has all these words. */
    static <E extends WeightFileException> void assertFault(Class<E> kind, Executable reading, String... words) {
        String message = assertThrows(kind, reading).getMessage();
        assertEquals(1, message.lines().count(), message);
        for (String word : words) {
            assertTrue(message.contains(word), () -> "no '" + word + "' in: " + message);
        }
    }

    /** That one of the remarks has all these words. */
    static void assertRemark(List<String> remarks, String... words) {
        assertTrue(remarks.stream().anyMatch(remark -> List.of(words).stream().allMatch(remark::contains)),
                () -> "no remark with " + List.of(words) + " in:\n" + String.join("\n", remarks));
    }

    /** A file that begins with {@code start} and goes on with zeros, which take no room on the disk. */
    static Source zeros(Path file, long size, byte... start) {
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.write(start);
            out.setLength(size);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Source.open(file, 0, Progress.NONE);
    }
}
