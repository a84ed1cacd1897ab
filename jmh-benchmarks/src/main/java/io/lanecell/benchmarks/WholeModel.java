package io.lanecell.benchmarks;

import io.lanecell.ActivationFunction;
import io.lanecell.KernelChoice;
import io.lanecell.LayerSpec;
import io.lanecell.Model;
import io.lanecell.ModelSpec;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import io.lanecell.reference.ReferenceModel;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A network as people train them, its recurrent layer by itself, inputs for both, and the check that the engines agree on it. */
final class WholeModel {
    private static final double TOLERANCE = 1e-5;
    private static final int TOKENS = 5000;
    private static final int CHANNELS = 16;
    private static final int FILTERS = 32;
    private static final int TAPS = 5;
    private static final int POOLED = 2;

    final Model vector;
    final Model recurrent;
    /** What the whole model takes: features, or tokens as floats. */
    final float[] input;
    /** What its recurrent layer takes then. */
    final float[] recurrentInput;
    final int steps;
    final int recurrentSteps;

    private final ModelSpec spec;
    private final Weights weights;

    /**
     * Binds a chain of layers to random weights.
     *
     * @param first  the prefix of the tensors before the recurrent layer
     * @param before what is computed there
     * @param after  what is computed behind it
     */
    private WholeModel(String first, List<LayerSpec> before, LayerSpec.Recurrent layer, List<LayerSpec> after,
            Map<String, Tensor> tensors,
            float[] input, int steps, int recurrentSteps) {
        this.input = input;
        this.steps = steps;
        this.recurrentSteps = recurrentSteps;
        weights = Weights.of(tensors);
        spec = new ModelSpec(Stream.of(before, List.<LayerSpec>of(layer), after).flatMap(List::stream).toList(), Set.of());
        vector = Model.of(spec, weights, KernelChoice.VECTOR);
        recurrent = part(List.of(layer), layer.weights());
        Model front = part(before, first);
        recurrentInput = new float[recurrentSteps * recurrent.inputSize()];
        front.newSession().run(input, 0, steps, recurrentInput, 0);
    }

    /** Some of the layers, whose tensors are those of that prefix. */
    private Model part(List<LayerSpec> layers, String prefix) {
        Set<String> others = weights.names().stream().filter(name -> !name.startsWith(prefix + ".")).collect(Collectors.toSet());
        return Model.of(new ModelSpec(layers, others), weights, KernelChoice.VECTOR);
    }

    /** {@code cnn_lstm} or {@code attention}, over sequences of {@code steps} steps. */
    static WholeModel of(String name, int hidden, int steps) {
        return switch (name) {
            case "cnn_lstm" -> cnnLstm(hidden, steps);
            case "attention" -> attention(hidden, steps);
            default -> throw new IllegalArgumentException("there is no model " + name);
        };
    }

    /** Conv1d, ReLU, MaxPool1d over (N, C, T), then LSTM, its last step, Linear. */
    private static WholeModel cnnLstm(int hidden, int steps) {
        Random random = new Random(20_261_122);
        int classes = 5;
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        put(tensors, random, "conv.weight", FILTERS, CHANNELS, TAPS);
        put(tensors, random, "conv.bias", FILTERS);
        putLstm(tensors, random, "", FILTERS, hidden);
        put(tensors, random, "fc.weight", classes, hidden);
        put(tensors, random, "fc.bias", classes);
        int padding = TAPS / 2;
        return new WholeModel("conv",
                List.of(new LayerSpec.Transpose(), new LayerSpec.Conv1d("conv", 1, padding, padding, 1, 1),
                        new LayerSpec.Activation(ActivationFunction.RELU), new LayerSpec.MaxPool1d(POOLED, POOLED, 0)),
                new LayerSpec.Lstm("lstm", true), List.of(new LayerSpec.LastStep(), new LayerSpec.Linear("fc")), tensors,
                gaussian(random, steps * CHANNELS), steps, steps / POOLED);
    }

    /** Embedding, bidirectional LSTM, attention over time, tanh, Linear (Zhou et al. 2016). */
    private static WholeModel attention(int hidden, int steps) {
        Random random = new Random(20_261_122);
        int relations = 19;
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        put(tensors, random, "embedding.weight", TOKENS, hidden);
        putLstm(tensors, random, "", hidden, hidden);
        putLstm(tensors, random, "_reverse", hidden, hidden);
        put(tensors, random, "w", 2 * hidden);
        put(tensors, random, "fc.weight", relations, 2 * hidden);
        put(tensors, random, "fc.bias", relations);
        float[] tokens = new float[steps];
        for (int t = 0; t < steps; t++) {
            tokens[t] = random.nextInt(TOKENS);
        }
        return new WholeModel("embedding", List.of(new LayerSpec.Embedding("embedding")), new LayerSpec.Lstm("lstm", true),
                List.of(new LayerSpec.AttentionOverTime("w"), new LayerSpec.Activation(ActivationFunction.TANH),
                        new LayerSpec.Linear("fc")),
                tensors, tokens, steps, steps);
    }

    private static void putLstm(Map<String, Tensor> tensors, Random random, String end, int inputs, int hidden) {
        put(tensors, random, "lstm.weight_ih_l0" + end, 4 * hidden, inputs);
        put(tensors, random, "lstm.weight_hh_l0" + end, 4 * hidden, hidden);
        put(tensors, random, "lstm.bias_ih_l0" + end, 4 * hidden);
        put(tensors, random, "lstm.bias_hh_l0" + end, 4 * hidden);
    }

    /** Uniform within ±1/√inputs, a vector within ±1/√size. */
    private static void put(Map<String, Tensor> tensors, Random random, String name, int... shape) {
        int size = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        double bound = 1 / Math.sqrt(shape.length == 1 ? size : (double) size / shape[0]);
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) ((random.nextDouble() * 2 - 1) * bound);
        }
        tensors.put(name, Tensor.of(values, shape));
    }

    private static float[] gaussian(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** Runs the whole model on both kernels and the reference, and throws unless they agree. */
    void checkThatEnginesAgree() {
        double[] expected = spec.takesTokens() ? ofTokens() : ofFeatures();
        float[] ours = run(vector);
        for (int i = 0; i < expected.length; i++) {
            if (!(Math.abs(ours[i] - expected[i]) <= TOLERANCE)) {
                throw new AssertionError(
                        "output " + i + " is " + ours[i] + " on the vector kernel, the reference says " + expected[i]);
            }
        }
        if (!Arrays.equals(ours, run(vector.with(KernelChoice.SCALAR)))) {
            throw new AssertionError("the kernels disagree on " + spec.layers());
        }
    }

    private float[] run(Model model) {
        float[] out = new float[model.outputSize()];
        model.newSession().run(input, 0, steps, out, 0);
        return out;
    }

    private double[] ofTokens() {
        long[] tokens = new long[steps];
        Arrays.setAll(tokens, t -> (long) input[t]);
        return ReferenceModel.of(spec, weights).run(tokens, 1, steps, null, null, null).output();
    }

    private double[] ofFeatures() {
        double[] features = new double[input.length];
        Arrays.setAll(features, i -> input[i]);
        return ReferenceModel.of(spec, weights).run(features, 1, steps, null, null, null).output();
    }
}
