package io.lanecell.matrix;

import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** Weights drawn alike on every JVM. */
final class DrawnWeights {
    private static final double SCALE = 0.4;

    private final SplittableRandom random = new SplittableRandom(42);
    private Map<String, Tensor> tensors = new LinkedHashMap<>();
    private boolean float64;

    /** Begins a model's. */
    DrawnWeights begin() {
        tensors = new LinkedHashMap<>();
        float64 = false;
        return this;
    }

    /** Begins a float64 model's. */
    DrawnWeights beginFloat64() {
        begin();
        float64 = true;
        return this;
    }

    /** One tensor. */
    DrawnWeights draw(String name, int... shape) {
        int size = 1;
        for (int extent : shape) {
            size *= extent;
        }
        double[] values = new double[size];
        float[] rounded = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (2 * random.nextDouble() - 1) * SCALE;
            rounded[i] = (float) values[i];
        }
        tensors.put(name, float64 ? Tensor.of(values, shape) : Tensor.of(rounded, shape));
        return this;
    }

    /** Those of a recurrent layer, PyTorch's names behind a prefix. */
    DrawnWeights recurrent(String prefix, int gates, int inputs, int hidden, int layers, boolean bidirectional) {
        for (int layer = 0; layer < layers; layer++) {
            for (String direction : bidirectional ? new String[]{"", "_reverse"} : new String[]{""}) {
                String suffix = "_l" + layer + direction;
                draw(prefix + "weight_ih" + suffix, gates * hidden, layer == 0 ? inputs : bidirectional ? 2 * hidden : hidden);
                draw(prefix + "weight_hh" + suffix, gates * hidden, hidden);
                draw(prefix + "bias_ih" + suffix, gates * hidden);
                draw(prefix + "bias_hh" + suffix, gates * hidden);
            }
        }
        return this;
    }

    /** What was drawn since {@link #begin}. */
    Weights end() {
        return Weights.of(tensors);
    }

    /** Fills an array with numbers within ±2, without a function that could round otherwise elsewhere. */
    static float[] wave(float[] values) {
        for (int i = 0; i < values.length; i++) {
            values[i] = (i * 37 % 401 - 200) / 100f;
        }
        return values;
    }

    /** The same in float64. */
    static double[] wave(double[] values) {
        for (int i = 0; i < values.length; i++) {
            values[i] = (i * 37 % 401 - 200) / 100.;
        }
        return values;
    }
}
