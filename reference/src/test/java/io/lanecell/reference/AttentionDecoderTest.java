package io.lanecell.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.ActivationFunction;
import io.lanecell.InvalidModelException;
import io.lanecell.LayerSpec;
import io.lanecell.ModelSpec;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import io.lanecell.reference.ReferenceModel.Result;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The greedy decoder: each of its steps against the same parts put together by hand. PyTorch's numbers are in GoldenModelTest. */
class AttentionDecoderTest {
    private static final int HIDDEN = 3;
    private static final int TOKENS = 5;
    private static final int STEPS = 4;
    private static final long SEED = 12;

    @Test
    void everyStepIsCellAttentionAndHeadOfTheTokenBefore() {
        Weights weights = weights(3, TOKENS);
        int[] lengths = {6, 2, 1};
        double[] input = RandomLstm.values(new Random(SEED), 3 * 6 * 2, 1);
        Result result = model(weights, new LayerSpec.Gru("encoder", true), decoder(1, STEPS)).run(input, 3, 6, lengths, null,
                null);
        assertArrayEquals(new int[]{3, STEPS, TOKENS}, result.outputShape());

        ReferenceModel encoder = model(only(weights, "encoder"), new LayerSpec.Gru("encoder", true));
        Result memory = encoder.run(input, 3, 6, lengths, null, null);
        assertArrayEquals(memory.hN(), result.hN());
        assertArrayEquals(memory.output(), result.layerOutput());
        ReferenceModel cell = model(only(weights, "cell"), new LayerSpec.Gru("cell", true));
        ReferenceModel head = model(only(weights, "out"), new LayerSpec.Activation(ActivationFunction.TANH),
                new LayerSpec.Linear("out"));
        double[] rows = weights.get("embedding.weight").toDoubles();
        for (int n = 0; n < 3; n++) {
            double[] h = Arrays.copyOfRange(memory.hN(), n * HIDDEN, (n + 1) * HIDDEN);
            int token = 1;
            for (int step = 0; step < STEPS; step++) {
                h = cell.run(Arrays.copyOfRange(rows, token * 2, token * 2 + 2), 1, 1, null, h, null).hN();
                double[] context = attended(Arrays.copyOfRange(memory.output(), n * 6 * HIDDEN, (n * 6 + lengths[n]) * HIDDEN),
                        h);
                double[] both = Arrays.copyOf(h, 2 * HIDDEN);
                System.arraycopy(context, 0, both, HIDDEN, HIDDEN);
                double[] y = head.run(both, 1, 1, null, null, null).output();
                int at = (n * STEPS + step) * TOKENS;
                assertArrayEquals(y, Arrays.copyOfRange(result.output(), at, at + TOKENS), 1e-14,
                        "sequence " + n + ", step " + step);
                token = largest(y);
            }
        }
    }

    /** Σ_t a_t H_t with a = softmax(H · h). */
    private static double[] attended(double[] memory, double[] h) {
        int steps = memory.length / HIDDEN;
        double[] a = new double[steps];
        double sum = 0;
        for (int t = 0; t < steps; t++) {
            for (int i = 0; i < HIDDEN; i++) {
                a[t] += memory[t * HIDDEN + i] * h[i];
            }
            a[t] = Math.exp(a[t]);
            sum += a[t];
        }
        double[] context = new double[HIDDEN];
        for (int t = 0; t < steps; t++) {
            for (int i = 0; i < HIDDEN; i++) {
                context[i] += a[t] / sum * memory[t * HIDDEN + i];
            }
        }
        return context;
    }

    private static int largest(double[] y) {
        int best = 0;
        for (int i = 1; i < y.length; i++) {
            best = y[i] > y[best] ? i : best;
        }
        return best;
    }

    @Test
    void anLstmHandsItsCellStateOnToo() {
        // PyTorch's numbers for this are the golden case seq2seq_attention; here only that the cell is told from its shapes
        Result result = model(weights(4, TOKENS), new LayerSpec.Lstm("encoder", true), decoder(0, 2))
                .run(new double[]{0.5, 1}, 1, 1, null, null, null);
        assertArrayEquals(new int[]{1, 2, TOKENS}, result.outputShape());
    }

