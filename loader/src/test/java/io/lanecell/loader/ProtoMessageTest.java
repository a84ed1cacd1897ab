package io.lanecell.loader;

import static io.lanecell.loader.Fault.assertFault;
import static io.lanecell.loader.ProtoWriter.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Fields of a protobuf message, asked for by another type than they have. */
class ProtoMessageTest {
    private static ProtoMessage at(Source source, ProtoWriter field) {
        ProtoMessage in = new ProtoMessage(source, MemorySegment.ofArray(field.toBytes()));
        in.next();
        return in;
    }

    private static ProtoMessage at(ProtoWriter field) {
        return at(Source.of(Path.of("x.onnx"), new byte[1]), field);
    }

    @Test
    void aFieldOfAnotherWireTypeIsNamedWithBoth() {
        assertFault(WeightFileException.Malformed.class, () -> at(message().text(3, "x")).number(),
                "protobuf field 3 at byte 1 has wire type 2 where a number (0) is expected");
        assertFault(WeightFileException.Malformed.class, () -> at(message().number(3, 1)).real(),
                "where four bytes (5) is expected");
        assertFault(WeightFileException.Malformed.class, () -> at(message().number(3, 1)).bytes(),
                "where a length (2) is expected");
        assertFault(WeightFileException.Malformed.class, () -> at(message().number(3, 1)).text(), "where a length (2)");
        assertFault(WeightFileException.Malformed.class, () -> at(message().number(3, 1)).message(() -> {
        }), "where a message (2)");
    }

    @Test
    void fortyEightLevelsOfMessagesAreReadAndNoMore() {
        for (int levels : new int[]{48, 49}) {
            ProtoWriter nested = message();
            for (int i = 0; i < levels; i++) {
                nested = message().message(1, nested);
            }
            ProtoMessage in = new ProtoMessage(Source.of(Path.of("x.onnx"), new byte[1]),
                    MemorySegment.ofArray(nested.toBytes()));
            if (levels == 48) {
                descend(in);
                assertFalse(in.next());
            } else {
                assertFault(WeightFileException.Malformed.class, () -> descend(in), "deeper than 48 levels");
            }
        }
    }

    private static void descend(ProtoMessage in) {
        while (in.next()) {
            in.message(() -> descend(in));
        }
    }

    @Test
    void messagesOfUpTo64KilobytesAreChargedForAsTheyAreCopied() {
        byte[] most = new byte[1 << 16];
        assertEquals(ProtoMessage.BYTES_PER_MESSAGE + most.length,
                Cost.of(most, source -> new ProtoMessage(source, source.bytes())));
        byte[] more = new byte[most.length + 1];
        assertEquals(0, Cost.of(more, source -> new ProtoMessage(source, source.bytes())));
    }

    @Test
    void stringsAreChargedFor() {
        Source source = Source.of(Path.of("x.onnx"), new byte[1]);
        ProtoMessage hello = at(source, message().text(1, "hello"));
        ProtoMessage nothing = at(source, message().text(1, ""));
        long messages = 2 * ProtoMessage.BYTES_PER_MESSAGE + 7 + 2;
        source.charge((48 << 20) + 2 - messages - 3 * 5 - ProtoMessage.BYTES_PER_TEXT, "the rest");
        assertEquals("hello", hello.text());
        assertFault(WeightFileException.Malformed.class, nothing::text, "the strings would take");
    }
}
