package io.lanecell;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What is refused, and that the message says what, where, expected and actual. */
class BadInputTest {
    private final Random random = new Random(3);
    private final Weights weights = RandomModels.lstm(random,
            new RecurrentGeometry(RecurrentGeometry.Kind.LSTM, 3, 5, 2, true, false, 0, false));
    private final Model model = Model.lstm(weights, true);
    private final Session session = model.newSession(2);
    private final float[] in = new float[2 * 4 * 3];
    private final float[] out = new float[2 * 4 * 5];

    @Test
    void arraysThatAreNullOrTooShortAreRefused() {
        refused("the input must not be null", () -> session.step((float[]) null, 0, out, 0));
        refused("the output must not be null", () -> session.step(in, 0, null, 0));
        refused("the input of a step needs 6 from offset 0 on, its size is 5", () -> session.step(new float[5], 0, out, 0));
        refused("the input of a step needs 6 from offset -1 on", () -> session.step(in, -1, out, 0));
        refused("the output of a step needs 10 from offset 31 on, its size is 40", () -> session.step(in, 0, out, 31));
        refused("the input of a run needs 30", () -> session.run(in, 0, 5, out, 0));
        refused("the output of a run needs 40 from offset 1 on", () -> session.run(in, 0, 4, out, 1));
        refused("the input of a run needs", () -> session.run(in, 0, Integer.MAX_VALUE, out, 0));
        refused("the input buffer needs 6", () -> session.step(FloatBuffer.allocate(5), FloatBuffer.allocate(10)));
        refused("the output buffer is read-only",
                () -> session.step(FloatBuffer.allocate(6), FloatBuffer.allocate(10).asReadOnlyBuffer()));
        refused("the output segment needs 40 from offset 4 on, its size is 40",
                () -> session.step(MemorySegment.ofArray(in), 0, MemorySegment.ofArray(new float[10]), 4));
        refused("the hidden state needs 20", () -> session.getState(new float[19], 0, new float[20], 0));
        refused("the cell state must not be null", () -> session.setState(new float[20], 0, null, 0));
        refused("can't be negative, got -1", () -> model.newSession(-1));
    }

    @Test
    void lengthsOutOfRangeAreRefusedBeforeAnythingIsComputed() {
        refused("at least one step, got 0", () -> session.run(in, 0, 0, out, 0));
        refused("lengths[1] is 0 where 1 to 4", () -> session.run(in, 0, 4, new int[]{4, 0}, out, 0));
        refused("lengths[0] is 5 where 1 to 4", () -> session.run(in, 0, 4, new int[]{5, 1}, out, 0));
        refused("lengths has 3 entries where the batch has 2", () -> session.run(in, 0, 4, new int[]{1, 1, 1}, out, 0));
        float[] h = new float[20];
        session.getState(h, 0, new float[20], 0);
        assertArrayEquals(new float[20], h, "the state after refusals");
    }

    @Test
    void tokensThatAreNoTokensAreRefused() {
        Session tokens = RandomModels.tokens(random, 11, 6, 8, 4, false).newSession();
        float[] logits = new float[8];
        refused("the token of sequence 0 at step 0 is 11 where a whole number from 0 to 10",
                () -> tokens.step(new int[]{11}, 0, logits, 0));
        refused("at step 1 is -1", () -> tokens.run(new int[]{0, -1}, 0, 2, null, logits, 0));
        refused("is NaN where", () -> tokens.step(new float[]{Float.NaN}, 0, logits, 0));
        refused("is 1.5 where", () -> tokens.run(new float[]{1, 1.5f}, 0, 2, logits, 0));
        refused("takes 3 features a step and no tokens", () -> session.step(new int[2], 0, out, 0));
    }

    @Test
    void aBidirectionalModelRefusesToStep() {
        Model both = Model.lstm(
                RandomModels.lstm(random, new RecurrentGeometry(RecurrentGeometry.Kind.LSTM, 3, 5, 1, true, true, 0, false)),
                true);
        refused("bidirectional", () -> both.newSession().step(in, 0, out, 0));
    }

    @Test
    void anEmptyBatchGivesEmptyOutputs() {
        Session empty = model.newSession(0);
        empty.step(new float[0], 0, new float[0], 0);
        empty.run(new float[0], 0, 5, new float[0], 0);
        assertEquals(0, empty.batch());
    }

    @Test
    void tensorsMissingSurplusOrOfAnotherShapeAreRefused() {
        refusedModel("tensor 'weight_hh_l1' is missing", without("weight_hh_l1"));
        refusedModel("tensor 'bias_ih_l0' is missing", without("bias_ih_l0"));
        refusedModel("tensor 'weight_ih_l0' is missing, the weights hold no tensors", Map.of());
        refusedModel("tensor 'weight_ih_l7' belongs to no parameter", with("weight_ih_l7", Tensor.of(new float[4], 2, 2)));
        refusedModel("tensor 'fc.weight' belongs to no parameter", with("fc.weight", Tensor.of(new float[4], 2, 2)));
        refusedModel("tensor 'weight_hh_l0' is F32[20, 4] where a floating-point [20, 5]",
                with("weight_hh_l0", Tensor.of(new float[80], 20, 4)));
        refusedModel("has 15 rows, an LSTM's four gates need a multiple of 4",
                with("weight_ih_l0", Tensor.of(new float[45], 15, 3)));
        refusedModel("must be smaller than the hidden size 5", with("weight_hr_l0", Tensor.of(new float[25], 5, 5)));
        refusedModel("tensor 'weight_ih_l0' holds I64", with("weight_ih_l0", Tensor.of(new long[60], 20, 3)));
    }

