package io.lanecell.loader;

import static io.lanecell.loader.Fault.assertFault;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file's bytes in memory and in the file, its numbers, its budget. */
class SourceTest {
    private static final Path NAME = Path.of("test.bin");

    @TempDir
    Path folder;

    private Path file(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("test.bin"), bytes);
    }

    /** Bytes that differ from their neighbours, signs included. */
    private static byte[] pattern(int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (i * 31 + i / 256);
        }
        return bytes;
    }

    /** The number of {@code width} little-endian bytes at {@code at}. */
    private static long number(byte[] bytes, int at, int width) {
        long value = 0;
        for (int i = width - 1; i >= 0; i--) {
            value = value << 8 | bytes[at + i] & 0xff;
        }
        return value;
    }

    private static void assertNumbers(Source source, byte[] bytes, int at) {
        assertEquals(number(bytes, at, 1), source.u8(at));
        assertEquals(number(bytes, at, 2), source.u16(at));
        assertEquals(number(bytes, at, 4), source.u32(at));
        assertEquals(number(bytes, at, 8), source.i64(at));
    }

    @Test
    void numbersAreTheSameInMemoryAndInTheFileWhereverTheWindowStands() throws IOException {
        for (int size : new int[]{8, 9, 16_383, 16_384, 16_385, 70_000}) {
            byte[] bytes = pattern(size);
            Path file = file(bytes);
            Source inMemory = Source.open(file, size, Progress.NONE);
            Source inFile = Source.open(file, size - 1, Progress.NONE);
            assertInstanceOf(ByteRange.InMemory.class, inMemory.content());
            assertInstanceOf(ByteRange.InFile.class, inFile.content());
            for (int at = 0; at <= size - 8; at += at < 40 || at > size - 50 ? 1 : 997) {
                assertNumbers(inMemory, bytes, at);
                assertNumbers(inFile, bytes, at);
            }
            for (int at = size - 8; at >= 0; at -= at < 40 || at > size - 50 ? 1 : 997) {
                assertNumbers(inFile, bytes, at);
            }
            // Right behind and right before the 16 KB that were read last, and across both ends.
            for (int start : new int[]{0, Math.min(20_000, size - 8)}) {
                for (int step : new int[]{12_279, 12_288, 16_376, 16_377, 16_384, -4_096, -4_097, -4_095, -1}) {
                    inFile.u8(start);
                    int at = Math.clamp(start + step, 0, size - 8);
                    assertNumbers(inFile, bytes, at);
                }
            }
            inFile.close();
        }
    }

    @Test
    void aWindowServesManyReadsInAFileWithOneRead() throws IOException {
        Path file = file(pattern(40_000));
        OpenFile open = new OpenFile(file);
        ByteWindow window = new ByteWindow(new ByteRange.InFile(open, 0, 40_000));
        assertEquals(number(pattern(40_000), 20_000, 1), window.u8(20_000));
        open.close();
        for (int at = 20_000 - 4096; at < 20_000 - 4096 + 16_384; at++) {
            assertEquals(number(pattern(40_000), at, 1), window.u8(at));
        }
        assertThrows(WeightFileException.Unreadable.class, () -> window.u8(20_000 - 4097));
    }

    @Test
    void partsOfARangeAreItsBytesAndNothingBeyondThemCanBeHad() throws IOException {
        byte[] bytes = pattern(200_000);
        Source inFile = Source.open(file(bytes), 0, Progress.NONE);
        for (ByteRange whole : List.of(inFile.content(), Source.of(NAME, bytes).content())) {
            assertEquals(200_000, whole.size());
            ByteRange part = whole.slice(7, 150_000).slice(3, 140_000);
            assertEquals(140_000, part.size());
            byte[] expected = java.util.Arrays.copyOfRange(bytes, 10, 140_010);
            assertArrayEquals(expected, part.inMemory().toArray(ValueLayout.JAVA_BYTE));
            assertTrue(part.inMemory().isReadOnly());
            byte[] some = new byte[100_001];
            part.copyTo(39_999, MemorySegment.ofArray(some));
            assertArrayEquals(java.util.Arrays.copyOfRange(expected, 39_999, 140_000), some);
            part.copyTo(140_000, MemorySegment.ofArray(new byte[0]));
            assertThrows(IndexOutOfBoundsException.class, () -> part.slice(1, 140_000));
            assertThrows(IndexOutOfBoundsException.class, () -> part.copyTo(40_000, MemorySegment.ofArray(some)));
            assertEquals("U8[2]", part.slice(0, 2).tensor(io.lanecell.DType.U8, new int[]{2}).toString());
        }
        assertArrayEquals(java.util.Arrays.copyOfRange(bytes, 5, 8), inFile.array(5, 3));
    }

    @Test
    void aFileThatHasBecomeShorterIsATypedErrorWithBothSizes() throws IOException {
        Path file = file(pattern(100));
        Source source = Source.open(file, 0, Progress.NONE);
        Files.write(file, pattern(60));
        assertEquals(number(pattern(60), 59, 1), source.content().slice(59, 1).inMemory().get(ValueLayout.JAVA_BYTE, 0) & 0xff);
        assertFault(WeightFileException.Truncated.class, () -> source.array(59, 2), "test.bin", "from 100 to 60 bytes");
    }

    @Test
    void aFileWhoseSizeIsMoreThanItGivesIsTruncated() {
        Path file = Path.of("/sys/devices/system/cpu/online"); // says 4096 bytes, gives a few
        Assumptions.assumeTrue(Files.isRegularFile(file), "SKIPPED: no file here that is shorter than its size");
        assertFault(WeightFileException.Truncated.class, () -> Source.read(file), file.toString(), "was cut from 4096 to ");
    }

    @Test
    void whatIsNoFileIsNamedForWhatItIs() throws IOException {
        assertFault(WeightFileException.Unreadable.class, () -> Source.read(folder), folder.toString(), "is a folder");
        assertFault(WeightFileException.Unreadable.class, () -> Source.readFirst(folder, 5), "is a folder");
        assertFault(WeightFileException.Unreadable.class, () -> Source.read(folder.resolve("absent")), "there is no such file");
        Path device = Path.of("/dev/null");
        if (Files.exists(device)) {
            assertFault(WeightFileException.Unreadable.class, () -> Source.read(device), "no regular file");
        }
        assertArrayEquals(new byte[]{0, 31}, Source.readFirst(file(pattern(9)), 2).array(0, 2));
        assertEquals(9, Source.readFirst(file(pattern(9)), 99).size());
        assertEquals(32 << 20, Fault.zeros(folder.resolve("large"), 32 << 20).size());
        assertInstanceOf(ByteRange.InMemory.class, Source.read(folder.resolve("large")).content());
        Fault.zeros(folder.resolve("large"), (32 << 20) + 1);
        assertInstanceOf(ByteRange.InFile.class, Source.read(folder.resolve("large")).content());
    }

    @Test
    void whatLeadsToNoFileIsSaidAsWellAsItIsKnown() throws IOException {
        Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), Path.of("nowhere"));
        Path loop = Files.createSymbolicLink(folder.resolve("loop"), Path.of("loop"));
        for (Path link : List.of(dangling, loop)) {
            assertFault(WeightFileException.Unreadable.class, () -> Source.read(link),
                    link + ": is a symbolic link that leads nowhere, mend it or name the file itself");
        }
        assertFault(WeightFileException.Unreadable.class, () -> Source.read(folder.resolve("b\ufffdd.pt")),
                "there is no such file, or its name has bytes that are no UTF-8 text: rename it");
        assertFault(WeightFileException.Unreadable.class, () -> Source.read(loop.resolve("file")), "can't be looked up");
        assertFault(WeightFileException.Unreadable.class, () -> Source.read(Path.of("")), "'': is a folder");
        assertEquals("there is no such folder, check the path", Source.absent(folder.resolve("x"), "folder"));
    }

    @Test
    void theSystemsReasonsAreGivenWithoutThePath() {
        assertEquals("permission denied", Source.reason(new AccessDeniedException("/secret")));
        assertEquals("permission denied, or it has gone", Source.reason(new FileNotFoundException("/secret")));
        assertEquals("there is no such file or folder", Source.reason(new NoSuchFileException("/secret")));
        assertEquals("disk on fire", Source.reason(new FileSystemException("/secret", null, "disk on fire")));
        assertEquals("/secret", Source.reason(new FileSystemException("/secret")));
        assertEquals("Input/output error", Source.reason(new IOException("Input/output error")));
        assertEquals("null", Source.reason(new IOException()));
    }

    @Test
    void moreMemoryThanThereIsIsATypedErrorWithTheRemedy() {
        assertFault(WeightFileException.Unreadable.class, () -> Source.allocate(NAME, 1L << 46), "test.bin", "70368744177664",
                "-XX:MaxDirectMemorySize");
        assertEquals(0, Source.allocate(NAME, 0).byteSize());
    }

    @Test
    void theBudgetIsTwiceTheFileAnd48MegabytesToTheByte() {
        long budget = 2 * 1000 + (48L << 20);
        Source.of(NAME, new byte[1000]).charge(budget, "all");
        Source source = Source.of(NAME, new byte[1000]);
        assertFault(WeightFileException.Malformed.class, () -> source.charge(budget + 1, "one more"), "test.bin",
                "one more would take far more memory than the file's 1000 bytes warrant");
        assertFault(WeightFileException.Malformed.class, () -> source.charge(1, "another"), "another");
        source.release(10);
        source.charge(10, "what was given back");
        assertFault(WeightFileException.Malformed.class, () -> source.charge(1, "more than that"), "more than that");
        assertFault(WeightFileException.Malformed.class, () -> Source.of(NAME, new byte[1]).charge(Long.MAX_VALUE, "x"), "x");
    }

    @Test
    void remarksAreKeptInOrderAndChargedFor() {
        Source source = Source.of(NAME, new byte[0]);
        source.remark("one");
        source.remark("two");
        assertEquals(List.of("one", "two"), source.remarks());
        String text = "x".repeat(1000);
        assertFault(WeightFileException.Malformed.class, () -> {
            for (int i = 0; i < (48 << 20) / 2064 + 1; i++) {
                source.remark(text);
            }
        }, "list of conversions");
        assertTrue(source.remarks().size() > (48 << 20) / 2064 - 3, source.remarks().size() + " remarks");
    }

    @Test
    void progressIsToldWithTheFilesSize() throws IOException {
        List<Long> told = new ArrayList<>();
        Source source = Source.open(file(pattern(10)), 0, (done, total) -> {
            told.add(done);
            told.add(total);
        });
        source.progress(3);
        assertEquals(List.of(3L, 10L), told);
        assertEquals(folder.resolve("test.bin"), source.file());
    }

    @Test
    void bytesInMemoryAreAStreamUntilTheirEnd() {
        SegmentStream stream = new SegmentStream(MemorySegment.ofArray(new byte[]{1, -1, 3, 4, 5, 6}));
        assertEquals(1, stream.read());
        assertEquals(255, stream.read());
        byte[] target = new byte[5];
        assertEquals(0, stream.read(target, 0, 0));
        assertEquals(2, stream.read(target, 1, 2));
        assertArrayEquals(new byte[]{0, 3, 4, 0, 0}, target);
        assertEquals(0, stream.skip(-1));
        assertEquals(1, stream.skip(1));
        assertEquals(1, stream.read(target, 0, 5));
        assertEquals(6, target[0]);
        assertEquals(0, stream.skip(1));
        assertEquals(-1, stream.read(target, 0, 5));
        assertEquals(-1, stream.read());
        assertEquals(0, stream.read(target, 0, 0));
    }

    @Test
    void aClosedFileIsATypedErrorAndOneInMemoryHasNothingToClose() throws IOException {
        Source source = Source.open(file(pattern(10)), 0, Progress.NONE);
        source.close();
        assertFault(WeightFileException.Unreadable.class, () -> source.array(0, 1), "test.bin", "can't be read");
        Source inMemory = Source.of(NAME, pattern(10));
        inMemory.close();
        assertEquals(31, inMemory.u8(1));
        assertEquals(10, inMemory.bytes().byteSize());
    }
}
