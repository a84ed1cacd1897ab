package io.lanecell.loader;

import static io.lanecell.loader.Fault.assertFault;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Tar archives, to their last byte and no further. */
class TarDirectoryTest {
    private static final byte[] CONTENT = {1, 2, 3};

    private static TarDirectory read(byte[] archive) {
        return TarDirectory.read(Source.of(Path.of("x.pt"), archive));
    }

    private static byte[] content(TarDirectory tar, String name) {
        return tar.content(name).inMemory().toArray(ValueLayout.JAVA_BYTE);
    }

    private static void assertMalformed(byte[] archive, String... words) {
        assertFault(WeightFileException.Malformed.class, () -> read(archive), words);
    }

    /** An archive of one file whose header has this text at that place, with a right checksum. */
    private static byte[] withField(int at, String text) {
        byte[] archive = new TarFile().with("a", CONTENT).bytes();
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(bytes, 0, archive, at, bytes.length);
        return Checksums.ofTar(archive);
    }

    @Test
    void onlyRegularFilesOfOldAndNewArchivesHaveContent() {
        TarDirectory tar = read(new TarFile().with("new", CONTENT).with("old", (char) 0, 3, new byte[]{4, 5, 6})
                .with("folder", '5', 0, new byte[0]).with("pax", 'x', 600, new byte[600]).with("last", new byte[0]).bytes());
        assertArrayEquals(CONTENT, content(tar, "new"));
        assertArrayEquals(new byte[]{4, 5, 6}, content(tar, "old"));
        assertArrayEquals(new byte[0], content(tar, "last"));
        for (String name : new String[]{"folder", "pax", "none"}) {
            assertFault(WeightFileException.Malformed.class, () -> tar.content(name),
                    "is a tar archive without a file '" + name + "'");
        }
    }

    @Test
    void anArchiveMayEndWithoutEmptyBlocksAndHaveAnythingBehindThem() {
        byte[] whole = new TarFile().with("a", CONTENT).with("b", CONTENT).bytes();
        assertArrayEquals(CONTENT, content(read(Arrays.copyOf(whole, 2048)), "b"));
        assertArrayEquals(CONTENT, content(read(Arrays.copyOf(whole, 512 + 512 + 512 + 3)), "b"), "not filled up to a block");
        assertArrayEquals(CONTENT, content(read(Arrays.copyOf(whole, 2048 + 511)), "b"));
        byte[] header = Arrays.copyOf(new TarFile().with("a", new byte[0]).bytes(), 512);
        assertArrayEquals(new byte[0], content(read(header), "a"), "one header and no more");
        byte[] more = Arrays.copyOf(whole, whole.length + 512);
        Arrays.fill(more, whole.length, more.length, (byte) 'x');
        assertArrayEquals(CONTENT, content(read(more), "b"));
        more[2048] = 'x';
        assertMalformed(more, "its tar header at byte 2048 has '' as its checksum, expected an octal number");
    }

    @Test
    void aFileThatClaimsMoreThanIsLeftIsCutShort() {
        byte[] archive = Arrays.copyOf(new TarFile().with("a", CONTENT).bytes(), 512 + 2);
        assertFault(WeightFileException.Truncated.class, () -> read(archive),
                "file 'a' in its tar archive has 3 bytes but 2 are left");
        byte[] second = Arrays.copyOf(new TarFile().with("a", CONTENT).with("b", CONTENT).bytes(), 1536 + 1);
        assertFault(WeightFileException.Truncated.class, () -> read(second), "file 'b'", "has 3 bytes but 1 are left");
        byte[] largest = new TarFile().with("a", '0', (1L << 33) - 1, new byte[0]).bytes();
        assertFault(WeightFileException.Truncated.class, () -> read(largest), "has 8589934591 bytes but 1024 are left");
    }

    @Test
    void namesHave100BytesAtMostAndNoneTwice() {
        String longest = "n".repeat(100);
        assertArrayEquals(CONTENT, content(read(new TarFile().with(longest, CONTENT).bytes()), longest));
        assertMalformed(new TarFile().with(longest, CONTENT).with(longest, CONTENT).bytes(), "has two files 'nnn");
        byte[] folders = new TarFile().with("a", '5', 0, new byte[0]).with("a", '5', 0, new byte[0]).with("a", CONTENT).bytes();
        assertArrayEquals(CONTENT, content(read(folders), "a"), "what is no file may stand there twice");
    }

    @Test
    void numbersAreOctalDigitsWithSpacesOrZerosAround() {
        for (String size : new String[]{"00000000003\0", "3           ", "          3\0", "000000000003"}) {
            assertEquals(3, read(withField(124, size)).content("a").size(), size);
        }
        for (String size : new String[]{"            ", "8           ", "-3          ", "1 1         ", "0x3         "}) {
            assertMalformed(withField(124, size), "its tar header at byte 0 has '" + size.strip() + "' as its size");
        }
        byte[] archive = new TarFile().with("a", CONTENT).bytes();
        archive[400] = (byte) 0xff;
        assertMalformed(archive, "its tar header at byte 0 has checksum", "the file is damaged, copy it again");
        assertArrayEquals(CONTENT, content(read(Checksums.ofTar(archive)), "a"), "bytes count as numbers from 0 to 255");
    }

    @Test
    void everyEntryCosts512Bytes() {
        assertEquals(1024, Cost.of(new TarFile().with("a", CONTENT).with("b", '5', 0, new byte[0]).bytes(), TarDirectory::read));
    }
}
