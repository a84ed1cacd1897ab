package io.lanecell.cli;

import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A recurrent layer as the names and shapes of its tensors show it.
 *
 * @param kind       {@code LSTM}, {@code GRU}, {@code RNN}, or one of these with {@code Cell}
 * @param prefix     what stands before the tensors' names, without the dot
 * @param inputSize  features per step
 * @param hiddenSize cells per direction
 * @param layers     stacked layers
 * @param directions 2 if bidirectional
 * @param projSize   size of the projection, 0 without one
 * @param bias       whether there are bias vectors
 * @param parameters numbers in all tensors together
 */
record RecurrentGeometry(String kind, String prefix, int inputSize, int hiddenSize, int layers, int directions, int projSize,
        boolean bias, long parameters) {

    /** All recurrent layers in the weights, in the file's order. */
    static List<RecurrentGeometry> findAll(Weights weights) {
        List<RecurrentGeometry> found = new ArrayList<>();
        for (String name : weights.names()) {
            for (String first : List.of("weight_ih_l0", "weight_ih")) {
                if (name.equals(first) || name.endsWith("." + first)) {
                    String prefix = name.equals(first) ? "" : name.substring(0, name.length() - first.length() - 1);
                    of(weights, prefix).ifPresent(found::add);
                }
            }
        }
        return found;
    }

    /** The recurrent layer whose tensors' names begin with {@code prefix}, if there is one. */
    static Optional<RecurrentGeometry> of(Weights weights, String prefix) {
        Weights own = weights.under(prefix);
        boolean cell = own.has("weight_ih");
        String layer = cell ? "" : "_l0";
        if (!own.has("weight_ih" + layer) || !own.has("weight_hh" + layer)) {
            return Optional.empty();
        }
        Tensor ih = own.get("weight_ih" + layer);
        Tensor hh = own.get("weight_hh" + layer);
        int projSize = own.has("weight_hr" + layer) ? own.get("weight_hr" + layer).dim(0) : 0;
        if (ih.rank() != 2 || hh.rank() != 2) {
            return Optional.empty();
        }
        int hiddenSize = projSize > 0 ? hh.dim(0) / 4 : hh.dim(1);
        return kind(hh.dim(0), hiddenSize).map(kind -> new RecurrentGeometry(cell ? kind + "Cell" : kind, prefix, ih.dim(1),
                hiddenSize, cell ? 1 : countLayers(own), own.has("weight_ih_l0_reverse") ? 2 : 1, projSize,
                own.has("bias_ih" + layer), parameters(own)));
    }

    private static Optional<String> kind(int rows, int hiddenSize) {
        if (hiddenSize == 0 || rows % hiddenSize != 0) {
            return Optional.empty();
        }
        return switch (rows / hiddenSize) {
            case 4 -> Optional.of("LSTM");
            case 3 -> Optional.of("GRU");
            case 1 -> Optional.of("RNN");
            default -> Optional.empty();
        };
    }

    private static int countLayers(Weights own) {
        int layers = 1;
        while (own.has("weight_ih_l" + layers)) {
            layers++;
        }
        return layers;
    }

    private static long parameters(Weights own) {
        return own.tensors().entrySet().stream().filter(entry -> entry.getKey().matches("(weight|bias)_(ih|hh|hr).*"))
                .mapToLong(entry -> entry.getValue().size())
                .sum();
    }

    /** Whether this is a cell, which is stepped from outside and whose state has no layer dimension. */
    boolean isCell() {
        return kind.endsWith("Cell");
    }

    /** Whether this version computes such a layer. */
    boolean isSupported() {
        return kind.startsWith("LSTM");
    }

    /** Features of the hidden state. */
    int outputSize() {
        return projSize > 0 ? projSize : hiddenSize;
    }

    /** Rows of h_n and c_n. */
    int stateRows() {
        return layers * directions;
    }
}
