package io.lanecell.reference;

import io.lanecell.LayerSpec;
import io.lanecell.ModelSpec;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** An LSTM of given geometry with weights of about PyTorch's initial size, repeatable by its seed. */
record RandomLstm(int inputSize, int hiddenSize, int numLayers, boolean bias, int directions, int projSize, long seed) {

    int hiddenStateSize() {
        return projSize > 0 ? projSize : hiddenSize;
    }

    int outputSize() {
        return directions * hiddenStateSize();
    }

    int states() {
        return numLayers * directions;
    }

    Weights weights() {
        Random random = new Random(seed);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (int layer = 0; layer < numLayers; layer++) {
            int in = layer == 0 ? inputSize : outputSize();
            for (int direction = 0; direction < directions; direction++) {
                String suffix = "_l" + layer + (direction == 1 ? "_reverse" : "");
                tensors.put("weight_ih" + suffix, tensor(random, 4 * hiddenSize, in));
                tensors.put("weight_hh" + suffix, tensor(random, 4 * hiddenSize, hiddenStateSize()));
                if (bias) {
                    tensors.put("bias_ih" + suffix, tensor(random, 4 * hiddenSize));
                    tensors.put("bias_hh" + suffix, tensor(random, 4 * hiddenSize));
                }
                if (projSize > 0) {
                    tensors.put("weight_hr" + suffix, tensor(random, projSize, hiddenSize));
                }
            }
        }
        return Weights.of(tensors);
    }

    ReferenceModel model(boolean batchFirst) {
        return ReferenceModel.of(ModelSpec.of(new LayerSpec.Lstm("", batchFirst)), weights());
    }

    private Tensor tensor(Random random, int... shape) {
        int size = 1;
        for (int extent : shape) {
            size *= extent;
        }
        return Tensor.of(values(random, size, 1.5), shape);
    }

    /** Numbers between −limit and limit. */
    static double[] values(Random random, int size, double limit) {
        return random.doubles(size, -limit, limit).toArray();
    }
}
