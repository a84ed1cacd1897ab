package io.lanecell.loader;

import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** Holds the constructor arguments that a description gives a layer against what its weights say, and refuses what can't be done. */
final class LayerArguments {
    private final JsonObject arguments;
    private final LayerTensors tensors;

    private LayerArguments(DescribedLayer layer, Weights all) {
        this.arguments = layer.json();
        this.tensors = new LayerTensors(arguments, all, layer.weights());
    }

    /** Checks the layer itself, not those inside it. */
    static void check(DescribedLayer layer, Weights all) {
        LayerArguments checked = new LayerArguments(layer, all);
        switch (layer.type()) {
            case EMBEDDING -> checked.embedding();
            case LSTM, GRU, RNN -> new RecurrentArguments(layer.type(), checked.arguments, checked.tensors).check();
            case LINEAR -> checked.linear();
            case CONV1D -> checked.conv1d();
            case MAX_POOL1D, AVG_POOL1D -> checked.pool();
            case BATCH_NORM1D -> checked.batchNorm();
            case LAYER_NORM -> checked.layerNorm();
            case SOFTMAX, LOG_SOFTMAX -> checked.onlyLastDimension();
            case DROPOUT -> probability(checked.arguments, "p");
            case ATTENTION_OVER_TIME -> checked.attention(all, layer.weights());
            case ATTENTION_DECODER -> decoder(checked.arguments, all);
            case ACTIVATION -> checked.approximation(layer.name());
            case LAST_STEP, FINAL_HIDDEN, MEAN_OVER_TIME, MAX_OVER_TIME, TRANSPOSE, CONCAT, ADD -> {
            }
        }
    }

    private void embedding() {
        Tensor weight = tensors.get("weight", 2);
        tensors.agree("num_embeddings", weight.dim(0));
        tensors.agree("embedding_dim", weight.dim(1));
        OptionalInt padding = arguments.wholeNumber("padding_idx");
        // As in PyTorch a negative index counts from the end.
        if (padding.isPresent() && (padding.getAsInt() >= weight.dim(0) || padding.getAsInt() < -weight.dim(0))) {
            throw arguments.error("padding_idx is " + padding.getAsInt() + " but the embedding has " + weight.dim(0) + " rows");
        }
        if (arguments.has("max_norm")) {
            throw arguments.error("max_norm is not supported: it changes the weights while computing, scale them before saving");
        }
    }

    private void linear() {
        Tensor weight = tensors.get("weight", 2);
        tensors.agree("out_features", weight.dim(0));
        tensors.agree("in_features", weight.dim(1));
        tensors.agree("bias", tensors.has("bias"));
    }

    private void conv1d() {
        Tensor weight = tensors.get("weight", 3);
        int groups = arguments.extent("groups").orElse(1);
        if (groups < 1 || weight.dim(0) % groups != 0) {
            throw arguments.error("groups is " + groups + ", expected a divisor of the " + weight.dim(0)
                    + " channels it gives: tensor " + tensors.described("weight"));
        }
        if (weight.dim(2) < 1) {
            throw arguments.error("tensor " + tensors.described("weight") + ", expected a kernel_size of at least 1");
        }
        tensors.agree("out_channels", weight.dim(0));
        tensors.agree("in_channels", inputChannels(weight, groups));
        tensors.agree("kernel_size", weight.dim(2));
        tensors.agree("bias", tensors.has("bias"));
        only("padding_mode", "zeros");
    }

    private int inputChannels(Tensor weight, int groups) {
        long channels = (long) weight.dim(1) * groups;
        if (channels > Integer.MAX_VALUE) {
            throw arguments.error("groups is " + groups + ", too many for tensor " + tensors.described("weight"));
        }
        return (int) channels;
    }

    private void pool() {
        OptionalInt dilation = arguments.extent("dilation");
        if (dilation.isPresent() && dilation.getAsInt() != 1) {
            throw arguments.error("dilation is " + dilation.getAsInt() + ", only 1 is supported");
        }
        onlyFalse("ceil_mode");
        onlyFalse("return_indices");
    }

