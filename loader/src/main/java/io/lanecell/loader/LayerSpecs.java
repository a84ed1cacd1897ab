package io.lanecell.loader;

import io.lanecell.ActivationFunction;
import io.lanecell.LayerSpec;
import io.lanecell.LstmOptions;
import io.lanecell.Weights;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Makes the runtime's layers of described ones. */
final class LayerSpecs {
    private static final double USUAL_EPSILON = 1e-5;
    /** Beyond this a stride, padding or dilation is a mistake, and would overflow a count of steps. */
    private static final int LARGEST_EXTENT = 1 << 24;

    private LayerSpecs() {
    }

    /** @param weights all tensors, already held against the layer by {@link LayerArguments} */
    static LayerSpec of(DescribedLayer layer, Weights weights) {
        JsonObject json = layer.json();
        String prefix = layer.weights();
        return switch (layer.type()) {
            case EMBEDDING -> new LayerSpec.Embedding(prefix);
            case LSTM -> new LayerSpec.Lstm(prefix, batchFirst(json), lstmOptions(json));
            case GRU -> new LayerSpec.Gru(prefix, batchFirst(json));
            case RNN -> new LayerSpec.Rnn(prefix, batchFirst(json), nonlinearity(json));
            case LINEAR -> new LayerSpec.Linear(prefix);
            case CONV1D -> conv1d(layer, weights);
            case MAX_POOL1D -> maxPool(json);
            case AVG_POOL1D -> avgPool(json);
            case BATCH_NORM1D -> new LayerSpec.BatchNorm1d(prefix, epsilon(json, "eps"));
            case LAYER_NORM -> new LayerSpec.LayerNorm(prefix, epsilon(json, "eps"));
            case ACTIVATION -> activation(layer);
            case SOFTMAX -> new LayerSpec.Softmax();
            case LOG_SOFTMAX -> new LayerSpec.LogSoftmax();
            case DROPOUT -> new LayerSpec.Dropout();
            case LAST_STEP -> new LayerSpec.LastStep();
            case FINAL_HIDDEN -> new LayerSpec.FinalHidden();
            case MEAN_OVER_TIME -> new LayerSpec.MeanOverTime();
            case MAX_OVER_TIME -> new LayerSpec.MaxOverTime();
            case ATTENTION_OVER_TIME -> new LayerSpec.AttentionOverTime(prefix);
            case TRANSPOSE -> new LayerSpec.Transpose();
            case CONCAT -> new LayerSpec.Concat(chains(layer, weights));
            case ADD -> new LayerSpec.Add(chains(layer, weights));
            case ATTENTION_DECODER -> new LayerSpec.AttentionDecoder(json.requiredText("embedding"), json.requiredText("cell"),
                    chains(layer, weights).getFirst(), json.requiredWholeNumber("start"), steps(json));
        };
    }

    private static List<List<LayerSpec>> chains(DescribedLayer layer, Weights weights) {
        return layer.chains().stream().map(chain -> chain.stream().map(each -> of(each, weights)).toList()).toList();
    }

    private static boolean batchFirst(JsonObject json) {
        return json.truth("batch_first").orElse(false);
    }

    private static LstmOptions lstmOptions(JsonObject json) {
        LstmOptions usual = LstmOptions.PYTORCH;
        return new LstmOptions(function(json, "gate_activation", usual.gate()), function(json, "cell_activation", usual.cell()),
                function(json, "output_activation", usual.output()), json.truth("coupled").orElse(usual.coupled()),
                (float) cellClip(json), json.has("norm_eps") ? (float) epsilon(json, "norm_eps") : usual.normEpsilon());
    }

    private static double cellClip(JsonObject json) {
        double clip = json.number("cell_clip").orElse(0);
        if (!(clip >= 0 && clip <= Float.MAX_VALUE)) {
            throw json.error("cell_clip is " + clip + ", expected a bound over 0 that float32 can hold, or 0 for none");
        }
        return clip;
    }

    private static ActivationFunction function(JsonObject json, String key, ActivationFunction usual) {
        return json.text(key).map(name -> LayerType.activation(name).orElseThrow(() -> json.error("key '" + key + "' is "
                + Quote.of(name) + ", known functions are " + String.join(", ", LayerType.functionNames())))).orElse(usual);
    }

    private static ActivationFunction nonlinearity(JsonObject json) {
        String name = json.text("nonlinearity").orElse("tanh");
        return switch (name) {
            case "tanh" -> ActivationFunction.TANH;
            case "relu" -> ActivationFunction.RELU;
            default -> throw json.error("key 'nonlinearity' is " + Quote.of(name) + ", expected 'tanh' or 'relu'");
        };
    }

