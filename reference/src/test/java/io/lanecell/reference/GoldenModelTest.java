package io.lanecell.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lanecell.ActivationFunction;
import io.lanecell.LayerSpec;
import io.lanecell.ModelSpec;
import io.lanecell.reference.ReferenceModel.Result;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Whole trained models, written in PyTorch the way people write them, judged by what PyTorch computed in float64. */
class GoldenModelTest {
    private static final ModelSpec CLASSIFIER = ModelSpec.of(new LayerSpec.Lstm("lstm", true), new LayerSpec.LastStep(),
            new LayerSpec.Linear("fc"));
    private static final ModelSpec FORECASTER = ModelSpec.of(new LayerSpec.Lstm("lstm", true), new LayerSpec.LastStep(),
            new LayerSpec.Linear("head"));
    private static final ModelSpec TEXT_CLASSIFIER = ModelSpec.of(new LayerSpec.Embedding("embedding"),
            new LayerSpec.Lstm("lstm", true), new LayerSpec.FinalHidden(), new LayerSpec.Dropout(), new LayerSpec.Linear("fc"),
            new LayerSpec.Softmax());
    private static final ModelSpec CHAR_LM = ModelSpec.of(new LayerSpec.Embedding("embedding"), new LayerSpec.Lstm("lstm", true),
            new LayerSpec.Linear("fc"));

    private static final ModelSpec RELATION_CLASSIFIER = ModelSpec.of(new LayerSpec.Embedding("embedding"),
            new LayerSpec.Lstm("lstm", true), new LayerSpec.AttentionOverTime("w"),
            new LayerSpec.Activation(ActivationFunction.TANH), new LayerSpec.Linear("fc"));
    private static final ModelSpec GRU_TAGGER = ModelSpec.of(new LayerSpec.Embedding("embedding"), new LayerSpec.Gru("gru", true),
            new LayerSpec.LayerNorm("norm", 1e-5), new LayerSpec.Linear("fc"));
    private static final ModelSpec SEQ2SEQ = ModelSpec.of(new LayerSpec.Embedding("src_embedding"),
            new LayerSpec.Lstm("encoder", true), new LayerSpec.AttentionDecoder("tgt_embedding", "decoder",
                    List.of(new LayerSpec.Linear("combine"), new LayerSpec.Activation(ActivationFunction.TANH),
                            new LayerSpec.Linear("out")),
                    1, 7));
    private static final ModelSpec CNN_LSTM = ModelSpec.of(new LayerSpec.Transpose(), new LayerSpec.Conv1d("conv", 1, 1, 1, 1, 1),
            new LayerSpec.Activation(ActivationFunction.RELU), new LayerSpec.MaxPool1d(2, 2, 0), new LayerSpec.Lstm("lstm", true),
            new LayerSpec.LastStep(), new LayerSpec.Linear("fc"));

    @TestFactory
    Stream<DynamicTest> attentionRelationClassifierEqualsPyTorch() {
        return GoldenCase.tests("model", "attention_relation", golden -> assertModel(golden, RELATION_CLASSIFIER));
    }

    @TestFactory
    Stream<DynamicTest> gruTaggerEqualsPyTorch() {
        return GoldenCase.tests("model", "gru_tagger", golden -> assertModel(golden, GRU_TAGGER));
    }

    @TestFactory
    Stream<DynamicTest> cnnLstmEqualsPyTorch() {
        return GoldenCase.tests("model", "cnn_lstm", golden -> assertModel(golden, CNN_LSTM));
    }

    @TestFactory
    Stream<DynamicTest> sequenceToSequenceWithAttentionEqualsPyTorch() {
        return GoldenCase.tests("model", "seq2seq_attention", golden -> {
            Result result = run(golden, SEQ2SEQ);
            assertArrayEquals(golden.expected("output").shape(), result.outputShape());
            golden.assertGives("output", result.output());
        });
    }

    @TestFactory
    Stream<DynamicTest> classifiersEqualPyTorch() {
        return Stream.of("seeds_classifier", "digits_rows_trained")
                .flatMap(name -> GoldenCase.tests("model", name, golden -> assertModel(golden, CLASSIFIER)));
    }