    @Test
    void partsThatDoNotFitAreRefusedByPlace() {
        Weights gru = weights(3, TOKENS);
        LayerSpec encoder = new LayerSpec.Gru("encoder", true);
        refused(gru, "layers[1] 'attention_decoder': start is 5", "0 to 4", encoder, decoder(5, 1));
        refused(gru, "start is -1", "0 to 4", encoder, decoder(-1, 1));
        refused(gru, "steps must be 1 or more", "found 0", encoder, decoder(1, 0));
        refused(weights(3, TOKENS + 1), "gives 6 logits", "5 tokens", encoder, decoder(1, 1));
        refused(gru, "layers[2] 'attention_decoder'", "right before it", encoder, new LayerSpec.Softmax(), decoder(1, 1));
        refused(gru, "layers[1] 'attention_decoder' head[0] 'gru'", "", encoder,
                decoder(List.of(new LayerSpec.Gru("encoder", true))));
        refused(gru, "head[0] 'last_step'", "single step", encoder, decoder(List.of(new LayerSpec.LastStep())));

        Map<String, Tensor> narrow = new LinkedHashMap<>(gru.tensors());
        narrow.put("out.weight", Tensor.of(new double[TOKENS * HIDDEN], TOKENS, HIDDEN));
        refused(Weights.of(narrow), "layers[1] 'attention_decoder' head[1] 'linear' takes 3", "give 6", encoder, decoder(1, 1));
        Map<String, Tensor> other = new LinkedHashMap<>(gru.tensors());
        other.put("cell.weight_ih", Tensor.of(new double[16 * 2], 16, 2));
        other.put("cell.weight_hh", Tensor.of(new double[16 * 4], 16, 4));
        other.put("out.weight", Tensor.of(new double[TOKENS * 8], TOKENS, 8));
        refused(Weights.of(other), "an lstm cell of input_size 2, hidden_size 4", "a gru of input_size 2, hidden_size 3", encoder,
                decoder(1, 1));
        other.put("cell.weight_hh", Tensor.of(new double[16 * 5], 16, 5));
        refused(Weights.of(other), "'cell.weight_hh' has shape [16, 5]", "GRUCell", encoder, decoder(1, 1));
        Map<String, Tensor> wide = new LinkedHashMap<>(gru.tensors());
        wide.put("embedding.weight", Tensor.of(new double[TOKENS * 3], TOKENS, 3));
        refused(Weights.of(wide), "its embedding gives 3", "takes 2", encoder, decoder(1, 1));
        Map<String, Tensor> bidirectional = new LinkedHashMap<>(gru.tensors());
        bidirectional.put("encoder.weight_ih_l0_reverse", gru.get("encoder.weight_ih_l0"));
        bidirectional.put("encoder.weight_hh_l0_reverse", gru.get("encoder.weight_hh_l0"));
        refused(Weights.of(bidirectional), "bidirectional", "one direction", encoder, decoder(1, 1));
    }

    private static LayerSpec decoder(int start, int steps) {
        return new LayerSpec.AttentionDecoder("embedding", "cell",
                List.of(new LayerSpec.Activation(ActivationFunction.TANH), new LayerSpec.Linear("out")), start, steps);
    }

    private static LayerSpec decoder(List<LayerSpec> head) {
        return new LayerSpec.AttentionDecoder("embedding", "cell", head, 1, 1);
    }

    /** An encoder and a cell of that many gates, both of input_size 2. */
    private static Weights weights(int gates, int logits) {
        Random random = new Random(SEED);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        int rows = gates * HIDDEN;
        tensors.put("encoder.weight_ih_l0", Tensor.of(RandomLstm.values(random, rows * 2, 2), rows, 2));
        tensors.put("encoder.weight_hh_l0", Tensor.of(RandomLstm.values(random, rows * HIDDEN, 2), rows, HIDDEN));
        tensors.put("cell.weight_ih", Tensor.of(RandomLstm.values(random, rows * 2, 2), rows, 2));
        tensors.put("cell.weight_hh", Tensor.of(RandomLstm.values(random, rows * HIDDEN, 2), rows, HIDDEN));
        tensors.put("embedding.weight", Tensor.of(RandomLstm.values(random, TOKENS * 2, 2), TOKENS, 2));
        tensors.put("out.weight", Tensor.of(RandomLstm.values(random, logits * 2 * HIDDEN, 2), logits, 2 * HIDDEN));
        return Weights.of(tensors);
    }

    private static Weights only(Weights weights, String prefix) {
        Map<String, Tensor> tensors = new LinkedHashMap<>(weights.tensors());
        tensors.keySet().removeIf(name -> !name.startsWith(prefix + "."));
        return Weights.of(tensors);
    }

    private static ReferenceModel model(Weights weights, LayerSpec... layers) {
        return ReferenceModel.of(ModelSpec.of(layers), weights);
    }

    private static void refused(Weights weights, String says, String andSays, LayerSpec... layers) {
        String message = assertThrows(InvalidModelException.class, () -> model(weights, layers)).getMessage();
        assertTrue(message.contains(says) && message.contains(andSays), message);
    }
}
