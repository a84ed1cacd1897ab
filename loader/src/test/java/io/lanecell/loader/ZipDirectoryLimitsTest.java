package io.lanecell.loader;

import static io.lanecell.loader.Fault.assertFault;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each number of a zip archive at its limit and one beyond it. One record, "a", made field by field. */
class ZipDirectoryLimitsTest {
    private static final byte[] CONTENT = "hello hello hello".getBytes(StandardCharsets.US_ASCII);
    private static final long IN_ZIP64 = 0xffffffffL;

    @TempDir
    Path folder;

    /** What is written; each test changes what it is about. */
    private int method;
    private int flags;
    private int localFlags;
    private byte[] data = CONTENT;
    private long size = CONTENT.length;
    private long localSize = CONTENT.length;
    private long packed = CONTENT.length;
    private long localPacked = CONTENT.length;
    private long offset;
    private long crc = crc(CONTENT);
    private byte[] extra = {};
    private byte[] localExtra = {};
    private byte[] between = {};

    private static long crc(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return crc.getValue();
    }

    private static byte[] words(Object... numbers) {
        ByteBuffer out = ByteBuffer.allocate(200).order(ByteOrder.LITTLE_ENDIAN);
        for (Object number : numbers) {
            switch (number) {
                case Short s -> out.putShort(s);
                case Integer i -> out.putInt(i);
                case Long l -> out.putLong(l);
                case Byte b -> out.put(b);
                default -> throw new AssertionError(number);
            }
        }
        return Arrays.copyOf(out.array(), out.position());
    }

