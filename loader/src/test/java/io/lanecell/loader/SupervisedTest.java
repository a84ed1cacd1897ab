package io.lanecell.loader;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A library that can't be trusted with bytes that can't be. */
class SupervisedTest {
    private static Object read(Function<ByteBuffer, Object> library) {
        Source source = Source.of(Path.of("x"), new byte[]{1, 2, 3});
        return Supervised.read(source, MemorySegment.ofArray(new byte[]{1, 2, 3}), "HDF5", library);
    }

    private static String refused(Function<ByteBuffer, Object> library) {
        return assertThrows(WeightFileException.Malformed.class, () -> read(library)).getMessage();
    }

    @Test
    void whatTheLibraryMakesOfTheBytesIsGiven() {
        assertEquals(6, read(bytes -> bytes.get(0) + bytes.get(1) + bytes.get(2)));
    }

    /** What a reader without end uses of this thread's processor time before it is ended, in ns. */
    private static long endlessReading(byte[] file, long size) {
        Source source = Source.of(Path.of("x"), file);
        MemorySegment bytes = MemorySegment.ofArray(new byte[Math.toIntExact(size)]);
        Function<ByteBuffer, Object> library = buffer -> {
            while (true) {
                buffer.get(0);
            }
        };
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadCpuTime();
        String message = assertThrows(WeightFileException.Malformed.class,
                () -> Supervised.read(source, bytes, "HDF5", library)).getMessage();
        assertTrue(message.contains("far more time"), message);
        return threads.getCurrentThreadCpuTime() - before;
    }

    @Tag("long")
    @Test
    void oneThatNeverEndsIsEnded() {
        long nanos = endlessReading(new byte[3], 3);
        assertTrue(nanos > 700_000_000L, nanos + " ns, where it may take 0.75 s");
    }

    @Tag("long")
    @Test
    void aCompressedFileGetsTheTimeOfItsOwnBytesNotOfThoseItUnfoldsTo() {
        long nanos = endlessReading(new byte[100_000], 10_000_000);
        assertTrue(nanos < 20_000_000_000L, nanos + " ns, where ten million bytes might take 60 s");
    }

    @Tag("long")
    @Test
    void aLargerFileGetsItsSizesTime() {
        long nanos = endlessReading(new byte[200_000], 200_000);
        assertTrue(nanos > 1_400_000_000L, nanos + " ns, where it may take 1.5 s");
    }

    /** How much more is taken before the watch comes round is the scheduler's choice, so this one takes no more and waits. */
    @Test
    void oneThatTakesMoreMemoryThanItsFileWarrantsIsEnded() {
        assertTrue(refused(bytes -> {
            byte[] hoard = new byte[(24 << 20) + 1];
            while (true) {
                hoard[0] += bytes.get(0);
                pause(1);
            }
        }).contains("would take far more memory to read than its size warrants"));
    }

    @Test
    void oneThatTakesAsMuchAsItsFileWarrantsIsLeftAlone() {
        assertEquals(23 << 20, read(bytes -> {
            byte[] hoard = new byte[23 << 20];
            for (int i = 0; i < 20; i++) {
                hoard[i] += bytes.get(0);
                pause(2);
            }
            return hoard.length;
        }));
    }

    /** Lets the watch come round, and takes no time of the processor. */
    private static void pause(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void timeAndMemoryGrowWithTheFile() {
        assertEquals(750_000_000L, Supervised.mostNanos(0));
        assertEquals(750_000_000L, Supervised.mostNanos(100_000));
        assertEquals(1_500_000_000L, Supervised.mostNanos(200_000));
        assertEquals(60_000_000_000L, Supervised.mostNanos(1 << 30));
        assertEquals(24 << 20, Supervised.mostBytes(0));
        assertEquals((24 << 20) + 1000, Supervised.mostBytes(8000));
    }

    @Test
    void theCopyIsChargedForWhileItIsThereAndWhatReadingMayTakeForGood() {
        byte[] file = new byte[800];
        Consumer<Source> once = source -> Supervised.read(source, source.bytes(), "HDF5", ByteBuffer::get);
        assertEquals((24 << 20) + 100 + 800, Cost.of(file, once));
        assertEquals(2 * ((24 << 20) + 100) + 800, Cost.of(file, once.andThen(once)));
    }

    @Test
    void theCopyIsGoneAfterwards() {
        ByteBuffer kept = (ByteBuffer) read(bytes -> bytes);
        assertThrows(IllegalStateException.class, () -> kept.get(0));
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
