package io.lanecell.loader;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ZipDirectoryTest {
    private static final byte[] CONTENT = "hello hello hello hello".getBytes(StandardCharsets.US_ASCII);
    /** Offsets in {@link #archive()}: of the first record's own header, of its directory entry, of the end record. */
    private static final int LOCAL = 0;
    private final byte[] good = archive();
    private final int end = good.length - 22;
    private final int central = buffer(good).getInt(end + 16);

    private static byte[] archive() {
        return new TorchZip().with("a", CONTENT).with("bc", new byte[]{1, 2, 3}).bytes();
    }

    private static ByteBuffer buffer(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static ZipDirectory read(byte[] bytes) {
        return ZipDirectory.read(Source.of(Path.of("test.zip"), bytes));
    }

    private static byte[] content(byte[] zip, String name) {
        return read(zip).content(name).inMemory().toArray(ValueLayout.JAVA_BYTE);
    }

    /** The message of reading the archive with one number in it replaced. */
    private <E extends WeightFileException> String patched(Class<E> kind, int at, int bytes, long value) {
        byte[] bad = good.clone();
        for (int i = 0; i < bytes; i++) {
            bad[at + i] = (byte) (value >> 8 * i);
        }
        return assertThrows(kind, () -> content(bad, "archive/a")).getMessage();
    }

    private static void assertSays(String message, String... words) {
        for (String word : words) {
            assertTrue(message.contains(word), () -> "no '" + word + "' in: " + message);
        }
    }

    @Test
    void storedAndDeflatedRecordsGiveTheirBytes() {
        assertEquals(Set.of("archive/a", "archive/bc"), read(good).names());
        assertArrayEquals(CONTENT, content(good, "archive/a"));
        assertArrayEquals(new byte[]{1, 2, 3}, content(good, "archive/bc"));
        byte[] deflated = new TorchZip().with("a", CONTENT).with("empty", new byte[0]).deflated().bytes();
        assertArrayEquals(CONTENT, content(deflated, "archive/a"));
        assertEquals(0, content(deflated, "archive/empty").length);
        assertEquals(Set.of(), read(new byte[]{'P', 'K', 5, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}).names());
    }

    @Test
    void anArchiveWithACommentIsRead() {
        byte[] commented = Arrays.copyOf(good, good.length + 5);
        commented[end + 20] = 5;
        assertArrayEquals(CONTENT, content(commented, "archive/a"));
    }

    @Test
    void zip64SizesOffsetsAndEndRecordsAreRead() {
        byte[] zip = zip64(CONTENT.length, CONTENT.length, 0);
        assertArrayEquals(CONTENT, content(zip, "archive/a"));
        assertSays(assertThrows(WeightFileException.Truncated.class, () -> read(zip64(1L << 40, 1L << 40, 0))).getMessage(),
                "'archive/a'", "1099511627776");
        assertSays(assertThrows(WeightFileException.Malformed.class, () -> read(zip64(-1, -1, 0))).getMessage(), "negative");
        assertSays(assertThrows(WeightFileException.Malformed.class, () -> read(zip64(CONTENT.length, CONTENT.length, 1L << 50)))
                .getMessage(), "no header");
    }

    /** One stored record whose sizes and offset stand in zip64 extra fields, with a zip64 end record. */
    private static byte[] zip64(long size, long packed, long offset) {
        byte[] name = "archive/a".getBytes(StandardCharsets.US_ASCII);
        java.util.zip.CRC32 crc = new java.util.zip.CRC32();
        crc.update(CONTENT);
        ByteBuffer zip = buffer(new byte[1000]);
        zip.putInt(0x04034b50).putShort((short) 45).putShort((short) 0).putShort((short) 0).putInt(0).putInt((int) crc.getValue())
                .putInt(-1).putInt(-1).putShort((short) name.length).putShort((short) 20).put(name)
                .putShort((short) 1).putShort((short) 16).putLong(size).putLong(packed).put(CONTENT);
        int directory = zip.position();
        zip.putInt(0x02014b50).putShort((short) 45).putShort((short) 45).putShort((short) 0).putShort((short) 0).putInt(0)
                .putInt((int) crc.getValue()).putInt(-1).putInt(-1).putShort((short) name.length).putShort((short) 28)
                .putShort((short) 0).putShort((short) 0).putShort((short) 0).putInt(0).putInt(-1).put(name)
                .putShort((short) 1).putShort((short) 24).putLong(size).putLong(packed).putLong(offset);
        int end64 = zip.position();
        zip.putInt(0x06064b50).putLong(44).putShort((short) 45).putShort((short) 45).putInt(0).putInt(0).putLong(1).putLong(1)
                .putLong(end64 - directory).putLong(directory);
        zip.putInt(0x07064b50).putInt(0).putLong(end64).putInt(1);
        zip.putInt(0x06054b50).putShort((short) -1).putShort((short) -1).putShort((short) -1).putShort((short) -1).putInt(-1)
                .putInt(-1).putShort((short) 0);
        return Arrays.copyOf(zip.array(), zip.position());
    }

    @Test
    void everyTruncationIsATypedError() {
        for (int length = 0; length < good.length; length++) {
            byte[] cut = Arrays.copyOf(good, length);
            assertThrows(WeightFileException.Truncated.class, () -> read(cut), "cut to " + length);
        }
    }

    @Test
    void anEndRecordThatDoesntFitTheFileIsNamed() {
        assertSays(patched(WeightFileException.Malformed.class, end + 16, 4, good.length), "doesn't fit");
        assertSays(patched(WeightFileException.Malformed.class, end + 12, 4, good.length), "doesn't fit");
        assertSays(patched(WeightFileException.Malformed.class, end + 16, 4, central - 1), "no entry 0");
        assertSays(patched(WeightFileException.Unsupported.class, end + 4, 2, 1), "several parts");
        byte[] manyEntries = good.clone();
        buffer(manyEntries).putShort(end + 8, (short) 99).putShort(end + 10, (short) 99);
        assertSays(assertThrows(WeightFileException.Malformed.class, () -> read(manyEntries)).getMessage(), "99 entries");
        byte[] oneMore = good.clone();
        buffer(oneMore).putShort(end + 8, (short) 3).putShort(end + 10, (short) 3);
        assertThrows(WeightFileException.Malformed.class, () -> read(oneMore));
    }

    @Test
    void aRecordWhoseTwoHeadersDisagreeIsNamed() {
        String[] says = {"'archive/a'", "in its own header"};
        assertSays(patched(WeightFileException.Malformed.class, LOCAL + 18, 4, 1), says);
        assertSays(patched(WeightFileException.Malformed.class, LOCAL + 22, 4, 1), says);
        assertSays(patched(WeightFileException.Malformed.class, LOCAL + 8, 2, 8), says);
        assertSays(patched(WeightFileException.Malformed.class, LOCAL + 30, 1, 'x'), says);
        assertSays(patched(WeightFileException.Malformed.class, LOCAL, 4, 0), "'archive/a'", "no header at 0");
        assertSays(patched(WeightFileException.Malformed.class, central + 42, 4, 7), "no header at 7");
        assertSays(patched(WeightFileException.Malformed.class, central + 42, 4, 0x7fffffff), "no header at 2147483647");
        assertSays(patched(WeightFileException.Malformed.class, central + 24, 4, 5), "has 5 bytes and takes 23");
        assertSays(patched(WeightFileException.Truncated.class, LOCAL + 28, 2, 0xffff), "data end");
    }

    @Test
    void encryptionAndOtherCompressionAreUnsupported() {
        assertSays(patched(WeightFileException.Unsupported.class, central + 8, 2, 1), "'archive/a'", "encrypted");
        assertSays(patched(WeightFileException.Unsupported.class, central + 10, 2, 14), "method 14");
    }

    @Test
    void damagedContentIsFoundByItsChecksum() {
        assertSays(patched(WeightFileException.Malformed.class, LOCAL + 39 + 3, 1, 'X'), "'archive/a'", "checksum");
    }

    @Test
    void twoRecordsOfOneNameOrInOnePlaceAreRefused() {
        byte[] twice = new TorchZip().with("a", CONTENT).with("b", CONTENT).bytes();
        byte[] sameName = replace(twice, "archive/b", "archive/a");
        assertSays(assertThrows(WeightFileException.Malformed.class, () -> read(sameName)).getMessage(), "'archive/a' twice");

        byte[] overlapping = inner(CONTENT);
        assertSays(assertThrows(WeightFileException.Malformed.class, () -> read(overlapping)).getMessage(), "overlap");
    }

    /** An archive whose second record lies inside the first one's data. */
    private static byte[] inner(byte[] content) {
        byte[] inside = new TorchZip().with("b", content).bytes();
        int insideCentral = buffer(inside).getInt(inside.length - 22 + 16);
        byte[] outside = new TorchZip().with("a", Arrays.copyOf(inside, insideCentral)).bytes();
        int outsideEnd = outside.length - 22;
        int outsideCentral = buffer(outside).getInt(outsideEnd + 16);
        byte[] entry = Arrays.copyOfRange(inside, insideCentral, inside.length - 22);
        buffer(entry).putInt(42, 39);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(outside, 0, outsideEnd);
        out.writeBytes(entry);
        byte[] end = Arrays.copyOfRange(outside, outsideEnd, outside.length);
        buffer(end).putShort(8, (short) 2).putShort(10, (short) 2).putInt(12, outsideEnd + entry.length - outsideCentral);
        out.writeBytes(end);
        return out.toByteArray();
    }

    private static byte[] replace(byte[] bytes, String from, String to) {
        return new String(bytes, StandardCharsets.ISO_8859_1).replace(from, to).getBytes(StandardCharsets.ISO_8859_1);
    }

    @Tag("long")
    @Test
    void aBombIsRefusedBeforeItIsInflated() {
        byte[] bomb = new TorchZip().with("a", new byte[200 << 20]).deflated().bytes();
        long before = Allocation.ofThisThread();
        assertSays(assertThrows(WeightFileException.Malformed.class, () -> content(bomb, "archive/a")).getMessage(), "memory");
        assertTrue(Allocation.ofThisThread() - before < 4L * bomb.length + (64L << 20));
    }

    @Test
    void aDeflatedRecordOfAnotherSizeThanItClaimsIsNamed() {
        byte[] zip = new TorchZip().with("a", CONTENT).deflated().bytes();
        int entry = buffer(zip).getInt(zip.length - 22 + 16);
        for (int size : new int[]{5, 50}) {
            byte[] bad = zip.clone();
            buffer(bad).putInt(entry + 24, size);
            WeightFileException e = assertThrows(WeightFileException.Malformed.class, () -> content(bad, "archive/a"));
            assertSays(e.getMessage(), size < CONTENT.length ? "more than the 5" : "fewer than the 50");
        }
        byte[] garbage = zip.clone();
        Arrays.fill(garbage, 39, 45, (byte) 0xff);
        WeightFileException e = assertThrows(WeightFileException.class, () -> content(garbage, "archive/a"));
        assertInstanceOf(WeightFileException.Malformed.class, e);
        assertSays(e.getMessage(), "'archive/a'", "deflate");
    }
}
