package io.lanecell.benchmarks.peers;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.lanecell.benchmarks.compare.Cell;
import io.lanecell.benchmarks.compare.Geometry;
import io.lanecell.benchmarks.compare.Task;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Writes a task's network as an ONNX model: a node for each layer, weights inside. Inputs are {@code x} and for each layer
 * {@code h0 c0}, {@code h1 c1} …; a case that carries its state has the outputs {@code hn} and {@code cn}, the others {@code y},
 * (T, N, D·H), or ONNX's own (T, 1, N, H) of a single direction. A GRU has no {@code c}. Field numbers are those of onnx.proto.
 */
final class OnnxModel {
    private static final int IR_VERSION = 8;
    private static final int OPSET = 17;
    private static final int FLOAT = 1;
    private static final int INT64 = 7;

    private OnnxModel() {
    }

    static byte[] of(Task task) {
        return message(model -> {
            model.writeInt64(1, IR_VERSION);
            model.writeString(2, "lanecell");
            write(model, 7, graph -> writeGraph(graph, task));
            write(model, 8, opset -> opset.writeInt64(2, OPSET));
        });
    }

    private static void writeGraph(CodedOutputStream graph, Task task) throws IOException {
        Geometry g = task.geometry();
        graph.writeString(2, g.name());
        long[] state = {g.directions(), g.batch(), g.hiddenSize()};
        writeValue(graph, 11, "x", g.steps(), g.batch(), g.inputSize());
        String input = "x";
        for (int layer = 0; layer < g.layers(); layer++) {
            writeValue(graph, 11, "h" + layer, state);
            if (g.cell().hasMemory()) {
                writeValue(graph, 11, "c" + layer, state);
            }
            writeWeights(graph, task, layer);
            boolean last = layer == g.layers() - 1;
            writeLayer(graph, g, layer, input, joins(g) ? "y" + layer : "y");
            if (joins(g)) {
                input = last ? "y" : "x" + (layer + 1);
                writeJoin(graph, g, layer, input);
            }
        }
        if (g.carriesState()) {
            writeValue(graph, 12, "hn", state);
            if (g.cell().hasMemory()) {
                writeValue(graph, 12, "cn", state);
            }
        } else {
            writeValue(graph, 12, "y", outputShape(g));
        }
    }

    /** Whether a layer's output must be brought into the shape that the next layer, or PyTorch, has. */
    private static boolean joins(Geometry g) {
        return g.layers() > 1 || g.directions() > 1;
    }

    /** The shape of {@code y}. */
    static long[] outputShape(Geometry g) {
        return joins(g) ? new long[]{g.steps(), g.batch(), g.outputSize()}
                : new long[]{g.steps(), 1, g.batch(), g.hiddenSize()};
    }

    private static void writeLayer(CodedOutputStream graph, Geometry g, int layer, String input, String output)
            throws IOException {
        write(graph, 1, node -> {
            // X, W, R, B, sequence_lens, initial_h, initial_c
            for (String name : new String[]{input, "w" + layer, "r" + layer, "b" + layer, "", "h" + layer}) {
                node.writeString(1, name);
            }
            if (g.cell().hasMemory()) {
                node.writeString(1, "c" + layer);
            }
            // Y, Y_h, Y_c
            node.writeString(2, g.carriesState() ? "" : output);
            if (g.carriesState()) {
                node.writeString(2, "hn");
                if (g.cell().hasMemory()) {
                    node.writeString(2, "cn");
                }
            }
            node.writeString(4, g.cell().name());
            writeInteger(node, "hidden_size", g.hiddenSize());
            if (g.cell() == Cell.GRU) {
                writeInteger(node, "linear_before_reset", 1); // PyTorch's formula
            }
            write(node, 5, attribute -> {
                attribute.writeString(1, "direction");
                attribute.writeString(4, g.directions() == 2 ? "bidirectional" : "forward");
                attribute.writeInt32(20, 3);
            });
        });
    }

