package io.lanecell.loader;

import static io.lanecell.loader.ProtoWriter.message;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/** Files that say one small thing very often, to find what costs far more memory or time than its bytes warrant. */
final class Repeated {
    private static final List<String> PICKLES = List.of("5d", "7d", "29", "28", "4e", "4b00", "4d0101", "8c00", "8c0161", "8a00",
            "4700000000000000ff", "2985", "2828", "7d4e4e73", "5d4e61", "284e4e74", "284e4e6c", "4e94", "4e71004e720100000030",
            "7d284b004e4b014e75", "5d284e4d01014e65", "636f730a", "28636f730a", "4d010185", "6800", "49310a", "49310a30",
            "680051");
    private static final List<String> PICKLE_STARTS = List.of("", "28", "5d28", "7d28", "4e9430", "7d7100", "4d0101710030");
    private static final List<String> PICKLE_ENDS = List.of("", "74", "65", "75", "6c", "64", "7473");
    private static final List<String> JSON = List.of("[]", "{}", "1", "11", "\"a\"", "null", "1.5", "{\"a\":1}", "[1]",
            "\"k#\":1",
            "\"k#\":[]", "\"k#\":{}", "\"k#\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}",
            "\"k#\":\"1.safetensors\"", "[[1,2],[3,4]]", "{\"type\":\"tanh\"}",
            "{\"class_name\":\"X\",\"config\":{\"name\":\"x\"}}",
            "\"k#\":[1,2]", "{\"type\":\"activation\",\"activation\":\"#\"}", "\"#\"");
    private static final List<String> JSON_STARTS = List.of("{", "{\"x\":[", "{\"layers\":[", "{\"weight_map\":{", "{\"x\":{",
            "{\"format\":\"lanecell-model/1\",\"layers\":[", "{\"__metadata__\":{", "{\"w\":{\"shape\":[",
            "{\"config\":{\"layers\":[",
            "{\"format\":\"lanecell-model/1\",\"layers\":[{\"type\":\"tanh\"}],\"labels\":[",
            "{\"format\":\"lanecell-model/1\",\"layers\":[{\"type\":\"tanh\"}],\"vocabulary\":{\"kind\":\"words\",\"tokens\":[");

    /** Whether a fuzzer's own code runs inside ours, which makes long files cost many times what they should. */
    private static boolean instrumented;

    private Repeated() {
    }

    /** Keeps the files short from now on. */
    static void underInstrumentation() {
        instrumented = true;
    }

    /** How long the file may become: a few KB, seldom up to 2 MB. */
    static int size(Choices choices) {
        return choices.oneIn(40) && !instrumented ? 1 << 16 + choices.below(6) : 1 << choices.below(12);
    }

    static byte[] pickle(Choices choices) {
        int size = size(choices);
        PickleWriter out = PickleWriter.protocol(2).hex(choices.of(PICKLE_STARTS));
        byte[] pattern = choices.oneIn(4) ? choices.bytes(8) : HexFormat.of().parseHex(choices.of(PICKLES));
        while (pattern.length > 0 && out.size() < size) {
            out.raw(pattern);
        }
        return out.hex(choices.of(PICKLE_ENDS)).stop();
    }

    static byte[] json(Choices choices) {
        int size = size(choices);
        String start = choices.of(JSON_STARTS);
        String item = choices.of(JSON);
        StringBuilder out = new StringBuilder(start);
        for (int i = 0; out.length() < size; i++) {
            out.append(i == 0 ? "" : ",").append(item.replace("#", Integer.toString(i, 36)));
        }
        for (int i = start.length() - 1, depth = 0; i >= 0; i--) {
            char c = start.charAt(i);
            depth += c == '}' || c == ']' ? 1 : 0;
            if (c == '{' || c == '[') {
                out.append(depth == 0 ? c == '{' ? "}" : "]" : "");
                depth = Math.max(0, depth - 1);
            }
        }
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** A graph of one node, attribute, initializer or anything else again and again. */
    static byte[] onnx(Choices choices) {
        int size = size(choices);
        ProtoWriter item = switch (choices.below(6)) {
            case 0 -> message().message(1, message());
            case 1 -> message().message(5, message().text(8, "w").number(2, 1));
            case 2 -> message().message(1, message().text(4, "LSTM").text(1, "x").text(1, "w").text(2, ""));
            case 3 -> message().message(1, message().text(4, "If").message(5, message().text(1, "b").message(6, message())));
            case 4 -> message().message(1, message().text(4, "Constant").text(2, "c").message(5,
                    message().text(1, "value_ints").bytes(8, choices.bytes(16))));
            default -> message().raw(choices.bytes(8));
        };
        byte[] bytes = item.toBytes();
        ProtoWriter graph = message();
        for (int done = 0; bytes.length > 0 && done < size; done += bytes.length) {
            graph.raw(bytes);
        }
        return ProtoWriter.model(graph);
    }
}