    private static LayerSpec activation(DescribedLayer layer) {
        ActivationFunction function = LayerType.activation(layer.name()).orElseThrow();
        String key = function.parameterName();
        if (key.isEmpty() || !layer.json().has(key)) {
            return new LayerSpec.Activation(function);
        }
        float parameter = (float) layer.json().number(key).orElseThrow();
        boolean fits = Float.isFinite(parameter) && (function != ActivationFunction.SOFTPLUS || parameter > 0);
        if (!fits) {
            throw layer.json()
                    .error(key + " is " + layer.json().number(key).orElseThrow() + ", expected a number that float32 can hold"
                            + (function == ActivationFunction.SOFTPLUS ? ", over 0" : ""));
        }
        return new LayerSpec.Activation(function, parameter);
    }

    private static LayerSpec conv1d(DescribedLayer layer, Weights weights) {
        JsonObject json = layer.json();
        int stride = extent(json, "stride", 1, 1);
        int dilation = extent(json, "dilation", 1, 1);
        int groups = extent(json, "groups", 1, 1);
        int kernelSize = weights.under(layer.weights()).get("weight").dim(2);
        long reach = (long) dilation * (kernelSize - 1);
        if (reach > LARGEST_EXTENT) {
            throw json.error("dilation " + dilation + " times kernel_size - 1 = " + (kernelSize - 1) + " spans " + reach
                    + " steps, expected at most " + LARGEST_EXTENT);
        }
        int left;
        int right;
        JsonNode padding = json.value("padding").orElse(null);
        if (padding != null && padding.isString()) {
            switch (padding.stringValue()) {
                case "same" -> {
                    if (stride != 1) {
                        throw json.error("padding 'same' and stride " + stride
                                + " exclude each other: a stride over 1 gives fewer steps, so there is no same number to keep");
                    }
                    left = (int) reach / 2; // PyTorch's odd one out stands at the right
                    right = (int) reach - left;
                }
                case "causal" -> {
                    left = (int) reach;
                    right = 0;
                }
                case "valid" -> {
                    left = 0;
                    right = 0;
                }
                default -> throw json.error("key 'padding' is " + Quote.of(padding.stringValue())
                        + ", expected a number, [left, right], 'same', 'causal' or 'valid'");
            }
        } else if (padding != null && padding.isArray() && padding.size() == 2) {
            List<Integer> sides = json.wholeNumbers("padding");
            left = checked(json, "padding[0]", sides.get(0), 0);
            right = checked(json, "padding[1]", sides.get(1), 0);
        } else {
            if (padding != null && padding.isArray() && padding.size() != 1) {
                throw json.error("key 'padding' has " + padding.size() + " numbers, expected one, or two: [left, right]");
            }
            left = extent(json, "padding", 0, 0);
            right = left;
        }
        return new LayerSpec.Conv1d(layer.weights(), stride, left, right, dilation, groups);
    }

    private static LayerSpec maxPool(JsonObject json) {
        int kernelSize = kernelSize(json);
        return new LayerSpec.MaxPool1d(kernelSize, extent(json, "stride", kernelSize, 1), poolPadding(json, kernelSize));
    }

    private static LayerSpec avgPool(JsonObject json) {
        int kernelSize = kernelSize(json);
        return new LayerSpec.AvgPool1d(kernelSize, extent(json, "stride", kernelSize, 1), poolPadding(json, kernelSize),
                json.truth("count_include_pad").orElse(true));
    }

    private static int kernelSize(JsonObject json) {
        if (!json.has("kernel_size")) {
            throw json.missing("kernel_size");
        }
        return extent(json, "kernel_size", 1, 1);
    }

    private static int poolPadding(JsonObject json, int kernelSize) {
        int padding = extent(json, "padding", 0, 0);
        if (padding > kernelSize / 2) {
            throw json.error("padding is " + padding + ", expected at most half of kernel_size " + kernelSize
                    + ": a window of padding alone has no value");
        }
        return padding;
    }

    private static double epsilon(JsonObject json, String key) {
        double epsilon = json.number(key).orElse(USUAL_EPSILON);
        if (!(epsilon >= 0 && epsilon < Double.POSITIVE_INFINITY)) {
            throw json.error(key + " is " + epsilon + ", expected a small number, 0 or more");
        }
        return epsilon;
    }

    private static int steps(JsonObject json) {
        return checked(json, "steps", json.requiredWholeNumber("steps"), 1);
    }

    private static int extent(JsonObject json, String key, int usual, int least) {
        return checked(json, key, json.extent(key).orElse(usual), least);
    }

    private static int checked(JsonObject json, String key, int value, int least) {
        if (value < least || value > LARGEST_EXTENT) {
            throw json.error(key + " is " + value + ", expected " + least + " to " + LARGEST_EXTENT);
        }
        return value;
    }
}
