package io.lanecell.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.ActivationFunction;
import io.lanecell.InvalidInputException;
import io.lanecell.InvalidModelException;
import io.lanecell.LayerSpec;
import io.lanecell.ModelSpec;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import io.lanecell.reference.ReferenceModel.Result;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Concat, Add and Transpose: chains that part, come together, and lie another way. */
class BranchesTest {
    private static final long SEED = 8;
    private static final LayerSpec RELU = new LayerSpec.Activation(ActivationFunction.RELU);
    private static final LayerSpec.Linear A = new LayerSpec.Linear("a");
    private static final LayerSpec.Linear B = new LayerSpec.Linear("b");
    /** a makes 2 features of 2, b makes 1. */
    private static final Weights WEIGHTS = Weights.of(
            Map.of("a.weight", Tensor.of(new double[]{1, 1, 1, -1}, 2, 2), "b.weight", Tensor.of(new double[]{10, 100}, 1, 2)));

    @Test
    void concatPutsTheBranchesSideBySideAndAnEmptyOneHandsTheInputOn() {
        Result result = model(WEIGHTS, concat(List.of(A), List.of(), List.of(B))).run(new double[]{1, 2, 3, -4}, 1, 2, null, null,
                null);
        assertArrayEquals(new double[]{3, -1, 1, 2, 210, -1, 7, 3, -4, -370}, result.output());
        assertArrayEquals(new int[]{1, 2, 5}, result.outputShape());
    }

    @Test
    void addSumsTheBranches() {
        Weights a = Weights.of(Map.of("a.weight", WEIGHTS.get("a.weight")));
        Result result = model(a, add(List.of(), List.of(A, RELU))).run(new double[]{1, 2, 3, -4}, 1, 2, null, null, null);
        assertArrayEquals(new double[]{4, 2, 3, 3}, result.output());
        assertArrayEquals(new double[]{2, 0, -4, 8}, model(Weights.of(Map.of()), add(List.of(), List.of()))
                .run(new double[]{1, 0, -2, 4}, 2, 1, null, null, null).output(), "of any number of features");
    }

    @Test
    void branchesMayEndInRows() {
        Result result = model(Weights.of(Map.of("b.weight", WEIGHTS.get("b.weight"))),
                concat(List.of(new LayerSpec.MeanOverTime(), B), List.of(B, new LayerSpec.LastStep())))
                .run(new double[]{1, 2, 3, -4, 0, 0}, 1, 3, new int[]{2}, null, null);
        assertArrayEquals(new double[]{-80, -370}, result.output());
        assertArrayEquals(new int[]{1, 2}, result.outputShape());
    }

    @Test
    void recurrentLayersInBranchesKeepTheirStatesInOrder() {
        RandomLstm first = new RandomLstm(2, 3, 1, true, 1, 0, SEED);
        RandomLstm last = new RandomLstm(7, 2, 1, true, 1, 0, SEED + 1);
        Random random = new Random(SEED);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        first.weights().tensors().forEach((name, tensor) -> tensors.put("first." + name, tensor));
        last.weights().tensors().forEach((name, tensor) -> tensors.put("last." + name, tensor));
        tensors.put("gru.weight_ih_l0", Tensor.of(RandomLstm.values(random, 12 * 2, 1), 12, 2));
        tensors.put("gru.weight_hh_l0", Tensor.of(RandomLstm.values(random, 12 * 4, 1), 12, 4));
        ReferenceModel whole = model(Weights.of(tensors),
                concat(List.of(new LayerSpec.Lstm("first", true)), List.of(new LayerSpec.Gru("gru", true))),
                new LayerSpec.Lstm("last", true));
        int n = 3;
        int steps = 4;
        int[] lengths = {4, 1, 3};
        double[] input = RandomLstm.values(random, n * steps * 2, 1);
        double[] h0 = RandomLstm.values(random, n * (3 + 4 + 2), 1);
        double[] c0 = RandomLstm.values(random, n * (3 + 2), 1);
        Result result = whole.run(input, n, steps, lengths, h0, c0);

        Result byFirst = first.model(true).run(input, n, steps, lengths, part(h0, 0, n * 3), part(c0, 0, n * 3));
        Result byGru = model(Weights.of(tensors).under("gru"), new LayerSpec.Gru("", true)).run(input, n, steps, lengths,
                part(h0, n * 3, n * 4), null);
        double[] joined = new double[n * steps * 7];
        for (int row = 0; row < n * steps; row++) {
            System.arraycopy(byFirst.output(), row * 3, joined, row * 7, 3);
            System.arraycopy(byGru.output(), row * 4, joined, row * 7 + 3, 4);
        }
        Result byLast = last.model(true).run(joined, n, steps, lengths, part(h0, n * 7, n * 2), part(c0, n * 3, n * 2));
        assertArrayEquals(byLast.output(), result.output());
        assertArrayEquals(byLast.output(), result.layerOutput());
        assertArrayEquals(byFirst.hN(), part(result.hN(), 0, n * 3));
        assertArrayEquals(byGru.hN(), part(result.hN(), n * 3, n * 4));
        assertArrayEquals(byLast.hN(), part(result.hN(), n * 7, n * 2));
        assertArrayEquals(byFirst.cN(), part(result.cN(), 0, n * 3));
        assertArrayEquals(byLast.cN(), part(result.cN(), n * 3, n * 2));
    }

    private static double[] part(double[] values, int from, int size) {
        double[] part = new double[size];
        System.arraycopy(values, from, part, 0, size);
        return part;
    }

