package io.lanecell.loader;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.function.LongConsumer;

/** Walks over the fields of a protobuf message and those inside it. Every field is asked for by the type it must have. */
final class ProtoMessage {
    private static final int VARINT = 0;
    private static final int EIGHT_BYTES = 1;
    private static final int LENGTH = 2;
    private static final int FOUR_BYTES = 5;
    private static final int DEEPEST = 48;
    static final int BYTES_PER_TEXT = 224;
    /** A message in memory costs that beside its bytes; of a longer one the parser reads a part at a time. */
    static final int BYTES_PER_MESSAGE = 256;
    private static final int READ_WHOLE = 1 << 16;

    private final Source source;
    private final MemorySegment bytes;
    private final CodedInputStream in;
    private int tag;
    private int depth;

    /** Something of protobuf's own that may fail. */
    private interface Step<T> {
        T take() throws IOException;
    }

    ProtoMessage(Source source, MemorySegment bytes) {
        this.source = source;
        this.bytes = bytes;
        if (bytes.byteSize() > Integer.MAX_VALUE - 8) {
            throw source.unsupported("is larger than the 2 GB of a protobuf message, save it with external data");
        }
        if (bytes.byteSize() <= READ_WHOLE) {
            // Tensors may come in millions of such parts, each of which would have a buffer of its own.
            source.charge(BYTES_PER_MESSAGE + bytes.byteSize(), "the messages");
            this.in = CodedInputStream.newInstance(bytes.toArray(ValueLayout.JAVA_BYTE));
        } else {
            this.in = CodedInputStream.newInstance(new SegmentStream(bytes));
        }
        guard(() -> in.pushLimit((int) bytes.byteSize()));
    }

    /** Goes to the next field of the message; false at its end. */
    boolean next() {
        tag = guard(in::readTag);
        return tag != 0;
    }

    /** The number of the field. */
    int field() {
        return tag >>> 3;
    }

    long number() {
        expect(VARINT, "a number");
        return guard(in::readRawVarint64);
    }

    float real() {
        expect(FOUR_BYTES, "four bytes");
        return Float.intBitsToFloat(guard(in::readRawLittleEndian32));
    }

    String text() {
        MemorySegment text = bytes();
        source.charge(3 * text.byteSize() + BYTES_PER_TEXT, "the strings");
        return new String(text.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    }

    /** The field's bytes, in place. */
    MemorySegment bytes() {
        expect(LENGTH, "a length");
        return in(guard(in::readRawVarint32));
    }

    private MemorySegment in(int length) {
        if (length < 0 || length > in.getBytesUntilLimit()) {
            throw source.truncated(where() + " is given as " + Integer.toUnsignedString(length) + " bytes, only "
                    + in.getBytesUntilLimit() + " are left");
        }
        MemorySegment part = bytes.asSlice(in.getTotalBytesRead(), length);
        guard(() -> {
            in.skipRawBytes(length);
            return part;
        });
        return part;
    }

    /** The bytes of one number or of many: a repeated field may come either way. */
    MemorySegment packed() {
        return switch (tag & 7) {
            case FOUR_BYTES -> in(4);
            case EIGHT_BYTES -> in(8);
            case VARINT -> {
                int from = in.getTotalBytesRead();
                guard(in::readRawVarint64);
                yield bytes.asSlice(from, in.getTotalBytesRead() - from);
            }
            default -> bytes();
        };
    }

    /** Gives each number of a repeated field, one or packed. */
    void numbers(LongConsumer each) {
        if ((tag & 7) == VARINT) {
            each.accept(number());
        } else {
            new ProtoMessage(source, bytes()).eachNumber(each);
        }
    }

    /** Takes the message as numbers without tags. */
    void eachNumber(LongConsumer each) {
        while (in.getBytesUntilLimit() > 0) {
            each.accept(guard(in::readRawVarint64));
        }
    }

    /** Lets {@code body} walk over the fields of the message in this field. */
    void message(Runnable body) {
        expect(LENGTH, "a message");
        int length = guard(in::readRawVarint32);
        if (++depth > DEEPEST) {
            throw source.malformed("has messages in messages deeper than " + DEEPEST + " levels, no genuine model does");
        }
        int outer = guard(() -> in.pushLimit(length));
        body.run();
        in.popLimit(outer);
        depth--;
    }

    /** Passes over the field. */
    void skip() {
        int type = tag & 7;
        if (type != VARINT && type != EIGHT_BYTES && type != LENGTH && type != FOUR_BYTES) {
            throw source.malformed(where() + " has wire type " + type + ", which no ONNX file has");
        }
        guard(() -> in.skipField(tag));
    }

    private void expect(int type, String what) {
        if ((tag & 7) != type) {
            throw source.malformed(where() + " has wire type " + (tag & 7) + " where " + what + " (" + type + ") is expected");
        }
    }

    private String where() {
        return "protobuf field " + field() + " at byte " + in.getTotalBytesRead();
    }

    private <T> T guard(Step<T> step) {
        try {
            return step.take();
        } catch (InvalidProtocolBufferException e) {
            String message = "is not valid protobuf at byte " + in.getTotalBytesRead() + ": "
                    + Quote.line(String.valueOf(e.getMessage()), 80);
            throw String.valueOf(e.getMessage()).contains("ended unexpectedly")
                    ? source.truncated(message + "; copy or save it again")
                    : source.malformed(message);
        } catch (IOException e) {
            throw source.malformed("can't be read as protobuf: " + Quote.line(String.valueOf(e.getMessage()), 80));
        }
    }
}
