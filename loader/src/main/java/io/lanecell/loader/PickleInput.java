package io.lanecell.loader;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** A cursor over a pickle's bytes that never runs past their end. */
final class PickleInput {
    private final Source source;
    private final ByteBuffer data;

    PickleInput(Source source, byte[] data) {
        this.source = source;
        this.data = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Offset of the next byte. */
    int at() {
        return data.position();
    }

    int u8() {
        need(1);
        return data.get() & 0xff;
    }

    int u16() {
        need(2);
        return data.getShort() & 0xffff;
    }

    int i32() {
        need(4);
        return data.getInt();
    }

    long u32() {
        return i32() & 0xffffffffL;
    }

    /** A length of 8 bytes. */
    long u64() {
        need(8);
        long value = data.getLong();
        return value < 0 ? Long.MAX_VALUE : value;
    }

    /** A float64, which pickles keep big-endian. */
    double f64() {
        need(8);
        return Double.longBitsToDouble(Long.reverseBytes(data.getLong()));
    }

    /** A little-endian two's complement number of {@code length} bytes, or null where it doesn't fit 64 bits. */
    Long integer(long length) {
        need(length);
        long value = 0;
        int position = data.position();
        for (int i = (int) Math.min(length, 8) - 1; i >= 0; i--) {
            byte b = data.get(position + i);
            value = i == length - 1 ? b : value << 8 | b & 0xff;
        }
        data.position(position + (int) length);
        return length > 8 ? null : Long.valueOf(value);
    }

    /** UTF-8 of {@code length} bytes. */
    String text(long length) {
        need(length);
        source.charge(64 + 2 * length, "data.pkl");
        ByteBuffer bytes = data.slice(data.position(), (int) length);
        try {
            // Pickles may hold lone surrogates, which no name of a tensor does.
            String text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
            skip(length);
            return text;
        } catch (CharacterCodingException e) {
            throw source.malformed("the string at byte " + at() + " of data.pkl is not valid UTF-8");
        }
    }

    /** Text up to a line feed, as the GLOBAL opcode has it. */
    String line() {
        int end = at();
        while (end < data.limit() && data.get(end) != '\n') {
            end++;
        }
        if (end == data.limit()) {
            throw source.truncated("data.pkl ends in the middle of a name that begins at byte " + at());
        }
        String text = text(end - at());
        skip(1);
        return text;
    }

    void skip(long length) {
        need(length);
        data.position(data.position() + (int) length);
    }

    /** Checks that {@code length} bytes follow, without reading them. */
    void need(long length) {
        if (length > data.remaining()) {
            throw source.truncated("data.pkl needs " + length + " bytes at byte " + at() + " but has " + data.remaining()
                    + " left, the file is cut short or damaged");
        }
    }
}