    @Test
    void layersThatDontFitAreNamedByTheirPlace() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        weights.tensors().forEach((name, tensor) -> tensors.put("lstm." + name, tensor));
        RandomModels.put(tensors, random, "fc.weight", 2, 6);
        RandomModels.put(tensors, random, "spare", 1);
        Weights all = Weights.of(tensors);
        LayerSpec lstm = new LayerSpec.Lstm("lstm", true);
        LayerSpec linear = new LayerSpec.Linear("fc");
        refusedChain("layers[1] 'linear' takes 6 features where the layer before it gives 5", all, lstm, linear);
        refusedChain("layers[0] 'softmax': it can't be the first layer", all, new LayerSpec.Softmax());
        refusedChain("layers[1] 'embedding': an embedding takes tokens and must be the first layer", all, lstm,
                new LayerSpec.Embedding("fc"));
        refusedChain("layers[2] 'final_hidden': it needs the steps of the sequences", all, lstm, new LayerSpec.LastStep(),
                new LayerSpec.FinalHidden());
        refusedChain("layers[1] 'final_hidden': it must follow a recurrent layer", all, linear, new LayerSpec.FinalHidden());
        refusedChain("layers[2] 'lstm': it needs the steps of the sequences, and a layer before it leaves one row of each", all,
                lstm, new LayerSpec.LastStep(), lstm);
        refusedChain("layers[2] 'last_step': it needs the steps", all, lstm, new LayerSpec.LastStep(),
                new LayerSpec.LastStep());
        refusedChain("layers[0] 'linear': tensor 'nothing.weight' is missing, the weights hold nothing under 'nothing'", all,
                new LayerSpec.Linear("nothing"));
        refusedChain("tensor 'fc.weight' is used by no layer of the chain", all, lstm);
        refusedChain("at least one layer", all, new LayerSpec.Dropout());
        Model ignoring = Model.of(new ModelSpec(List.of(lstm), Set.of("fc.weight", "spare")), all);
        assertEquals(5, ignoring.outputSize());
        tensors.put("lstm.num_batches_tracked", Tensor.of(new long[1]));
        Model ignoringWithin = Model.of(new ModelSpec(List.of(lstm), Set.of("fc.weight", "spare", "lstm.num_batches_tracked")),
                Weights.of(tensors));
        assertEquals(5, ignoringWithin.outputSize());
    }

    @Test
    void recurrentLayersThatDisagreeAboutTheLayoutAreRefused() {
        InvalidModelException refusal = assertThrows(InvalidModelException.class,
                () -> ModelSpec.of(new LayerSpec.Lstm("a", true), new LayerSpec.Lstm("b", false)));
        assertTrue(refusal.getMessage().contains("batch_first"), refusal::getMessage);
    }

    @Test
    void tensorsRefuseBytesThatDontFillTheirShape() {
        refused("needs 24 bytes but was given 20", () -> Tensor.of(new float[5], 2, 3));
        refused("negative extent", () -> Tensor.of(new float[0], -1));
        refused("at most 2147483647 elements", () -> Tensor.of(new float[0], 1 << 16, 1 << 16));
        refused("is NaN where a whole number", () -> Tensor.of(new float[]{Float.NaN}, 1).toLongs());
    }

    private Map<String, Tensor> without(String name) {
        Map<String, Tensor> tensors = new LinkedHashMap<>(weights.tensors());
        tensors.remove(name);
        return tensors;
    }

    private Map<String, Tensor> with(String name, Tensor tensor) {
        Map<String, Tensor> tensors = new LinkedHashMap<>(weights.tensors());
        tensors.put(name, tensor);
        return tensors;
    }

    private static void refused(String message, Executable call) {
        InvalidInputException refusal = assertThrows(InvalidInputException.class, call);
        assertTrue(refusal.getMessage().contains(message), () -> "'" + refusal.getMessage() + "' should say '" + message + "'");
    }

    private static void refusedModel(String message, Map<String, Tensor> tensors) {
        refusedChain(message, Weights.of(tensors), new LayerSpec.Lstm("", true));
    }

    private static void refusedChain(String message, Weights weights, LayerSpec... layers) {
        List<LayerSpec> chain = new ArrayList<>(List.of(layers));
        InvalidModelException refusal = assertThrows(InvalidModelException.class,
                () -> Model.of(new ModelSpec(chain, Set.of()), weights));
        assertTrue(refusal.getMessage().contains(message), () -> "'" + refusal.getMessage() + "' should say '" + message + "'");
    }
}
