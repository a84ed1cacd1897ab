package io.lanecell.loader;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A library that can't be trusted with bytes that can't be. */
class SupervisedTest {
    private static Object read(Function<ByteBuffer, Object> library) {
        Source source = Source.of(Path.of("x"), new byte[]{1, 2, 3});
        return Supervised.read(source, MemorySegment.ofArray(new byte[]{1, 2, 3}), "HDF5", library);
    }

    private static String refused(Function<ByteBuffer, Object> library) {
        return Assertions.assertTimeout(Duration.ofSeconds(30),
                () -> assertThrows(WeightFileException.Malformed.class, () -> read(library)).getMessage());
    }

    @Test
    void whatTheLibraryMakesOfTheBytesIsGiven() {
        assertEquals(6, read(bytes -> bytes.get(0) + bytes.get(1) + bytes.get(2)));
    }

    @Tag("long")
    @Test
    void oneThatNeverEndsIsEnded() {
        assertTrue(refused(bytes -> {
            while (true) {
                bytes.get(0);
            }
        }).contains("far more time"));
    }

    @Test
    void oneThatTakesMoreAndMoreMemoryIsEnded() {
        List<byte[]> hoard = new ArrayList<>();
        assertTrue(refused(bytes -> {
            while (true) {
                hoard.add(new byte[64 << 10 | bytes.get(0)]);
            }
        }).contains("far more memory"));
        assertTrue(hoard.size() < 2000, hoard.size() + " × 64 KB");
    }

    @Test
    void oneThatRecursesWithoutEndOrThrowsIsATypedError() {
        assertTrue(refused(SupervisedTest::endless).contains("StackOverflowError"));
        assertTrue(refused(bytes -> bytes.get(7)).contains("is not valid HDF5"));
        assertTrue(refused(bytes -> {
            throw new IllegalStateException("outer", new RuntimeException("inner\nmore"));
        }).endsWith("is not valid HDF5: inner"));
    }

    private static Object endless(ByteBuffer bytes) {
        return List.of(endless(bytes));
    }
}