    @Test
    void aBranchsFirstLayerFollowsTheOneBeforeTheBranches() {
        RandomLstm lstm = new RandomLstm(2, 3, 1, true, 2, 0, SEED);
        Result result = model(lstm.weights(), new LayerSpec.Lstm("", true),
                concat(List.of(new LayerSpec.FinalHidden()), List.of(new LayerSpec.LastStep())))
                .run(RandomLstm.values(new Random(SEED), 8, 1), 1, 4, null, null, null);
        assertArrayEquals(result.hN(), part(result.output(), 0, 6));
        assertArrayEquals(part(result.layerOutput(), 18, 6), part(result.output(), 6, 6));
    }

    @Test
    void transposeTakesAndGivesChannelsFirst() {
        double[] channelsFirst = {1, 2, 3, 10, 20, 30}; // two channels of three steps
        Weights b = Weights.of(Map.of("b.weight", Tensor.of(new double[]{1, 1, 1, -1}, 2, 2)));
        Result both = model(b, new LayerSpec.Transpose(), B, new LayerSpec.Transpose()).run(channelsFirst, 1, 3, null, null,
                null);
        assertArrayEquals(new double[]{11, 22, 33, -9, -18, -27}, both.output());
        assertArrayEquals(new int[]{1, 2, 3}, both.outputShape());
        Result first = model(b, new LayerSpec.Transpose(), B).run(channelsFirst, 1, 3, new int[]{2}, null, null);
        assertArrayEquals(new double[]{11, -9, 22, -18, 0, 0}, first.output());
        assertArrayEquals(new int[]{1, 3, 2}, first.outputShape());
        Result last = model(b, B, new LayerSpec.Transpose()).run(new double[]{1, 10, 2, 20, 3, 30}, 1, 3, null, null, null);
        assertArrayEquals(both.output(), last.output());
        Result only = model(Weights.of(Map.of()), new LayerSpec.Transpose()).run(channelsFirst, 1, 3, null, null, null);
        assertArrayEquals(new double[]{1, 10, 2, 20, 3, 30}, only.output());
        assertArrayEquals(new int[]{1, 3, 2}, only.outputShape());
    }

    @Test
    void branchesThatDoNotFitAreRefusedByPlaceWithBothSizes() {
        refused(WEIGHTS, "layers[0] 'concat' branches[1][1] 'linear' takes 2", "give 1", concat(List.of(A), List.of(B, B)));
        refused(WEIGHTS, "layers[0] 'add' branches[1] gives 1 features", "branches[0] 2", add(List.of(A), List.of(B)));
        refused(WEIGHTS, "layers[1] 'concat' branches[0][0] 'concat' branches[0][0] 'embedding'", "",
                A, concat(List.of(concat(List.of(new LayerSpec.Embedding("b"))))));
        refused(WEIGHTS, "branches[1] gives a row per sequence", "branches[0] a row per step",
                concat(List.of(A), List.of(B, new LayerSpec.LastStep())));
        refused(WEIGHTS, "layers[0] 'concat' has no branches", "", concat());
        refused(WEIGHTS, "layers[0] 'concat' can't tell how many features", "", concat(List.of(RELU), List.of()));
        refused(WEIGHTS, "layers[1] 'transpose'", "first layer or the last", A, new LayerSpec.Transpose(), RELU);
        refused(WEIGHTS, "layers[0] 'add' branches[0][0] 'transpose'", "first layer or the last",
                add(List.of(new LayerSpec.Transpose())));
        refused(WEIGHTS, "layers[0] 'concat' branches[1][0] 'linear': tensor 'c.weight' is missing", "",
                concat(List.of(A), List.of(new LayerSpec.Linear("c"))));
    }

    @Test
    void branchesThatMakeDifferentNumbersOfStepsAreRefusedBeforeAnythingIsComputed() {
        ReferenceModel model = model(Weights.of(Map.of()), add(List.of(), List.of(new LayerSpec.MaxPool1d(2, 1, 0))));
        String message = assertThrows(InvalidInputException.class, () -> model.run(new double[5], 1, 5, null, null, null))
                .getMessage();
        assertTrue(message.contains("layers[0] 'add'") && message.contains("[5, 4]"), message);
        // of an odd number of steps both make as many, of an even one they don't
        ReferenceModel odd = model(Weights.of(Map.of()),
                add(List.of(new LayerSpec.MaxPool1d(1, 2, 0)), List.of(new LayerSpec.MaxPool1d(2, 2, 1))));
        odd.run(new double[5], 1, 5, new int[]{3}, null, null);
        message = assertThrows(InvalidInputException.class, () -> odd.run(new double[10], 2, 5, new int[]{5, 4}, null, null))
                .getMessage();
        assertTrue(message.contains("sequence 1") && message.contains("[2, 3]"), message);
    }

    private static LayerSpec concat(List<?>... branches) {
        return new LayerSpec.Concat(specs(branches));
    }

    private static LayerSpec add(List<?>... branches) {
        return new LayerSpec.Add(specs(branches));
    }

    private static List<List<LayerSpec>> specs(List<?>[] branches) {
        return List.of(branches).stream().map(branch -> branch.stream().map(LayerSpec.class::cast).toList()).toList();
    }

    private static ReferenceModel model(Weights weights, LayerSpec... layers) {
        return ReferenceModel.of(ModelSpec.of(layers), weights);
    }

    private static void refused(Weights weights, String says, String andSays, LayerSpec... layers) {
        String message = assertThrows(InvalidModelException.class, () -> model(weights, layers)).getMessage();
        assertTrue(message.contains(says) && message.contains(andSays), message);
    }
}
