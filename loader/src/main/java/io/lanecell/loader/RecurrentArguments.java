package io.lanecell.loader;

import io.lanecell.Tensor;

/** Holds the arguments of an LSTM, GRU or RNN against its tensors, and refuses an LSTM's options that exclude each other. */
final class RecurrentArguments {
    private final LayerType type;
    private final JsonObject arguments;
    private final LayerTensors tensors;

    RecurrentArguments(LayerType type, JsonObject arguments, LayerTensors tensors) {
        this.type = type;
        this.arguments = arguments;
        this.tensors = tensors;
    }

    void check() {
        boolean cell = tensors.has("weight_ih");
        String first = cell ? "" : "_l0";
        Tensor inputWeight = tensors.get("weight_ih" + first, 2);
        tensors.agree("input_size", inputWeight.dim(1));
        checkKind(first);
        int gates = gates();
        if (inputWeight.dim(0) % gates != 0) {
            throw arguments.error("tensor " + tensors.described("weight_ih" + first) + ", " + described() + " has "
                    + (gates == 1 ? "" : gates + " × ") + "hidden_size rows");
        }
        int units = inputWeight.dim(0) / gates;
        tensors.agree("hidden_size", units);
        int layers = 1;
        while (!cell && tensors.has("weight_ih_l" + layers)) {
            layers++;
        }
        tensors.agree("num_layers", layers);
        tensors.agree("bias", tensors.has("bias_ih" + first));
        tensors.agree("bidirectional", tensors.has("weight_ih_l0_reverse"));
        LayerArguments.probability(arguments, "dropout");
        if (type == LayerType.LSTM) {
            tensors.agree("proj_size", tensors.has("weight_hr" + first) ? tensors.get("weight_hr" + first, 2).dim(0) : 0);
            refuseExclusiveOptions();
        }
    }

    private boolean coupled() {
        return type == LayerType.LSTM && arguments.truth("coupled").orElse(false);
    }

    /** Blocks of hidden_size rows in a weight matrix. */
    private int gates() {
        return switch (type) {
            case LSTM -> coupled() ? 3 : 4;
            case GRU -> 3;
            default -> 1;
        };
    }

    private String described() {
        return switch (type) {
            case LSTM -> coupled() ? "a coupled LSTM" : "an LSTM";
            case GRU -> "a GRU";
            default -> "an RNN";
        };
    }

    /** The matrix that takes the state back tells what kind of layer it is: its columns are the units, its rows their gates. */
    private void checkKind(String first) {
        if (!tensors.has("weight_hh" + first) || tensors.has("weight_hr" + first)) {
            return;
        }
        Tensor recurrent = tensors.get("weight_hh" + first, 2);
        if (recurrent.dim(0) != (long) gates() * recurrent.dim(1)) {
            throw arguments.error("tensor " + tensors.described("weight_hh" + first) + ", " + described() + " has "
                    + (gates() == 1 ? "as many rows as columns" : gates() + " rows for each column") + whoseWeights(recurrent));
        }
    }

    private static String whoseWeights(Tensor recurrent) {
        int columns = Math.max(1, recurrent.dim(1));
        return switch (recurrent.dim(0) % columns == 0 ? recurrent.dim(0) / columns : 0) {
            case 4 -> ": these are an LSTM's weights";
            case 3 -> ": these are a GRU's weights, or a coupled LSTM's";
            case 1 -> ": these are an RNN's weights";
            default -> "";
        };
    }

    private void refuseExclusiveOptions() {
        boolean norm = tensors.hasAny("ln_");
        if (norm && tensors.hasAny("weight_hr")) {
            throw arguments.error("layer normalisation (ln_…) and a projection (weight_hr…) exclude each other: no framework says"
                    + " which state would be normalised");
        }
        if (norm && tensors.hasAny("weight_c")) {
            throw arguments.error("layer normalisation (ln_…) and peepholes (weight_c…) exclude each other: a peephole would add"
                    + " what is not normalised to what is");
        }
        if (coupled() && tensors.hasAny("weight_cf")) {
            throw arguments.error("coupled and the peephole weight_cf… exclude each other: a coupled LSTM's f is 1 - i and has no"
                    + " sum of its own");
        }
        if (arguments.has("norm_eps") && !norm) {
            throw arguments.error("norm_eps is given but the weights have no layer normalisation (ln_ih_weight_l0 …)");
        }
    }
}