    private void batchNorm() {
        if (!arguments.truth("track_running_stats").orElse(true)) {
            throw arguments.error("track_running_stats is false: it would normalise by the batch at hand, so that a sequence's"
                    + " result depends on its neighbours; only running statistics are supported");
        }
        arguments.number("momentum");
        tensors.agree("num_features", tensors.get("running_mean", 1).dim(0));
        tensors.agree("affine", tensors.has("weight"));
    }

    private void layerNorm() {
        boolean affine = tensors.has("weight");
        if (arguments.has("weights") || arguments.truth("elementwise_affine").orElse(false)) {
            tensors.get("weight", 1);
        }
        tensors.agree("elementwise_affine", affine);
        if (affine) {
            tensors.agree("bias", tensors.has("bias"));
        }
        boolean array = arguments.value("normalized_shape").filter(value -> value.isArray()).isPresent();
        List<Integer> shape = array ? arguments.wholeNumbers("normalized_shape") : List.of();
        if (array && shape.size() != 1) {
            throw arguments.error("normalized_shape is " + shape + ", only one dimension, the features, is supported");
        }
        if (affine) {
            tensors.agree("normalized_shape", tensors.get("weight", 1).dim(0));
        } else {
            arguments.extent("normalized_shape");
        }
    }

    private void onlyLastDimension() {
        OptionalInt dim = arguments.wholeNumber("dim");
        if (dim.isPresent() && dim.getAsInt() != -1) {
            throw arguments.error("dim is " + dim.getAsInt() + ", only -1 (the features) is supported");
        }
    }

    /** GELU's argument is part of its type here. */
    private void approximation(String function) {
        String own = function.equals("gelu_tanh") ? "tanh" : "none";
        arguments.text("approximate").filter(value -> !value.equals(own)).ifPresent(value -> {
            throw arguments.error("approximate is " + Quote.of(value) + ", expected '" + own
                    + "': GELU(approximate='tanh') is type 'gelu_tanh', GELU() is 'gelu'");
        });
    }

    private void attention(Weights all, String name) {
        if (!all.has(name)) {
            tensors.get("weight");
        }
    }

    private static void decoder(JsonObject json, Weights all) {
        Tensor embedding = new LayerTensors(json, all, json.requiredText("embedding")).get("weight", 2);
        LayerTensors cell = new LayerTensors(json, all, json.requiredText("cell"));
        Tensor inputWeight = cell.get("weight_ih", 2);
        cell.get("weight_hh", 2);
        if (inputWeight.dim(1) != embedding.dim(1)) {
            throw json.error("the embedding gives " + embedding.dim(1) + " features where the cell takes " + inputWeight.dim(1)
                    + ": tensor " + cell.described("weight_ih"));
        }
        int start = json.requiredWholeNumber("start");
        if (start < 0 || start >= embedding.dim(0)) {
            throw json.error("start is token " + start + ", expected 0 to " + (embedding.dim(0) - 1)
                    + ": the embedding knows " + embedding.dim(0) + " tokens");
        }
    }

    /** Refuses what is no probability. */
    static void probability(JsonObject arguments, String key) {
        OptionalDouble probability = arguments.number(key);
        if (probability.isPresent() && !(probability.getAsDouble() >= 0 && probability.getAsDouble() <= 1)) {
            throw arguments.error(key + " is " + probability.getAsDouble() + ", expected a probability from 0 to 1");
        }
    }

    private void onlyFalse(String key) {
        if (arguments.truth(key).orElse(false)) {
            throw arguments.error(key + " is true, only false is supported");
        }
    }

    private void only(String key, String supported) {
        arguments.text(key).filter(value -> !value.equals(supported)).ifPresent(value -> {
            throw arguments.error(key + " is " + Quote.of(value) + ", only '" + supported + "' is supported");
        });
    }
}
