package io.lanecell.loader;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;

/** A cursor over a pickle's bytes that never runs past their end. */
final class PickleInput {
    /** Objects around a string's characters while it is decoded and after. */
    static final int BYTES_PER_TEXT = 352;
    private static final int LONGEST_TEXT = 1 << 28;
    private static final int LONGEST_NAME = 1 << 16;

    private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
    private final Source source;
    private final ByteRange data;
    private final ByteWindow window;
    private final String name;
    private long at;

    /**
     * @param name what messages call the pickle
     * @param data the bytes that the pickle may use
     * @param at   where it begins in them
     */
    PickleInput(Source source, String name, ByteRange data, long at) {
        this.source = source;
        this.name = name;
        this.data = data;
        this.window = new ByteWindow(data);
        this.at = at;
    }

    /** What messages call the pickle. */
    String name() {
        return name;
    }

    /** Offset of the next byte. */
    long at() {
        return at;
    }

    int u8() {
        need(1);
        return window.u8(at++);
    }

    int u16() {
        need(2);
        at += 2;
        return window.u16(at - 2);
    }

    int i32() {
        need(4);
        at += 4;
        return window.i32(at - 4);
    }

    long u32() {
        return i32() & 0xffffffffL;
    }

    /** Eight bytes as they are. */
    long i64() {
        need(8);
        at += 8;
        return window.i64(at - 8);
    }

    /** A length of 8 bytes. */
    long u64() {
        long value = i64();
        return value < 0 ? Long.MAX_VALUE : value;
    }

    /** A float64, which pickles keep big-endian. */
    double f64() {
        return Double.longBitsToDouble(Long.reverseBytes(i64()));
    }

    /** A little-endian two's complement number of {@code length} bytes, or null where it doesn't fit 64 bits. */
    Long integer(long length) {
        need(length);
        long value = 0;
        for (int i = (int) Math.min(length, 8) - 1; i >= 0; i--) {
            byte b = (byte) window.u8(at + i);
            value = i == length - 1 ? b : value << 8 | b & 0xff;
        }
        at += length;
        return length > 8 ? null : Long.valueOf(value);
    }

    /** UTF-8 of {@code length} bytes. */
    String text(long length) {
        need(length);
        source.charge(BYTES_PER_TEXT + 5 * length, name);
        if (length > LONGEST_TEXT) {
            throw source
                    .malformed("the string at byte " + at + " of " + name + " has " + length + " bytes, at most " + LONGEST_TEXT
                            + " are read");
        }
        byte[] bytes = new byte[(int) length];
        data.copyTo(at, MemorySegment.ofArray(bytes));
        try {
            // Pickles may hold lone surrogates, which no name of a tensor does.
            String text = utf8.decode(ByteBuffer.wrap(bytes)).toString();
            skip(length);
            return text;
        } catch (CharacterCodingException e) {
            throw source.malformed("the string at byte " + at + " of " + name + " is not valid UTF-8");
        }
    }

    /** A number in decimal digits up to a line feed. */
    long decimal() {
        long start = at;
        String digits = line();
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            throw source.malformed("the number at byte " + start + " of " + name + " is " + Quote.of(digits)
                    + ", expected decimal digits of a number of 64 bits");
        }
    }

    /** Whether these bytes come next. */
    boolean follows(byte... bytes) {
        if (bytes.length > data.size() - at) {
            return false;
        }
        for (int i = 0; i < bytes.length; i++) {
            if (window.u8(at + i) != (bytes[i] & 0xff)) {
                return false;
            }
        }
        return true;
    }

    /** Text up to a line feed, as the GLOBAL opcode has it. */
    String line() {
        long end = at;
        while (end < data.size() && window.u8(end) != '\n') {
            if (end - at == LONGEST_NAME) {
                throw source.malformed("the name at byte " + at + " of " + name + " is longer than " + LONGEST_NAME + " bytes");
            }
            end++;
        }
        if (end == data.size()) {
            throw source.truncated(name + " ends in the middle of a name that begins at byte " + at);
        }
        String text = text(end - at);
        skip(1);
        return text;
    }

    void skip(long length) {
        need(length);
        at += length;
    }

    /** Checks that {@code length} bytes follow, without reading them. */
    void need(long length) {
        if (length > data.size() - at) {
            throw source.truncated(name + " needs " + length + " bytes at byte " + at + " but has " + (data.size() - at)
                    + " left, the file is cut short or damaged");
        }
    }
}
