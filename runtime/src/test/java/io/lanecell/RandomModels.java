package io.lanecell;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Weights of any geometry, filled with small random numbers. */
final class RandomModels {
    private RandomModels() {
    }

    static Weights lstm(Random random, LstmGeometry geometry) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        int hidden = geometry.hiddenSize();
        for (int layer = 0; layer < geometry.numLayers(); layer++) {
            for (int direction = 0; direction < geometry.directions(); direction++) {
                String suffix = geometry.suffix(layer, direction);
                put(tensors, random, "weight_ih" + suffix, 4 * hidden, geometry.layerInputSize(layer));
                put(tensors, random, "weight_hh" + suffix, 4 * hidden, geometry.outputSizePerDirection());
                if (geometry.bias()) {
                    put(tensors, random, "bias_ih" + suffix, 4 * hidden);
                    put(tensors, random, "bias_hh" + suffix, 4 * hidden);
                }
                if (geometry.projSize() > 0) {
                    put(tensors, random, "weight_hr" + suffix, geometry.projSize(), hidden);
                }
            }
        }
        return Weights.of(tensors);
    }

    /** An LSTM of one layer in one direction. */
    static LstmGeometry plain(int inputSize, int hiddenSize) {
        return new LstmGeometry(inputSize, hiddenSize, 1, true, false, 0, false);
    }

    /** Any geometry with sizes on both sides of the panels' edges. */
    static LstmGeometry anyGeometry(Random random) {
        int[] sizes = {1, 2, 3, 15, 16, 17, 31, 32, 33, 64, 65, 127, 130};
        int hidden = sizes[random.nextInt(sizes.length)];
        int projSize = hidden > 1 && random.nextInt(3) == 0 ? 1 + random.nextInt(hidden - 1) : 0;
        return new LstmGeometry(sizes[random.nextInt(sizes.length)], hidden, 1 + random.nextInt(3), random.nextBoolean(),
                random.nextBoolean(), projSize, false);
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
