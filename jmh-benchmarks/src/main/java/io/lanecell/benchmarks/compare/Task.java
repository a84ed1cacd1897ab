package io.lanecell.benchmarks.compare;

import io.lanecell.ModelSpec;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import io.lanecell.reference.ReferenceModel;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/**
 * A case with its weights and inputs: the same for every engine and in every process. Sequences are (T, N, I), PyTorch's own
 * layout.
 */
public final class Task {
    /** Steps over which a case that carries its state is checked. */
    private static final int CHECKED_STEPS = 20;
    private static final long SEED = 20_261_121;

    private final Geometry geometry;
    private final Map<String, float[]> arrays = new LinkedHashMap<>();
    private final Weights weights;
    private final float[] input;

    /** Draws weights as PyTorch initialises them, and inputs from the normal distribution. */
    public Task(Geometry geometry) {
        this.geometry = geometry;
        Random random = new Random(SEED);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        int gates = geometry.gateRows();
        for (int layer = 0; layer < geometry.layers(); layer++) {
            for (int direction = 0; direction < geometry.directions(); direction++) {
                String end = suffix(layer, direction);
                put(tensors, random, "weight_ih" + end, gates, geometry.inputSizeOf(layer));
                put(tensors, random, "weight_hh" + end, gates, geometry.hiddenSize());
                put(tensors, random, "bias_ih" + end, gates);
                put(tensors, random, "bias_hh" + end, gates);
            }
        }
        weights = Weights.of(tensors);
        input = new float[checkedSteps() * geometry.batch() * geometry.inputSize()];
        for (int i = 0; i < input.length; i++) {
            input[i] = (float) random.nextGaussian();
        }
    }

    private void put(Map<String, Tensor> tensors, Random random, String name, int... shape) {
        float bound = (float) (1 / Math.sqrt(geometry.hiddenSize()));
        float[] values = new float[shape.length == 1 ? shape[0] : shape[0] * shape[1]];
        for (int i = 0; i < values.length; i++) {
            values[i] = (random.nextFloat() * 2 - 1) * bound;
        }
        arrays.put(name, values);
        tensors.put(name, Tensor.of(values, shape));
    }

    private static String suffix(int layer, int direction) {
        return "_l" + layer + (direction == 1 ? "_reverse" : "");
    }

    /** The case. */
    public Geometry geometry() {
        return geometry;
    }

    /** The weights under PyTorch's names. */
    public Weights weights() {
        return weights;
    }

    /** The model that the weights are of. */
    public ModelSpec spec() {
        return ModelSpec.of(geometry.cell().layer());
    }

    /**
     * One tensor, row-major, gates in PyTorch's order; not to be changed.
     *
     * @param kind {@code weight_ih}, {@code weight_hh}, {@code bias_ih} or {@code bias_hh}
     */
    public float[] weight(String kind, int layer, int direction) {
        return arrays.get(kind + suffix(layer, direction));
    }

    /** Steps that {@link #input} and {@link #expected} have. */
    public int checkedSteps() {
        return geometry.carriesState() ? CHECKED_STEPS : geometry.steps();
    }

    /** The input, (T, N, I); not to be changed. */
    public float[] input() {
        return input;
    }

    /** What the float64 reference says the output is, (T, N, D·H). */
    public double[] expected() {
        double[] input64 = new double[input.length];
        for (int i = 0; i < input.length; i++) {
            input64[i] = input[i];
        }
        return ReferenceModel.of(spec(), weights).run(input64, geometry.batch(), checkedSteps(), null, null, null).output();
    }
}