    private byte[] local() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(words(0x04034b50, (short) 20, (short) localFlags, (short) method, 0, (int) crc, (int) localPacked,
                (int) localSize, (short) 1, (short) localExtra.length, (byte) 'a'));
        out.writeBytes(localExtra);
        return out.toByteArray();
    }

    private byte[] central() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(words(0x02014b50, (short) 20, (short) 20, (short) flags, (short) method, 0, (int) crc, (int) packed,
                (int) size, (short) 1, (short) extra.length, (short) 0, (short) 0, (short) 0, 0, (int) offset, (byte) 'a'));
        out.writeBytes(extra);
        return out.toByteArray();
    }

    private byte[] zip() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(local());
        out.writeBytes(data);
        int directory = out.size();
        out.writeBytes(central());
        int directorySize = out.size() - directory;
        out.writeBytes(between);
        out.writeBytes(words(0x06054b50, (short) 0, (short) 0, (short) 1, (short) 1, directorySize, directory, (short) 0));
        return out.toByteArray();
    }

    private static ZipDirectory read(byte[] zip) {
        return ZipDirectory.read(Source.of(Path.of("test.zip"), zip));
    }

    private byte[] content() {
        return read(zip()).content("a").inMemory().toArray(ValueLayout.JAVA_BYTE);
    }

    private void malformed(String... words) {
        assertFault(WeightFileException.Malformed.class, this::content, words);
    }

    private void deflate(byte[] content, int flush, boolean finish) {
        method = 8;
        try (Deflater deflater = new Deflater(9, true)) {
            deflater.setInput(content);
            if (finish) {
                deflater.finish();
            }
            byte[] out = new byte[100_000];
            data = Arrays.copyOf(out, deflater.deflate(out, 0, out.length, flush));
        }
        packed = data.length;
        localPacked = data.length;
    }

    @Test
    void aSoundArchiveIsRead() {
        assertArrayEquals(CONTENT, content());
        deflate(CONTENT, Deflater.NO_FLUSH, true);
        assertArrayEquals(CONTENT, content());
    }

    @Test
    void deflatedDataWithoutAnEndOrOfAnotherLengthAreNamed() {
        deflate(CONTENT, Deflater.SYNC_FLUSH, false);
        malformed("'a' inflates to fewer than the 17 bytes");
        deflate(CONTENT, Deflater.NO_FLUSH, true);
        size = 16;
        localSize = 16;
        malformed("'a' inflates to more than the 16 bytes");
        size = 18;
        localSize = 18;
        malformed("'a' inflates to fewer than the 18 bytes");
        deflate(new byte[0], Deflater.NO_FLUSH, true);
        size = 0;
        localSize = 0;
        crc = 0;
        assertEquals(0, content().length);
        data = new byte[]{7};
        packed = 1;
        localPacked = 1;
        malformed("'a' is not valid deflate data");
    }

    @Test
    void sizesMayFollowTheDataOrStandInEitherHeader() {
        localSize = 0;
        localPacked = 0;
        malformed("'a' has another name, size or compression");
        localFlags = 8;
        flags = 8;
        assertArrayEquals(CONTENT, content());
        localSize = CONTENT.length;
        malformed("another name, size");
        localPacked = CONTENT.length;
        assertArrayEquals(CONTENT, content());
        localSize = 0;
        malformed("another name, size");
    }

    @Test
    void recordsTooLargeToInflateAreUnsupportedBeforeAnyOfThemIsRead() throws IOException {
        long tooMuch = Integer.MAX_VALUE - 7L;
        method = 8;
        size = IN_ZIP64;
        localSize = IN_ZIP64;
        extra = words((short) 1, (short) 8, tooMuch);
        localExtra = extra;
        assertFault(WeightFileException.Unsupported.class, this::content, "'a' is compressed and too large");
        extra = words((short) 1, (short) 8, tooMuch - 1);
        localExtra = extra;
        malformed("'a' would take far more memory");
        size = 5;
        localSize = 5;
        extra = new byte[0];
        localExtra = extra;
        packed = tooMuch;
        localPacked = tooMuch;
        Path file = folder.resolve("large.zip");
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.write(local());
            out.seek(out.getFilePointer() + tooMuch);
            int directory = (int) out.getFilePointer();
            out.write(central());
            out.write(words(0x06054b50, (short) 0, (short) 0, (short) 1, (short) 1, 47, directory, (short) 0));
        }
        Source source = Source.read(file);
        assertFault(WeightFileException.Unsupported.class, () -> source.zip().content("a"), "compressed and too large");
        source.close();
    }

    @Test
    void onlyTheNumbersThatDontFit32BitsStandInTheExtraField() {
        extra = words((short) 0x5455, (short) 1, (byte) 9, (short) 1, (short) 8, 17L);
        packed = IN_ZIP64;
        assertArrayEquals(CONTENT, content());
        packed = CONTENT.length;
        offset = IN_ZIP64;
        extra = words((short) 1, (short) 8, 0L);
        assertArrayEquals(CONTENT, content());
        extra = words((short) 2, (short) 8, 0L);
        malformed("no header at 4294967295");
        extra = words((short) 1, (short) 7, 0, (short) 0, (byte) 0);
        malformed("no header at 4294967295");
        extra = words((short) 1, (short) 9, 0L, (byte) 0);
        assertArrayEquals(CONTENT, content());
        extra = words((short) 1, (short) 8, -1L);
        malformed("'a' has a negative size or offset");
        extra = words((short) 1, (short) 9, 0L);
        malformed("'a' has an extra field that reaches past its end");
        offset = 0;
        extra = words((short) 7, (short) 0);
        assertArrayEquals(CONTENT, content());
        extra = new byte[]{1, 2, 3};
        assertArrayEquals(CONTENT, content());
        extra = words((short) 7, (short) 1);
        malformed("extra field");
    }

    @Test
    void aZip64EndRecordMustBeWhereItsLocatorSays() {
        byte[] plain = zip();
        int directory = 31 + CONTENT.length;
        int end64 = plain.length - 22;
        for (long at : new long[]{-1, end64 - 1, end64 + 1, Long.MAX_VALUE, 0}) {
            between = zip64End(1, 47, directory, at);
            malformed("the zip64 end record is not at " + at);
        }
        between = zip64End(1, 47, directory, end64);
        assertArrayEquals(CONTENT, content());
        long limit = end64 + 76 + 22;
        for (long[] wrong : new long[][]{{1, 47, -1}, {1, -1, directory}, {-1, 47, directory}, {1, 47, Long.MAX_VALUE},
                {1, 47, end64 + 1}, {1, 48, directory}, {2, 47, directory}, {1, Long.MAX_VALUE, directory}}) {
            between = zip64End(wrong[0], wrong[1], wrong[2], end64);
            malformed("the zip directory (" + wrong[0] + " entries in " + wrong[1] + " bytes at " + wrong[2]
                    + ") doesn't fit the file of " + limit);
        }
    }

    private static byte[] zip64End(long entries, long size, long directory, long at) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(words(0x06064b50, 44L, (short) 45, (short) 45, 0, 0, entries, entries, size, directory));
        out.writeBytes(words(0x07064b50, 0, at, 1));
        return out.toByteArray();
    }

    @Test
    void oneOfSeveralPartsIsUnsupportedAndACommentMayHave65535Bytes() {
        byte[] zip = zip();
        for (int at : new int[]{4, 8}) {
            byte[] part = zip.clone();
            part[zip.length - 22 + at] = 2;
            assertFault(WeightFileException.Unsupported.class, () -> read(part), "several parts");
        }
        byte[] commented = Arrays.copyOf(zip, zip.length + 0xffff);
        commented[zip.length - 2] = (byte) 0xff;
        commented[zip.length - 1] = (byte) 0xff;
        assertEquals(List.of("a"), List.copyOf(read(commented).names()));
        byte[] cut = Arrays.copyOf(commented, commented.length - 1);
        assertFault(WeightFileException.Truncated.class, () -> read(cut), "no zip directory at its end");
    }

    @Test
    void recordsMayTouchButNotOverlap() {
        byte[] two = new TorchZip().with("a", CONTENT).with("b", CONTENT).bytes();
        assertEquals(2, read(two).names().size());
        packed = CONTENT.length + 1;
        size = packed;
        localPacked = packed;
        localSize = packed;
        assertFault(WeightFileException.Truncated.class, this::content, "'a' needs 18 bytes from 31 on but the data end at 48");
    }

    @Test
    void checkingALargeRecordTellsHowFarItIs() {
        byte[] zip = new TorchZip().with("a", new byte[9 << 20]).with("b", new byte[3 << 20]).bytes();
        List<Long> told = new ArrayList<>();
        Path file = folder.resolve("progress.zip");
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.write(zip);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        Source source = Source.open(file, 0, (done, total) -> told.add(done));
        source.zip().content("archive/a");
        source.zip().content("archive/b");
        source.zip().content("archive/b");
        assertEquals(List.of(4L << 20, 8L << 20, 12L << 20), told);
        source.close();
    }

    @Test
    void theDirectoryAndWhatIsInflatedAreChargedFor() {
        deflate(new byte[30 << 20], Deflater.NO_FLUSH, true);
        size = 30 << 20;
        localSize = size;
        crc = crc(new byte[30 << 20]);
        Source source = Source.of(Path.of("test.zip"), zip());
        long rest = (48L << 20) + 2 * source.size() - (256 + 3) - (30 << 20);
        source.charge(rest, "something else");
        assertEquals(30 << 20, source.zip().content("a").size());
        assertFault(WeightFileException.Malformed.class, () -> source.charge(1, "more"), "more");
    }
}
