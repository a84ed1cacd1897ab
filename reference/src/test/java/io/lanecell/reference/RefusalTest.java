package io.lanecell.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.InvalidInputException;
import io.lanecell.InvalidModelException;
import io.lanecell.LanecellException;
import io.lanecell.LayerSpec;
import io.lanecell.ModelSpec;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;

/** Weights and inputs that don't fit are refused by a sentence that names the culprit, before anything is computed. */
class RefusalTest {
    private static final RandomLstm LSTM = new RandomLstm(3, 4, 2, true, 2, 2, 5);
    private static final ModelSpec SPEC = ModelSpec.of(new LayerSpec.Lstm("", true));

    @TestFactory
    Stream<DynamicTest> everyMissingTensorIsNamed() {
        return LSTM.weights().names().stream().map(name -> DynamicTest.dynamicTest(name, () -> {
            Map<String, Tensor> tensors = new LinkedHashMap<>(LSTM.weights().tensors());
            tensors.remove(name);
            refusedModel(SPEC, Weights.of(tensors), "'" + name + "' is missing");
        }));
    }

    @TestFactory
    Stream<DynamicTest> everyTensorOfAnotherShapeIsNamedWithBothShapes() {
        return LSTM.weights().tensors().entrySet().stream().map(entry -> DynamicTest.dynamicTest(entry.getKey(), () -> {
            int[] shape = entry.getValue().shape();
            shape[shape.length - 1] += 1;
            Map<String, Tensor> tensors = new LinkedHashMap<>(LSTM.weights().tensors());
            tensors.put(entry.getKey(), Tensor.of(new double[Arrays.stream(shape).reduce(1, (a, b) -> a * b)], shape));
            if (entry.getKey().equals("weight_ih_l0")) { // one more column is one more input feature, of which the reverse knows nothing
                refusedModel(SPEC, Weights.of(tensors), "weight_ih_l0_reverse", "[16, 3]", "[16, 4]");
            } else {
                refusedModel(SPEC, Weights.of(tensors), "'" + entry.getKey() + "'", Arrays.toString(shape),
                        Arrays.toString(entry.getValue().shape()));
            }
        }));
    }

    @Test
    void aSurplusTensorIsNamedUnlessItIsIgnored() {
        Map<String, Tensor> tensors = new LinkedHashMap<>(LSTM.weights().tensors());
        tensors.put("extra.weight", Tensor.of(new double[1], 1));
        refusedModel(SPEC, Weights.of(tensors), "'extra.weight'", "ignore");
        ReferenceModel.of(new ModelSpec(SPEC.layers(), Set.of("extra.weight")), Weights.of(tensors));
    }

    @Test
    void weightsUnderAPrefixAreNamedInFull() {
        refusedModel(ModelSpec.of(new LayerSpec.Lstm("lstm", true)), LSTM.weights(), "lstm.weight_ih_l0");
    }

    @Test
    void weightsThatAreNoLstmsAreRefused() {
        refusedModel(SPEC, weights("weight_ih_l0", new int[]{6, 2}, "weight_hh_l0", new int[]{6, 2}), "[6, 2]", "multiple of 4");
        refusedModel(SPEC, weights("weight_ih_l0", new int[]{8}, "weight_hh_l0", new int[]{8, 2}), "[8]", "matrix");
        refusedModel(SPEC, weights("weight_ih_l0", new int[]{0, 2}, "weight_hh_l0", new int[]{0, 0}), "[0, 2]", "matrix");
        // a GRU of hidden size 4 has 3·4 rows, which an LSTM of hidden size 3 has too
        refusedModel(SPEC, weights("weight_ih_l0", new int[]{12, 2}, "weight_hh_l0", new int[]{12, 4}), "[12, 4]", "[12, 3]");
        refusedModel(SPEC, weights("weight_ih_l0", new int[]{8, 2}, "weight_hh_l0", new int[]{8, 2}, "weight_hr_l0",
                new int[]{2, 2}), "proj_size 2", "smaller than hidden_size");
    }

    @Test
    void integerWeightsAreRefused() {
        Weights weights = Weights.of(Map.of("weight", Tensor.of(new long[]{1, 2}, 1, 2)));
        refusedModel(ModelSpec.of(new LayerSpec.Linear("")), weights, "'weight'", "I64");
    }

    @Test
    void layersThatCannotFollowOneAnotherAreRefused() {
        Weights weights = weights("a.weight", new int[]{5, 3}, "b.weight", new int[]{2, 4}, "b.bias", new int[]{2});
        refusedModel(ModelSpec.of(new LayerSpec.Linear("a"), new LayerSpec.Linear("b")), weights, "layers[1] 'linear'", "takes 4",
                "give 5");
        refusedModel(ModelSpec.of(new LayerSpec.Linear("b"), new LayerSpec.Embedding("a")), weights, "layers[1] 'embedding'",
                "front");
        refusedModel(ModelSpec.of(new LayerSpec.Linear("a"), new LayerSpec.FinalHidden()), weights, "layers[1] 'final_hidden'",
                "after an lstm");
        refusedModel(ModelSpec.of(new LayerSpec.LastStep(), new LayerSpec.LastStep()), weights, "layers[1] 'last_step'",
                "single step");
        refusedModel(ModelSpec.of(new LayerSpec.Lstm("", true), new LayerSpec.LastStep(), new LayerSpec.Lstm("", true)),
                LSTM.weights(), "layers[2] 'lstm'", "single step");
        refusedModel(ModelSpec.of(new LayerSpec.Lstm("", true), new LayerSpec.LastStep(), new LayerSpec.FinalHidden()),
                LSTM.weights(), "layers[2] 'final_hidden'");
        refusedModel(new ModelSpec(List.of(), Set.of()), weights, "no layers");
        refusedModel(null, weights, "null");
        refusedModel(SPEC, null, "null");
    }