    private static void writeInteger(CodedOutputStream node, String name, int value) throws IOException {
        write(node, 5, attribute -> {
            attribute.writeString(1, name);
            attribute.writeInt64(3, value);
            attribute.writeInt32(20, 2);
        });
    }

    /** (T, D, N, H) to (T, N, D·H), what the next layer takes; with one sequence the order in memory is the same. */
    private static void writeJoin(CodedOutputStream graph, Geometry g, int layer, String output) throws IOException {
        String input = "y" + layer;
        if (g.batch() > 1 && g.directions() > 1) {
            write(graph, 1, node -> {
                node.writeString(1, "y" + layer);
                node.writeString(2, "t" + layer);
                node.writeString(4, "Transpose");
                write(node, 5, attribute -> {
                    attribute.writeString(1, "perm");
                    for (int axis : new int[]{0, 2, 1, 3}) {
                        attribute.writeInt64(8, axis);
                    }
                    attribute.writeInt32(20, 7);
                });
            });
            input = "t" + layer;
        }
        String joined = input;
        ByteBuffer shape = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
        shape.putLong(g.steps()).putLong(g.batch()).putLong(g.outputSize()).flip();
        writeTensor(graph, "s" + layer, INT64, shape, 3);
        write(graph, 1, node -> {
            node.writeString(1, joined);
            node.writeString(1, "s" + layer);
            node.writeString(2, output);
            node.writeString(4, "Reshape");
        });
    }

    private static void writeWeights(CodedOutputStream graph, Task task, int layer) throws IOException {
        Geometry g = task.geometry();
        int directions = g.directions();
        int[] order = Gates.onnxOrder(g.cell());
        float[][] b = new float[2 * directions][];
        for (int direction = 0; direction < directions; direction++) {
            b[2 * direction] = Gates.ordered(task.weight("bias_ih", layer, direction), order);
            b[2 * direction + 1] = Gates.ordered(task.weight("bias_hh", layer, direction), order);
        }
        writeFloats(graph, "w" + layer, Gates.directions(task, "weight_ih", layer, order), directions, g.gateRows(),
                g.inputSizeOf(layer));
        writeFloats(graph, "r" + layer, Gates.directions(task, "weight_hh", layer, order), directions, g.gateRows(),
                g.hiddenSize());
        writeFloats(graph, "b" + layer, Gates.concatenate(b), directions, 2L * g.gateRows());
    }

    private static void writeFloats(CodedOutputStream graph, String name, float[] values, long... shape) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        writeTensor(graph, name, FLOAT, bytes, shape);
    }

    private static void writeTensor(CodedOutputStream graph, String name, int type, ByteBuffer bytes, long... shape)
            throws IOException {
        write(graph, 5, tensor -> {
            for (long extent : shape) {
                tensor.writeInt64(1, extent);
            }
            tensor.writeInt32(2, type);
            tensor.writeString(8, name);
            tensor.writeBytes(9, ByteString.copyFrom(bytes));
        });
    }

    private static void writeValue(CodedOutputStream graph, int field, String name, long... shape) throws IOException {
        write(graph, field, value -> {
            value.writeString(1, name);
            write(value, 2, type -> write(type, 1, tensor -> {
                tensor.writeInt32(1, FLOAT);
                write(tensor, 2, extents -> {
                    for (long extent : shape) {
                        write(extents, 1, dimension -> dimension.writeInt64(1, extent));
                    }
                });
            }));
        });
    }

    /** What writes the fields of one message. */
    private interface Fields {
        void writeTo(CodedOutputStream out) throws IOException;
    }

    private static void write(CodedOutputStream out, int field, Fields fields) throws IOException {
        out.writeByteArray(field, message(fields));
    }

    private static byte[] message(Fields fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            fields.writeTo(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("an array can't refuse bytes", e);
        }
        return bytes.toByteArray();
    }
}
