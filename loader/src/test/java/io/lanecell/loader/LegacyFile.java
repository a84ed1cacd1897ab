package io.lanecell.loader;

import io.lanecell.Weights;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/** Makes files like torch.save's before version 1.6. */
final class LegacyFile {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** The magic number, the version and a little-endian machine. */
    static LegacyFile start() {
        return new LegacyFile().with(PickleWriter.protocol(2).hex("8a0a6cfc9c46f9206aa85019").stop())
                .with(PickleWriter.protocol(2).number(1001).stop())
                .with(PickleWriter.protocol(2).ops("}").text("little_endian").op(0x88).ops("s").stop());
    }

    /** A whole file: {@code pickle}, then one storage. */
    static LegacyFile of(PickleWriter pickle, String key, float... values) {
        return start().with(pickle.stop()).keys(key).floats(values.length, values);
    }

    LegacyFile with(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    LegacyFile keys(String... keys) {
        PickleWriter list = PickleWriter.protocol(2).ops("](");
        for (String key : keys) {
            list.text(key);
        }
        return with(list.ops("e").stop());
    }

    /** A storage that claims to have {@code claimed} elements. */
    LegacyFile floats(long claimed, float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(8 + 4 * values.length).order(ByteOrder.LITTLE_ENDIAN).putLong(claimed);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return with(bytes.array());
    }

    byte[] bytes() {
        return out.toByteArray();
    }

    Weights read() {
        return read(bytes());
    }

    static Weights read(byte[] file) {
        return new PyTorchLegacyReader().read(Source.of(Path.of("old.pt"), file));
    }
}