    @Test
    void inputsThatDoNotFitAreRefused() {
        ReferenceModel model = ReferenceModel.of(SPEC, LSTM.weights());
        double[] input = new double[2 * 5 * 3];
        double[] h = new double[4 * 2 * 2];
        double[] c = new double[4 * 2 * 4];
        refusedInput(() -> model.run((double[]) null, 2, 5, null, null, null), "null");
        refusedInput(() -> model.run(new double[29], 2, 5, null, null, null), "29", "30", "2·5·3");
        refusedInput(() -> model.run(new double[31], 2, 5, null, null, null), "31", "30");
        refusedInput(() -> model.run(new double[0], 2, 0, null, null, null), "at least 1 step", "0");
        refusedInput(() -> model.run(new double[0], 0, 0, null, null, null), "at least 1 step");
        refusedInput(() -> model.run(new double[0], -1, 5, null, null, null), "-1");
        refusedInput(() -> model.run(new double[0], Integer.MAX_VALUE, Integer.MAX_VALUE, null, null, null), "expected");
        refusedInput(() -> model.run(input, 2, 5, new int[]{5}, null, null), "lengths", "1", "2");
        refusedInput(() -> model.run(input, 2, 5, new int[]{5, 0}, null, null), "sequence 1", "is 0", "5 steps");
        refusedInput(() -> model.run(input, 2, 5, new int[]{6, 5}, null, null), "sequence 0", "is 6", "5 steps");
        refusedInput(() -> model.run(input, 2, 5, new int[]{5, -3}, null, null), "sequence 1", "-3");
        refusedInput(() -> model.run(input, 2, 5, null, h, null), "h0 was given without c0");
        refusedInput(() -> model.run(input, 2, 5, null, null, c), "c0 was given without h0");
        refusedInput(() -> model.run(input, 2, 5, null, c, c), "h0", "32", "16"); // hidden_size where proj_size belongs
        refusedInput(() -> model.run(input, 2, 5, null, h, h), "c0", "16", "32");
        refusedInput(() -> model.run(new long[10], 2, 5, null, null, null), "takes features");
        model.run(input, 2, 5, new int[]{5, 1}, h, c);
    }

    @Test
    void tokensOutsideTheVocabularyAreRefusedButPaddingIsNotRead() {
        ReferenceModel model = ReferenceModel.of(ModelSpec.of(new LayerSpec.Embedding("e")),
                Weights.of(Map.of("e.weight", Tensor.of(new double[]{1, 2, 3}, 3, 1))));
        refusedInput(() -> model.run(new long[]{0, 1, 2, 3}, 2, 2, null, null, null), "step 1 of sequence 1", "is 3", "0 to 2",
                "num_embeddings 3");
        refusedInput(() -> model.run(new long[]{0, -1, 2, 2}, 2, 2, null, null, null), "step 1 of sequence 0", "-1");
        refusedInput(() -> model.run(new long[]{1L << 32}, 1, 1, null, null, null), "4294967296");
        refusedInput(() -> model.run(new long[3], 2, 2, null, null, null), "3", "4");
        refusedInput(() -> model.run((long[]) null, 2, 2, null, null, null), "null");
        refusedInput(() -> model.run(new double[4], 2, 2, null, null, null), "takes tokens");
        assertArrayEquals(new double[]{1, 0, 3, 3},
                model.run(new long[]{0, -77, 2, 2}, 2, 2, new int[]{1, 2}, null, null).output());
    }

    @Test
    void aRunLeavesTheCallersArraysAlone() {
        ReferenceModel model = ReferenceModel.of(SPEC, LSTM.weights());
        double[] input = new double[30];
        Arrays.fill(input, 0.5);
        double[] h = new double[16];
        double[] c = new double[32];
        int[] lengths = {5, 2};
        model.run(input, 2, 5, lengths, h, c);
        assertArrayEquals(new double[16], h);
        assertArrayEquals(new double[32], c);
        assertArrayEquals(new int[]{5, 2}, lengths);
    }

    /** Weights of zeros: names and shapes by turns. */
    private static Weights weights(Object... namesAndShapes) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (int i = 0; i < namesAndShapes.length; i += 2) {
            int[] shape = (int[]) namesAndShapes[i + 1];
            tensors.put((String) namesAndShapes[i],
                    Tensor.of(new double[Arrays.stream(shape).reduce(1, (a, b) -> a * b)], shape));
        }
        return Weights.of(tensors);
    }

    private static void refusedModel(ModelSpec spec, Weights weights, String... says) {
        refused(InvalidModelException.class, () -> ReferenceModel.of(spec, weights), says);
    }

    private static void refusedInput(Executable call, String... says) {
        refused(InvalidInputException.class, call, says);
    }

    private static void refused(Class<? extends LanecellException> type, Executable call, String... says) {
        String message = assertThrows(type, call).getMessage();
        for (String part : says) {
            assertTrue(message.contains(part), "'" + message + "' should say '" + part + "'");
        }
    }
}
