package io.lanecell.benchmarks;

import io.lanecell.KernelChoice;
import io.lanecell.LayerSpec;
import io.lanecell.Model;
import io.lanecell.ModelSpec;
import io.lanecell.Session;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import io.lanecell.reference.ReferenceModel;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** One LSTM of one layer and one input sequence, the same for every engine, and the check that they agree on it. */
final class Workload {
    /** float32 against float64 over 100 steps of weights scaled as PyTorch initialises them. */
    private static final double TOLERANCE = 1e-5;

    final int inputSize;
    final int hiddenSize;
    final int steps;
    final float[] input;
    final double[] input64;
    final Model vector;
    final Model scalar;
    final ReferenceModel reference;

    Workload(int inputSize, int hiddenSize, int steps) {
        this.inputSize = inputSize;
        this.hiddenSize = hiddenSize;
        this.steps = steps;
        Random random = new Random(20_261_121);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        put(tensors, random, "weight_ih_l0", 4 * hiddenSize, inputSize);
        put(tensors, random, "weight_hh_l0", 4 * hiddenSize, hiddenSize);
        put(tensors, random, "bias_ih_l0", 4 * hiddenSize);
        put(tensors, random, "bias_hh_l0", 4 * hiddenSize);
        Weights weights = Weights.of(tensors);
        ModelSpec spec = ModelSpec.of(new LayerSpec.Lstm("", true));
        vector = Model.of(spec, weights, KernelChoice.VECTOR);
        scalar = vector.with(KernelChoice.SCALAR);
        reference = ReferenceModel.of(spec, weights);
        input = new float[steps * inputSize];
        input64 = new double[input.length];
        for (int i = 0; i < input.length; i++) {
            input[i] = (float) random.nextGaussian();
            input64[i] = input[i];
        }
    }

    /** Uniform within ±1/√H, as torch.nn.LSTM initialises its weights. */
    private void put(Map<String, Tensor> tensors, Random random, String name, int... shape) {
        float bound = (float) (1 / Math.sqrt(hiddenSize));
        float[] values = new float[shape.length == 1 ? shape[0] : shape[0] * shape[1]];
        for (int i = 0; i < values.length; i++) {
            values[i] = (random.nextFloat() * 2 - 1) * bound;
        }
        tensors.put(name, Tensor.of(values, shape));
    }

    /** Runs the whole sequence on every engine, at once and step by step, and throws unless they agree. */
    void checkThatEnginesAgree() {
        double[] expected = reference.run(input64, 1, steps, null, null, null).output();
        float[] ours = new float[steps * hiddenSize];
        vector.newSession().run(input, 0, steps, ours, 0);
        for (int i = 0; i < ours.length; i++) {
            if (!(Math.abs(ours[i] - expected[i]) <= TOLERANCE)) {
                throw new AssertionError(
                        "output " + i + " is " + ours[i] + " on the vector kernel, the reference says " + expected[i]);
            }
        }
        requireSame("scalar kernel, sequence", ours, sequence(scalar));
        requireSame("vector kernel, steps", ours, steps(vector));
        requireSame("scalar kernel, steps", ours, steps(scalar));
    }

    private float[] sequence(Model model) {
        float[] out = new float[steps * hiddenSize];
        model.newSession().run(input, 0, steps, out, 0);
        return out;
    }

    private float[] steps(Model model) {
        float[] out = new float[steps * hiddenSize];
        Session session = model.newSession();
        for (int t = 0; t < steps; t++) {
            session.step(input, t * inputSize, out, t * hiddenSize);
        }
        return out;
    }

    private static void requireSame(String engine, float[] expected, float[] actual) {
        for (int i = 0; i < expected.length; i++) {
            if (Float.floatToIntBits(expected[i]) != Float.floatToIntBits(actual[i])) {
                throw new AssertionError(
                        "output " + i + " is " + actual[i] + " on the " + engine + ", the vector kernel's sequence has "
                                + expected[i]);
            }
        }
    }
}
