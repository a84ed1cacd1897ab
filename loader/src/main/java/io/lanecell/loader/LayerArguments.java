package io.lanecell.loader;

import io.lanecell.LayerSpec;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** Holds the constructor arguments that a description gives a layer against what the shapes of its weights say. */
final class LayerArguments {
    private final JsonObject arguments;
    private final Weights all;
    private final String prefix;
    private final Weights weights;

    private LayerArguments(JsonObject arguments, Weights all, String prefix) {
        this.arguments = arguments;
        this.all = all;
        this.prefix = prefix;
        this.weights = all.under(prefix);
    }

    static void check(LayerSpec spec, JsonObject arguments, Weights all) {
        switch (spec) {
            case LayerSpec.Lstm lstm -> new LayerArguments(arguments, all, lstm.weights()).checkLstm();
            case LayerSpec.Embedding embedding -> new LayerArguments(arguments, all, embedding.weights()).checkEmbedding();
            case LayerSpec.Linear linear -> new LayerArguments(arguments, all, linear.weights()).checkLinear();
            case LayerSpec.Softmax softmax -> checkDim(arguments);
            case LayerSpec.LogSoftmax softmax -> checkDim(arguments);
            case LayerSpec.Dropout dropout -> checkProbability(arguments, "p");
            case LayerSpec.LastStep step -> {
            }
            case LayerSpec.FinalHidden hidden -> {
            }
            default -> throw new AssertionError(spec);
        }
    }

    private void checkLstm() {
        boolean cell = weights.has("weight_ih");
        Tensor inputWeight = matrix(cell ? "weight_ih" : "weight_ih_l0");
        agree("input_size", inputWeight.dim(1));
        if (inputWeight.dim(0) % 4 != 0) {
            throw arguments.error("tensor '" + full(cell ? "weight_ih" : "weight_ih_l0") + "' is " + inputWeight
                    + ", an LSTM's has 4 × hidden_size rows");
        }
        agree("hidden_size", inputWeight.dim(0) / 4);
        int layers = 1;
        while (!cell && weights.has("weight_ih_l" + layers)) {
            layers++;
        }
        agree("num_layers", layers);
        agree("bias", weights.has(cell ? "bias_ih" : "bias_ih_l0"));
        agree("bidirectional", weights.has("weight_ih_l0_reverse"));
        agree("proj_size", weights.has("weight_hr_l0") ? matrix("weight_hr_l0").dim(0) : 0);
        checkProbability(arguments, "dropout");
    }

    private void checkEmbedding() {
        Tensor weight = matrix("weight");
        agree("num_embeddings", weight.dim(0));
        agree("embedding_dim", weight.dim(1));
        OptionalInt padding = arguments.wholeNumber("padding_idx");
        // As in PyTorch a negative index counts from the end.
        if (padding.isPresent() && (padding.getAsInt() >= weight.dim(0) || padding.getAsInt() < -weight.dim(0))) {
            throw arguments.error("padding_idx is " + padding.getAsInt() + " but the embedding has " + weight.dim(0) + " rows");
        }
    }

    private void checkLinear() {
        Tensor weight = matrix("weight");
        agree("out_features", weight.dim(0));
        agree("in_features", weight.dim(1));
        agree("bias", weights.has("bias"));
    }

    private static void checkDim(JsonObject arguments) {
        OptionalInt dim = arguments.wholeNumber("dim");
        if (dim.isPresent() && dim.getAsInt() != -1) {
            throw arguments.error("dim is " + dim.getAsInt() + ", only -1 (the features) is supported");
        }
    }

    private static void checkProbability(JsonObject arguments, String key) {
        OptionalDouble probability = arguments.number(key);
        if (probability.isPresent() && !(probability.getAsDouble() >= 0 && probability.getAsDouble() <= 1)) {
            throw arguments.error(key + " is " + probability.getAsDouble() + ", expected a probability from 0 to 1");
        }
    }

    private Tensor matrix(String name) {
        if (!weights.has(name)) {
            throw arguments.error("tensor " + Quote.of(full(name)) + " is missing, the weights hold " + TensorNames.some(all));
        }
        Tensor tensor = weights.get(name);
        if (tensor.rank() != 2) {
            throw arguments.error("tensor " + Quote.of(full(name)) + " is " + tensor + ", expected 2 dimensions");
        }
        return tensor;
    }

    private String full(String name) {
        return prefix.isEmpty() ? name : prefix + "." + name;
    }

    private void agree(String key, int actual) {
        OptionalInt claimed = arguments.wholeNumber(key);
        if (claimed.isPresent() && claimed.getAsInt() != actual) {
            throw arguments.error(key + " is " + claimed.getAsInt() + " but the weights' shapes say " + actual);
        }
    }

    private void agree(String key, boolean actual) {
        Optional<Boolean> claimed = arguments.truth(key);
        if (claimed.isPresent() && claimed.get() != actual) {
            throw arguments.error(key + " is " + claimed.get() + " but the weights' names say " + actual);
        }
    }
}
