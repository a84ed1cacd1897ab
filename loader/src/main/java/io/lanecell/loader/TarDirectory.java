package io.lanecell.loader;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** The regular files in a tar archive (POSIX ustar, pax headers are passed over). */
final class TarDirectory {
    private static final int BLOCK = 512;
    private static final int NAME_LENGTH = 100;
    private static final int SIZE_AT = 124;
    private static final int SIZE_LENGTH = 12;
    private static final int SUM_AT = 148;
    private static final int SUM_LENGTH = 8;
    private static final int TYPE_AT = 156;
    private static final int BYTES_PER_ENTRY = 512;

    private final Source source;
    private final Map<String, ByteRange> files = new HashMap<>();

    private TarDirectory(Source source) {
        this.source = source;
    }

    /** Goes through the whole archive. */
    static TarDirectory read(Source source) {
        TarDirectory tar = new TarDirectory(source);
        long at = 0;
        while (source.size() - at >= BLOCK && source.u8(at) != 0) {
            at = tar.entry(at);
        }
        return tar;
    }

    /** The content of a file that must be there. */
    ByteRange content(String name) {
        ByteRange content = files.get(name);
        if (content == null) {
            throw source
                    .malformed("is a tar archive without a file " + Quote.of(name) + ", so not one of torch.save before version"
                            + " 0.2: unpack it if a weight file is inside");
        }
        return content;
    }

    /** Where the next entry begins. */
    private long entry(long at) {
        long sum = octal(at, SUM_AT, SUM_LENGTH, "checksum");
        long actual = 0;
        for (int i = 0; i < BLOCK; i++) {
            actual += i >= SUM_AT && i < SUM_AT + SUM_LENGTH ? ' ' : source.u8(at + i);
        }
        if (sum != actual) {
            throw source.malformed("its tar header at byte " + at + " has checksum " + sum + ", its bytes give " + actual
                    + ": the file is damaged, copy it again");
        }
        long size = octal(at, SIZE_AT, SIZE_LENGTH, "size");
        long left = source.size() - at - BLOCK;
        String name = name(at);
        if (size > left) {
            throw source.truncated("file " + Quote.of(name) + " in its tar archive has " + size + " bytes but " + left
                    + " are left, the file is cut short");
        }
        source.charge(BYTES_PER_ENTRY, "the tar archive's directory");
        int type = source.u8(at + TYPE_AT);
        boolean regular = type == '0' || type == 0;
        if (regular && files.put(name, source.content().slice(at + BLOCK, size)) != null) {
            throw source.malformed("its tar archive has two files " + Quote.of(name) + ": save it again");
        }
        return at + BLOCK + Math.ceilDiv(size, BLOCK) * BLOCK;
    }

    private String name(long at) {
        byte[] bytes = source.array(at, NAME_LENGTH);
        int length = 0;
        while (length < NAME_LENGTH && bytes[length] != 0) {
            length++;
        }
        return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    }

    /** Octal digits, with spaces around and a NUL behind them at most. */
    private long octal(long at, int field, int length, String what) {
        String digits = new String(source.array(at + field, length), StandardCharsets.ISO_8859_1).replace('\0', ' ').strip();
        long value;
        try {
            value = Long.parseLong(digits, 8);
        } catch (NumberFormatException e) {
            value = -1;
        }
        if (value < 0) {
            throw source.malformed("its tar header at byte " + at + " has " + Quote.of(digits) + " as its " + what
                    + ", expected an octal number");
        }
        return value;
    }
}
