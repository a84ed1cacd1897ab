package io.lanecell.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lanecell.ActivationFunction;
import io.lanecell.DType;
import io.lanecell.KernelChoice;
import io.lanecell.LayerSpec;
import io.lanecell.LstmOptions;
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
import org.junit.jupiter.api.Test;

/** Whole chains of float64 weights, on both kernels to the bit and against the reference to 1e-12. */
class Float64ChainsTest {
    private static final int BATCH = 3;
    private static final int STEPS = 9;

    private final Random random = new Random(4);
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    private double[] numbers(int count) {
        return random.doubles(count, -0.5, 0.5).toArray();
    }

    private void put(String name, int... shape) {
        tensors.put(name, Tensor.of(numbers(Arrays.stream(shape).reduce(1, Math::multiplyExact)), shape));
    }

    private void recurrent(String prefix, int gates, int inputs, int hidden, String... suffixes) {
        for (String suffix : suffixes) {
            put(prefix + ".weight_ih" + suffix, gates * hidden, inputs);
            put(prefix + ".weight_hh" + suffix, gates * hidden, hidden);
            put(prefix + ".bias_ih" + suffix, gates * hidden);
            put(prefix + ".bias_hh" + suffix, gates * hidden);
        }
    }

    private void assertEqualsReference(int inputSize, int[] lengths, LayerSpec... layers) {
        ModelSpec spec = ModelSpec.of(layers);
        Weights weights = Weights.of(tensors);
        Model model = Model.of(spec, weights);
        assertEquals(DType.F64, model.dtype());
        double[] features = inputSize > 0 ? numbers(BATCH * STEPS * inputSize) : null;
        int[] tokens = random.ints(BATCH * STEPS, 0, Math.max(1, model.vocabularySize())).toArray();
        ReferenceModel reference = ReferenceModel.of(spec, weights);
        double[] expected = (inputSize > 0
                ? reference.run(features, BATCH, STEPS, lengths, null, null)
                : reference.run(Arrays.stream(tokens).asLongStream().toArray(), BATCH, STEPS, lengths, null, null)).output();
        double[][] outs = new double[2][BATCH * model.outputSteps(STEPS) * model.outputSize()];
        for (int i = 0; i < 2; i++) {
            var session = model.with(i == 0 ? KernelChoice.VECTOR : KernelChoice.SCALAR).newSession(BATCH);
            if (inputSize > 0) {
                session.run(features, 0, STEPS, lengths, outs[i], 0);
            } else {
                session.run(tokens, 0, STEPS, lengths, outs[i], 0);
            }
        }
        assertArrayEquals(outs[0], outs[1], "vector and scalar");
        assertArrayEquals(expected, outs[0], 1e-12 * Math.max(1, Arrays.stream(expected).map(Math::abs).max().orElse(0)));
    }

    @Test
    void aSentimentClassifier() {
        put("embedding.weight", 11, 6);
        recurrent("lstm", 4, 6, 17, "_l0", "_l0_reverse");
        put("fc.weight", 5, 34);
        put("fc.bias", 5);
        assertEqualsReference(0, new int[]{9, 4, 6}, new LayerSpec.Embedding("embedding"), new LayerSpec.Lstm("lstm", true),
                new LayerSpec.FinalHidden(), new LayerSpec.Linear("fc"), new LayerSpec.Softmax());
    }

    @Test
    void aConvolutionalNetworkWithNormsAndActivations() {
        put("conv.weight", 18, 4, 3);
        put("conv.bias", 18);
        for (String name : List.of("running_mean", "weight", "bias")) {
            put("bn." + name, 18);
        }
        tensors.put("bn.running_var", Tensor.of(random.doubles(18, 0.5, 2).toArray(), 18));
        tensors.put("bn.num_batches_tracked", Tensor.of(new long[]{3}));
        put("depthwise.weight", 18, 1, 3);
        put("ln.weight", 18);
        put("ln.bias", 18);
        recurrent("gru", 3, 18, 20, "_l0");
        put("fc.weight", 3, 20);
        assertEqualsReference(4, null, new LayerSpec.Conv1d("conv", 1, 1, 1, 1, 1), new LayerSpec.BatchNorm1d("bn", 1e-5),
                new LayerSpec.Activation(ActivationFunction.GELU), new LayerSpec.Conv1d("depthwise", 1, 2, 0, 1, 18),
                new LayerSpec.LayerNorm("ln", 1e-5), new LayerSpec.Activation(ActivationFunction.LEAKY_RELU),
                new LayerSpec.Activation(ActivationFunction.SILU), new LayerSpec.MaxPool1d(2, 1, 0),
                new LayerSpec.AvgPool1d(2, 1, 1, true), new LayerSpec.Gru("gru", true), new LayerSpec.MeanOverTime(),
                new LayerSpec.Linear("fc"), new LayerSpec.LogSoftmax());
    }

    @Test
    void attentionOverTime() {
        recurrent("lstm", 4, 4, 16, "_l0", "_l0_reverse");
        put("w", 32);
        recurrent("rnn", 1, 32, 9, "_l0");
        assertEqualsReference(4, new int[]{9, 2, 7}, new LayerSpec.Lstm("lstm", true), new LayerSpec.Concat(
                List.of(List.of(new LayerSpec.AttentionOverTime("w")), List.of(new LayerSpec.Rnn("rnn", true,
                        ActivationFunction.TANH), new LayerSpec.MaxOverTime()))));
    }

    @Test
    void anAttentionDecoder() {
        recurrent("encoder", 3, 4, 12, "_l0");
        put("embedding.weight", 7, 5);
        recurrent("cell", 3, 5, 12, "");
        put("out.weight", 7, 24);
        assertEqualsReference(4, null, new LayerSpec.Gru("encoder", true),
                new LayerSpec.AttentionDecoder("embedding", "cell", List.of(new LayerSpec.Linear("out")), 1, 6));
    }

    @Test
    void anLstmWithOptionsWhoseNumbersAreMeantAsDecimals() {
        recurrent("lstm", 4, 4, 10, "_l0");
        for (String name : List.of("ln_ih_weight", "ln_ih_bias", "ln_hh_weight", "ln_hh_bias")) {
            put("lstm." + name + "_l0", 40);
        }
        put("lstm.ln_c_weight_l0", 10);
        put("lstm.ln_c_bias_l0", 10);
        assertEqualsReference(4, null, new LayerSpec.Lstm("lstm", true, new LstmOptions(ActivationFunction.SIGMOID,
                ActivationFunction.LEAKY_RELU, ActivationFunction.TANH, false, 0.3f, 0.1f)));
    }
}
