package io.lanecell.examples;

import io.lanecell.ActivationFunction;
import io.lanecell.LayerSpec;
import io.lanecell.Model;
import io.lanecell.ModelSpec;
import io.lanecell.Session;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A network composed in Java instead of model.json, fed step by step as samples arrive. Its convolution is causal, all padding at
 * the left, so that it needs no step before its time: the session keeps the last steps for it, as it keeps the LSTM's state.
 */
public final class StreamConvolutionAndLstm {
    static final int CHANNELS = 3;

    private StreamConvolutionAndLstm() {
    }

    /** Prints the score of each step of a signal, as it comes. */
    public static void main(String[] args) {
        Session session = model(randomWeights(1)).newSession();
        float[] score = new float[1];
        for (int t = 0; t < 20; t++) {
            float[] sample = {(float) Math.sin(t), (float) Math.cos(t), 1};
            session.step(sample, 0, score, 0);
            System.out.printf("step %2d: %.4f%n", t, score[0]);
        }
    }

    /** Conv1d of 5 taps, ReLU, LSTM, Linear, Sigmoid: a score between 0 and 1 at every step. */
    static Model model(Weights weights) {
        return Model.of(ModelSpec.of(
                new LayerSpec.Conv1d("conv", 1, 4, 0, 1, 1), // stride 1, padding 4 left and 0 right, dilation 1, 1 group
                new LayerSpec.Activation(ActivationFunction.RELU),
                new LayerSpec.Lstm("lstm", true),
                new LayerSpec.Linear("fc"),
                new LayerSpec.Activation(ActivationFunction.SIGMOID)), weights);
    }

    /** Weights come from a file as a rule, {@code WeightFile.load(path)}; any tensors under PyTorch's names will do. */
    static Weights randomWeights(long seed) {
        int filters = 8;
        int hidden = 16;
        Map<String, int[]> shapes = Map.of("conv.weight", new int[]{filters, CHANNELS, 5}, "conv.bias", new int[]{filters},
                "lstm.weight_ih_l0", new int[]{4 * hidden, filters}, "lstm.weight_hh_l0", new int[]{4 * hidden, hidden},
                "lstm.bias_ih_l0", new int[]{4 * hidden}, "lstm.bias_hh_l0", new int[]{4 * hidden}, "fc.weight",
                new int[]{1, hidden}, "fc.bias", new int[]{1});
        Map<String, Tensor> tensors = new HashMap<>();
        for (String name : shapes.keySet().stream().sorted().toList()) {
            int[] shape = shapes.get(name);
            SplittableRandom random = new SplittableRandom(seed + name.hashCode());
            float[] values = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextDouble(-0.5, 0.5);
            }
            tensors.put(name, Tensor.of(values, shape));
        }
        return Weights.of(tensors);
    }
}