    @TestFactory
    Stream<DynamicTest> textClassifierEqualsPyTorch() {
        return GoldenCase.tests("model", "licence_text_trained", golden -> assertModel(golden, TEXT_CLASSIFIER));
    }

    @TestFactory
    Stream<DynamicTest> forecasterEqualsPyTorch() {
        return GoldenCase.tests("model", "ecg_forecaster_trained", golden -> assertModel(golden, FORECASTER));
    }

    @TestFactory
    Stream<DynamicTest> sixtyForecastsFedBackEqualPyTorch() {
        return GoldenCase.tests("model", "ecg_forecaster_trained", golden -> {
            ReferenceModel model = ReferenceModel.of(FORECASTER, golden.weights());
            int steps = golden.io().get("input").dim(1);
            double[] forecasts = new double[2 * 60];
            for (int series = 0; series < 2; series++) {
                double[] window = Arrays.copyOfRange(golden.given("input"), series * steps, (series + 1) * steps);
                for (int i = 0; i < 60; i++) {
                    double next = model.run(window, 1, steps, null, null, null).output()[0];
                    forecasts[series * 60 + i] = next;
                    System.arraycopy(window, 1, window, 0, steps - 1);
                    window[steps - 1] = next;
                }
            }
            golden.assertGives("closed_loop_60", forecasts);
        });
    }

    @TestFactory
    Stream<DynamicTest> characterModelEqualsPyTorch() {
        return GoldenCase.tests("model", "char_lm_trained", golden -> {
            Result result = run(golden, CHAR_LM);
            golden.assertGives("output", result.output());
            golden.assertGives("h_n", result.hN());
            golden.assertGives("c_n", result.cN());
        });
    }

    @TestFactory
    Stream<DynamicTest> characterModelWritesPyTorchsTextGreedily() {
        return GoldenCase.tests("model", "char_lm_trained", golden -> {
            Map<String, Long> index = new HashMap<>();
            JsonNode chars = golden.config().get("chars");
            for (int i = 0; i < chars.size(); i++) {
                index.put(chars.get(i).asString(), (long) i);
            }
            ReferenceModel model = ReferenceModel.of(CHAR_LM, golden.weights());
            for (JsonNode generation : golden.config().get("generations")) {
                String prompt = generation.get("prompt").asString();
                long[] tokens = prompt.codePoints().mapToLong(c -> index.get(Character.toString(c))).toArray();
                Result result = model.run(tokens, 1, tokens.length, null, null, null);
                StringBuilder text = new StringBuilder();
                for (int i = 0; i < generation.get("steps").asInt(); i++) {
                    int best = largest(result.output(), result.output().length - chars.size());
                    text.append(chars.get(best).asString());
                    result = model.run(new long[]{best}, 1, 1, null, result.hN(), result.cN());
                }
                assertEquals(generation.get("greedy").asString(), text.toString(), "after '" + prompt + "'");
            }
        });
    }

    /** The index, from {@code from} on, of the largest element. */
    private static int largest(double[] values, int from) {
        int best = from;
        for (int i = from; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best - from;
    }

    private static void assertModel(GoldenCase golden, ModelSpec spec) {
        Result result = run(golden, spec);
        assertArrayEquals(golden.expected("output").shape(), result.outputShape());
        golden.assertGives("output", result.output());
        golden.assertGives("layer_output", result.layerOutput());
        golden.assertGives("layer_h_n", result.hN());
        if (golden.io().has("layer_c_n")) {
            golden.assertGives("layer_c_n", result.cN());
        }
    }

    private static Result run(GoldenCase golden, ModelSpec spec) {
        ReferenceModel model = ReferenceModel.of(spec, golden.weights());
        String name = spec.takesTokens() ? "tokens" : "input";
        int batch = golden.io().get(name).dim(0);
        int steps = golden.io().get(name).dim(spec.layers().getFirst() instanceof LayerSpec.Transpose ? 2 : 1);
        return spec.takesTokens()
                ? model.run(golden.io().get(name).toLongs(), batch, steps, null, null, null)
                : model.run(golden.given(name), batch, steps, null, null, null);
    }
}
