package io.lanecell.loader;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes protobuf messages, and of them what ONNX models consist of. */
final class ProtoWriter {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    static ProtoWriter message() {
        return new ProtoWriter();
    }

    ProtoWriter number(int field, long value) {
        varint(field << 3);
        varint(value);
        return this;
    }

    ProtoWriter bytes(int field, byte[] value) {
        varint(field << 3 | 2);
        varint(value.length);
        out.writeBytes(value);
        return this;
    }

    ProtoWriter text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    ProtoWriter message(int field, ProtoWriter value) {
        return bytes(field, value.toBytes());
    }

    ProtoWriter raw(int... bytes) {
        for (int b : bytes) {
            out.write(b);
        }
        return this;
    }

    ProtoWriter raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    ProtoWriter varint(long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out.write((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
        return this;
    }

    byte[] toBytes() {
        return out.toByteArray();
    }

    static byte[] floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return bytes.array();
    }

    /** A float32 tensor with elements first, first + 1 and so on. */
    static ProtoWriter tensor(String name, int first, int... shape) {
        int size = 1;
        ProtoWriter tensor = message();
        for (int extent : shape) {
            tensor.number(1, extent);
            size *= extent;
        }
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = first + i;
        }
        return tensor.number(2, 1).text(8, name).bytes(9, floats(values));
    }

    /** A node; inputs and outputs are separated by commas. */
    static ProtoWriter node(String op, String name, String inputs, String outputs, ProtoWriter... attributes) {
        ProtoWriter node = message();
        for (String input : inputs.split(",", -1)) {
            node.text(1, input);
        }
        for (String output : outputs.split(",", -1)) {
            node.text(2, output);
        }
        node.text(3, name).text(4, op);
        for (ProtoWriter attribute : attributes) {
            node.message(5, attribute);
        }
        return node;
    }

    static ProtoWriter integer(String name, long value) {
        return message().text(1, name).number(3, value).number(20, 2);
    }

    static ProtoWriter texts(String name, String... values) {
        ProtoWriter attribute = message().text(1, name);
        for (String value : values) {
            attribute.text(9, value);
        }
        return attribute.number(20, 8);
    }

    /** A graph: tensors and nodes. */
    static ProtoWriter graph(Object... parts) {
        ProtoWriter graph = message();
        for (int i = 0; i < parts.length; i += 2) {
            graph.message((Integer) parts[i], (ProtoWriter) parts[i + 1]);
        }
        return graph;
    }

    /** A model around a graph. */
    static byte[] model(ProtoWriter graph) {
        return message().number(1, 8).text(2, "test").message(7, graph).toBytes();
    }
}
