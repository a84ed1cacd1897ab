package io.lanecell;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Weights of any geometry, filled with small random numbers. */
final class RandomModels {
    private RandomModels() {
    }

    /** A lone recurrent layer with random weights; an RNN's activation is random too. */
    static Model model(Random random, RecurrentGeometry geometry, boolean batchFirst) {
        Weights weights = weights(random, geometry);
        return switch (geometry.kind()) {
            case LSTM -> Model.lstm(weights, batchFirst);
            case COUPLED_LSTM -> throw new IllegalArgumentException("make it with its options");
            case GRU -> Model.gru(weights, batchFirst);
            case RNN -> Model.rnn(weights, batchFirst,
                    random.nextBoolean() ? ActivationFunction.TANH : ActivationFunction.RELU);
        };
    }

    /** An LSTM's. */
    static Weights lstm(Random random, RecurrentGeometry geometry) {
        return weights(random, geometry);
    }

    /** Those of any geometry. */
    static Weights weights(Random random, RecurrentGeometry geometry) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        int rows = geometry.kind().gates() * geometry.hiddenSize();
        for (int layer = 0; layer < geometry.numLayers(); layer++) {
            for (int direction = 0; direction < geometry.directions(); direction++) {
                String suffix = geometry.suffix(layer, direction);
                put(tensors, random, "weight_ih" + suffix, rows, geometry.layerInputSize(layer));
                put(tensors, random, "weight_hh" + suffix, rows, geometry.outputSizePerDirection());
                if (geometry.bias()) {
                    put(tensors, random, "bias_ih" + suffix, rows);
                    put(tensors, random, "bias_hh" + suffix, rows);
                }
                if (geometry.projSize() > 0) {
                    put(tensors, random, "weight_hr" + suffix, geometry.projSize(), geometry.hiddenSize());
                }
            }
        }
        return Weights.of(tensors);
    }

    /** An LSTM of one layer in one direction. */
    static RecurrentGeometry plain(int inputSize, int hiddenSize) {
        return plain(RecurrentGeometry.Kind.LSTM, inputSize, hiddenSize);
    }

    /** One layer in one direction. */
    static RecurrentGeometry plain(RecurrentGeometry.Kind kind, int inputSize, int hiddenSize) {
        return new RecurrentGeometry(kind, inputSize, hiddenSize, 1, true, false, 0, false);
    }

    /** Any geometry of PyTorch's three kinds, with sizes on both sides of the panels' edges. */
    static RecurrentGeometry anyGeometry(Random random) {
        RecurrentGeometry.Kind[] kinds = {RecurrentGeometry.Kind.LSTM, RecurrentGeometry.Kind.GRU, RecurrentGeometry.Kind.RNN};
        int[] sizes = {1, 2, 3, 15, 16, 17, 31, 32, 33, 48, 64, 65, 80, 127, 130};
        RecurrentGeometry.Kind kind = kinds[random.nextInt(kinds.length)];
        int hidden = sizes[random.nextInt(sizes.length)];
        boolean projected = kind == RecurrentGeometry.Kind.LSTM && hidden > 1 && random.nextInt(3) == 0;
        return new RecurrentGeometry(kind, sizes[random.nextInt(sizes.length)], hidden, 1 + random.nextInt(3),
                random.nextBoolean(), random.nextBoolean(), projected ? 1 + random.nextInt(hidden - 1) : 0, false);
    }

    static void put(Map<String, Tensor> tensors, Random random, String name, int... shape) {
        int size = 1;
        for (int extent : shape) {
            size *= extent;
        }
        tensors.put(name, Tensor.of(Seeds.floats(random, size, 0.25f), shape));
    }

    /** Embedding, LSTM, linear, softmax: a classifier of token sequences, or a language model without {@code lastStep}. */
    static Model tokens(Random random, int vocabulary, int embed, int hidden, int classes, boolean lastStep) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        put(tensors, random, "embedding.weight", vocabulary, embed);
        lstm(random, plain(embed, hidden)).tensors().forEach((name, tensor) -> tensors.put("lstm." + name, tensor));
        put(tensors, random, "fc.weight", classes, hidden);
        put(tensors, random, "fc.bias", classes);
        LayerSpec select = lastStep ? new LayerSpec.LastStep() : new LayerSpec.Dropout();
        return Model.of(ModelSpec.of(new LayerSpec.Embedding("embedding"), new LayerSpec.Lstm("lstm", true), select,
                new LayerSpec.Linear("fc"), new LayerSpec.Softmax()), Weights.of(tensors));
    }
}
