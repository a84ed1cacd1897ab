package io.lanecell.loader;

import io.lanecell.Weights;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Makes files like torch.save's before version 0.2: tar archives of storages, tensors and a pickle. */
final class TarFile {
    /** No storage is a part of another one. */
    static final byte[] NO_PARTS = PickleWriter.protocol(2).ops("]").stop();

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** A whole archive. */
    static TarFile of(byte[] storages, byte[] tensors, byte[] pickle) {
        return new TarFile().with("sys_info", PickleWriter.protocol(2).ops("}").stop()).with("pickle", pickle)
                .with("tensors", tensors)
                .with("storages", storages);
    }

    /** How many storages or tensors follow. */
    static byte[] count(long count) {
        return PickleWriter.protocol(2).number(count).stop();
    }

    /** A storage that claims to have so many elements. */
    static byte[] storage(long key, String type, long claimed, byte[] elements) {
        return joined(PickleWriter.protocol(2).number(key).text("cpu").global("torch", type).op(0x87).stop(), longs(claimed),
                elements);
    }

    /** A tensor over a storage: its rank, extents, strides and offset. */
    static byte[] tensor(long key, long storage, long... rankShapeStridesOffset) {
        return joined(PickleWriter.protocol(2).number(key).number(storage).global("torch", "FloatTensor").op(0x87).stop(),
                longs(rankShapeStridesOffset));
    }

    static byte[] longs(long... numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long number : numbers) {
            bytes.putLong(number);
        }
        return bytes.array();
    }

    static byte[] floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return bytes.array();
    }

    static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    TarFile with(String name, byte[] content) {
        return with(name, '0', content.length, content);
    }

    /** A file of a type that claims a size. */
    TarFile with(String name, char type, long claimed, byte[] content) {
        byte[] header = new byte[512];
        put(header, 0, name);
        put(header, 124, "%011o".formatted(claimed));
        put(header, 148, "        ");
        put(header, 156, String.valueOf(type));
        put(header, 257, "ustar\u000000");
        int sum = 0;
        for (byte b : header) {
            sum += b & 0xff;
        }
        put(header, 148, "%06o\0 ".formatted(sum));
        out.writeBytes(header);
        out.writeBytes(content);
        out.writeBytes(new byte[-content.length & 511]);
        return this;
    }

    private static void put(byte[] header, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }

    /** With the two empty blocks at its end. */
    byte[] bytes() {
        byte[] archive = out.toByteArray();
        return java.util.Arrays.copyOf(archive, archive.length + 1024);
    }

    Weights read() {
        return read(bytes());
    }

    static Weights read(byte[] file) {
        return new PyTorchTarReader().read(Source.of(Path.of("ancient.pt"), file));
    }
}
