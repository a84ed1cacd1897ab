package io.lanecell.loader;

import static io.lanecell.loader.ProtoWriter.message;

import java.util.List;

/**
 * ONNX models whose messages are grammatical: nodes that our reader understands, tensors in every field that holds elements,
 * graphs inside nodes; names that meet, shapes that fit for the most part, and here and there any field of any wire type.
 */
final class OnnxProgram {
    private static final List<String> NAMES = List.of("W", "R", "B", "P", "x", "y", "axes", "starts", "", "a\nb");
    private static final List<String> OPS = List.of("LSTM", "GRU", "RNN", "MatMul", "Gemm", "Slice", "Concat", "Transpose",
            "Unsqueeze", "Squeeze", "Identity", "Constant", "If", "Loop", "Relu");
    private static final List<String> NUMBERS = List.of("hidden_size", "linear_before_reset", "input_forget", "axis", "transB");
    private static final List<String> LISTS = List.of("axes", "perm", "starts", "ends", "value_ints");
    private static final List<String> TEXTS = List.of("forward", "bidirectional", "reverse", "Sigmoid", "Tanh", "Relu",
            "HardSigmoid");
    private static final List<String> LOCATIONS = List.of("data.bin", "data.bin", "../data.bin", "absent", "/etc/passwd", "",
            "a\u0000b");
    private static final int[] SHAPES_OF = {1, 4, 3, 2, 8, 6, 0};
    private static final int DEEPEST = 3;

    private final Choices choices;

    private OnnxProgram(Choices choices) {
        this.choices = choices;
    }

    static byte[] of(Choices choices) {
        OnnxProgram program = new OnnxProgram(choices);
        return message().number(1, 8).text(2, "fuzz").message(7, program.graph(0)).toBytes();
    }

    private ProtoWriter graph(int depth) {
        ProtoWriter graph = message();
        if (!choices.oneIn(4)) {
            layer(graph);
        }
        while (choices.more() && !choices.oneIn(6)) {
            if (choices.oneIn(2)) {
                graph.message(1, node(depth));
            } else {
                graph.message(5, tensor(choices.of(NAMES)));
            }
        }
        return graph;
    }

    /** A recurrent node of one unit and its tensors, right unless something is said again later. */
    private void layer(ProtoWriter graph) {
        int gates = choices.of(List.of(4, 3, 1));
        int directions = 1 + choices.below(2);
        graph.message(5, ProtoWriter.tensor("W", 0, directions, gates, 1)).message(5,
                ProtoWriter.tensor("R", 0, directions, gates, 1)).message(5, ProtoWriter.tensor("B", 0, directions, 2 * gates))
                .message(5, ProtoWriter.tensor("P", 0, directions, 3));
        ProtoWriter[] attributes = new ProtoWriter[choices.below(3)];
        for (int i = 0; i < attributes.length; i++) {
            attributes[i] = attribute(DEEPEST);
        }
        String direction = directions == 2 ? "bidirectional" : "forward";
        ProtoWriter node = ProtoWriter.node(gates == 4 ? "LSTM" : gates == 3 ? "GRU" : "RNN", "n",
                choices.of(List.of("X,W,R,B,,,,P", "X,W,R", "X,W,R,B", "X,y,R,B")), "Y", attributes);
        graph.message(1, node.message(5, message().text(1, "direction").text(4, direction)).message(5,
                ProtoWriter.integer("linear_before_reset", 1)));
    }

    private ProtoWriter node(int depth) {
        ProtoWriter node = message().text(4, choices.of(OPS)).text(3, choices.of(NAMES));
        for (int i = choices.below(6); i > 0; i--) {
            node.text(1, choices.of(NAMES));
        }
        for (int i = choices.below(3); i >= 0; i--) {
            node.text(2, choices.of(NAMES));
        }
        for (int i = choices.below(4); i > 0; i--) {
            node.message(5, attribute(depth));
        }
        return anything(node);
    }

    private ProtoWriter attribute(int depth) {
        ProtoWriter attribute = message();
        switch (choices.below(8)) {
            case 0, 1 -> attribute.text(1, choices.of(NUMBERS)).number(3, choices.number());
            case 2 -> numbers(attribute.text(1, choices.of(LISTS)), 8);
            case 3 -> attribute.text(1, choices.of(List.of("direction", "activations", "clip"))).text(4, choices.of(TEXTS))
                    .text(9, choices.of(TEXTS)).text(9, choices.of(TEXTS));
            case 4 -> attribute.text(1, "value").message(5, tensor(""));
            case 5 -> attribute.text(1, "value_floats").bytes(7, choices.bytes(9));
            case 6 -> attribute.text(1, "alpha").raw(2 << 3 | 5, 0, 0, choices.below(256), choices.below(256));
            default -> attribute.text(1, "body").message(6, depth < DEEPEST ? graph(depth + 1) : message());
        }
        return anything(attribute);
    }

    private void numbers(ProtoWriter writer, int field) {
        boolean packed = choices.oneIn(2);
        ProtoWriter list = message();
        for (int i = choices.below(4); i > 0; i--) {
            long number = choices.oneIn(4) ? choices.number() : choices.below(3);
            if (packed) {
                list.varint(number);
            } else {
                writer.number(field, number);
            }
        }
        if (packed) {
            writer.bytes(field, list.toBytes());
        }
    }

    private ProtoWriter tensor(String name) {
        ProtoWriter tensor = message().text(8, name);
        int rank = choices.below(4);
        long elements = 1;
        for (int i = 0; i < rank; i++) {
            long extent = choices.oneIn(12) ? choices.number() : SHAPES_OF[choices.below(SHAPES_OF.length)];
            elements *= extent;
            tensor.number(1, extent);
        }
        int type = choices.oneIn(4) ? choices.below(18) : choices.of(List.of(1, 7, 11, 10, 6));
        tensor.number(2, type);
        int width = type == 7 || type == 11 ? 8 : type == 1 || type == 6 ? 4 : type == 10 ? 2 : 1;
        int size = Math.clamp(elements, 0, 512);
        switch (choices.below(4)) {
            case 0, 1 -> tensor.bytes(9, new byte[choices.oneIn(12) ? choices.below(64) : size * width]);
            case 2 -> tensor.bytes(type == 1 ? 4 : type == 7 ? 7 : type == 11 ? 10 : 5,
                    new byte[type == 1 || type == 11 ? size * width : size]);
            default -> external(tensor);
        }
        return anything(tensor);
    }

    private void external(ProtoWriter tensor) {
        tensor.message(13, message().text(1, "location").text(2, choices.of(LOCATIONS)));
        if (choices.oneIn(2)) {
            tensor.message(13, message().text(1, "offset").text(2, Long.toString(choices.number())));
        }
        if (choices.oneIn(4)) {
            tensor.message(13, message().text(1, "length").text(2, Long.toString(choices.number())));
        }
        tensor.number(14, 1);
    }

    /** Now and then a field that is any. */
    private ProtoWriter anything(ProtoWriter writer) {
        if (choices.oneIn(16)) {
            writer.varint(choices.below(256)).raw(choices.bytes(4 + choices.below(8)));
        }
        return writer;
    }
}
