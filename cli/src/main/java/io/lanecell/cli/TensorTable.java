package io.lanecell.cli;

import io.lanecell.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Tensors as a table of name, dtype and shape, as wide as a terminal: the middle of a longer name is left out. */
final class TensorTable {
    private static final int SHORTEST_NAME = 20;

    private final Map<String, Tensor> tensors;
    private final int columns;

    TensorTable(Map<String, Tensor> tensors, int columns) {
        this.columns = columns;
        this.tensors = tensors;
    }

    /** A line for each tensor, between a heading and a sum. */
    List<String> lines() {
        int shapeWidth = tensors.values().stream().mapToInt(tensor -> shape(tensor).length()).max().orElse(0);
        int room = Math.max(SHORTEST_NAME, columns - "  dtype  ".length() - Math.max(shapeWidth, "shape".length()));
        int nameWidth = tensors.keySet().stream().mapToInt(name -> OneLine.of(name).length()).max().orElse(0);
        int width = Math.max("tensor".length(), Math.min(room, nameWidth));
        String row = "%-" + width + "s  %-5s  %s";
        List<String> lines = new ArrayList<>();
        lines.add(row.formatted("tensor", "dtype", "shape"));
        tensors.forEach(
                (name, tensor) -> lines.add(row.formatted(shorten(OneLine.of(name), width), tensor.dtype(), shape(tensor))));
        long numbers = tensors.values().stream().mapToLong(Tensor::size).sum();
        lines.add("%d tensor%s, %,d numbers".formatted(tensors.size(), tensors.size() == 1 ? "" : "s", numbers));
        return lines;
    }

    private static String shape(Tensor tensor) {
        return Arrays.toString(tensor.shape());
    }

    /** The text, or its beginning and end. */
    static String shorten(String name, int width) {
        if (name.length() <= width) {
            return name;
        }
        int start = (width - 1) / 2;
        return name.substring(0, start) + "…" + name.substring(name.length() - (width - 1 - start));
    }
}
