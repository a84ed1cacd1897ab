package io.lanecell;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Once warm, no call of a session allocates a byte, whatever layers it goes through. */
class LayerAllocationTest {
    static Stream<Named<Runnable>> hotCalls() {
        Random random = new Random(1);
        float[] in = Seeds.floats(random, 3 * 16 * 6, 1f);
        float[] out = new float[3 * 16 * 40];
        int[] lengths = {16, 9, 12};
        Session cnn = cnnLstm(random).newSession(3);
        Session stream = causal(random).newSession();
        Session attention = attention(random).newSession(3);
        Session decoder = decoder(random).newSession(3);
        return Stream.of(Named.of("run of a CNN-LSTM", () -> cnn.run(in, 0, 16, lengths, out, 0)),
                Named.of("step of causal convolutions", () -> stream.step(in, 0, out, 0)),
                Named.of("run of causal convolutions", () -> stream.run(in, 0, 16, out, 0)),
                Named.of("run of attention and pools over time", () -> attention.run(in, 0, 16, lengths, out, 0)),
                Named.of("run of an attention decoder", () -> decoder.run(in, 0, 16, lengths, out, 0)));
    }

    private static void lstm(Random random, Map<String, Tensor> tensors, String prefix, RecurrentGeometry geometry) {
        RandomModels.lstm(random, geometry).tensors().forEach((name, t) -> tensors.put(prefix + "." + name, t));
    }

    private static Model cnnLstm(Random random) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        RandomModels.put(tensors, random, "conv.weight", 17, 6, 3);
        RandomModels.put(tensors, random, "depthwise.weight", 17, 1, 3);
        lstm(random, tensors, "lstm", RandomModels.plain(17, 20));
        RandomModels.put(tensors, random, "fc.weight", 5, 20);
        return Model.of(ModelSpec.of(new LayerSpec.Transpose(), new LayerSpec.Conv1d("conv", 1, 2, 2, 2, 1),
                new LayerSpec.Activation(ActivationFunction.GELU), new LayerSpec.Conv1d("depthwise", 1, 1, 1, 1, 17),
                new LayerSpec.Activation(ActivationFunction.RELU), new LayerSpec.MaxPool1d(2, 2, 0),
                new LayerSpec.AvgPool1d(2, 1, 1, false), new LayerSpec.Lstm("lstm", true), new LayerSpec.LastStep(),
                new LayerSpec.Linear("fc"), new LayerSpec.Softmax()), Weights.of(tensors));
    }

    private static Model causal(Random random) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        RandomModels.put(tensors, random, "conv.weight", 33, 6, 3);
        RandomModels.put(tensors, random, "wide.weight", 33, 33, 3);
        RandomModels.put(tensors, random, "norm.weight", 33);
        LayerSpec block = new LayerSpec.Add(List.of(List.of(),
                List.of(new LayerSpec.LayerNorm("norm", 1e-5), new LayerSpec.Conv1d("wide", 1, 4, 0, 2, 1),
                        new LayerSpec.Activation(ActivationFunction.SILU))));
        return Model.of(ModelSpec.of(new LayerSpec.Conv1d("conv", 1, 2, 0, 1, 1), block), Weights.of(tensors));
    }

    private static Model attention(Random random) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        lstm(random, tensors, "lstm", new RecurrentGeometry(RecurrentGeometry.Kind.LSTM, 6, 20, 1, true, true, 0, false));
        RandomModels.put(tensors, random, "w", 40);
        RandomModels.put(tensors, random, "fc.weight", 5, 120);
        return Model.of(ModelSpec.of(new LayerSpec.Lstm("lstm", true),
                new LayerSpec.Concat(List.of(List.of(new LayerSpec.AttentionOverTime("w")), List.of(new LayerSpec.MaxOverTime()),
                        List.of(new LayerSpec.MeanOverTime()))),
                new LayerSpec.Activation(ActivationFunction.TANH), new LayerSpec.Linear("fc")), Weights.of(tensors));
    }

    private static Model decoder(Random random) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        lstm(random, tensors, "encoder", RandomModels.plain(6, 20));
        lstm(random, tensors, "cell", new RecurrentGeometry(RecurrentGeometry.Kind.LSTM, 7, 20, 1, true, false, 0, true));
        RandomModels.put(tensors, random, "target.weight", 11, 7);
        RandomModels.put(tensors, random, "out.weight", 11, 40);
        return Model.of(ModelSpec.of(new LayerSpec.Lstm("encoder", true),
                new LayerSpec.AttentionDecoder("target", "cell", List.of(new LayerSpec.Linear("out")), 1, 4)),
                Weights.of(tensors));
    }

    @ParameterizedTest
    @MethodSource("hotCalls")
    void aWarmCallAllocatesNothing(Runnable call) {
        AllocationTest.assertAllocatesNothing(call);
    }
}
