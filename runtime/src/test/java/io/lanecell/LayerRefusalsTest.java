package io.lanecell;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What the layers around the recurrent ones refuse, and that the message names the place, both sizes and the remedy. */
class LayerRefusalsTest {
    private static final LayerSpec LSTM = new LayerSpec.Lstm("lstm", true);
    private static final LayerSpec LAST = new LayerSpec.LastStep();
    private static final LayerSpec CONV = conv(1, 0, 0, 1, 1);
    private static final LayerSpec RELU = new LayerSpec.Activation(ActivationFunction.RELU);
    private static final LayerSpec FC = new LayerSpec.Linear("fc");

    private final Random random = new Random(3);
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    private static LayerSpec conv(int stride, int left, int right, int dilation, int groups) {
        return new LayerSpec.Conv1d("conv", stride, left, right, dilation, groups);
    }

    /** conv and fc take 4 features and give 4, the LSTM takes 4 and gives 5. */
    @BeforeEach
    void makeTensors() {
        RandomModels.put(tensors, random, "conv.weight", 4, 4, 3);
        RandomModels.put(tensors, random, "fc.weight", 4, 4);
        RandomModels.put(tensors, random, "six.weight", 6, 6);
        RandomModels.lstm(random, RandomModels.plain(4, 5)).tensors().forEach((name, t) -> tensors.put("lstm." + name, t));
    }

    private void refused(String message, LayerSpec... layers) {
        InvalidModelException refusal = assertThrows(InvalidModelException.class,
                () -> Model.of(ModelSpec.of(layers), Weights.of(tensors)));
        assertTrue(refusal.getMessage().contains(message), () -> "'" + refusal.getMessage() + "' should say '" + message + "'");
    }

    private static void refusedInput(String message, Executable call) {
        InvalidInputException refusal = assertThrows(InvalidInputException.class, call);
        assertTrue(refusal.getMessage().contains(message), () -> "'" + refusal.getMessage() + "' should say '" + message + "'");
    }

    @Test
    void layersInTheWrongPlaceAreToldWhatStandsBeforeThem() {
        tensors.keySet().removeIf(name -> !name.startsWith("lstm"));
        refused("layers[2] 'final_hidden': it must follow a recurrent layer, and follows layers[1] 'relu'", LSTM, RELU,
                new LayerSpec.FinalHidden());
        refused("layers[0] 'final_hidden': it must follow a recurrent layer, and stands first", new LayerSpec.FinalHidden());
        refused("layers[1] 'embedding': an embedding takes tokens and must be the first layer", new LayerSpec.Dropout(),
                new LayerSpec.Embedding("fc"));
    }

    @Test
    void branchesTooDeepOrTooManyAreRefusedAndDontOverflowTheStack() {
        LayerSpec deep = RELU;
        for (int i = 0; i < 10_000; i++) {
            deep = new LayerSpec.Add(List.of(List.of(), List.of(deep)));
        }
        refused("branches stand in branches more than 100 deep", deep);
        LayerSpec many = RELU;
        for (int i = 0; i < 60; i++) {
            many = new LayerSpec.Concat(List.of(List.of(many), List.of(many)));
        }
        refused("more than 1000000 layers", many);
    }

    @Test
    void convolutionsRefuseTensorsAndNumbersThatMakeNone() {
        refused("layers[0] 'conv1d': its stride is 0, expected 1 or more", conv(0, 0, 0, 1, 1));
        refused("its padding is -1, expected 0 or more", conv(1, 0, -1, 1, 1));
        refused("its dilation is 0, expected 1 or more", conv(1, 0, 0, 0, 1));
        refused("tensor 'conv.weight' has 4 outputs, which 3 groups don't divide", conv(1, 0, 0, 1, 3));
        refused("'conv.weight' has 4 outputs, which 0 groups don't divide", conv(1, 0, 0, 1, 0));
        refused("is too large: at most 268435456 steps", conv(1, Integer.MAX_VALUE, 0, 1, 1));
        refused("is too large: at most 268435456 steps", conv(1, 0, 0, Integer.MAX_VALUE, 1));
        refused("layers[1] 'conv1d' takes 8 features where the layer before it gives 4", FC, conv(1, 0, 0, 1, 2));
        tensors.put("conv.bias", Tensor.of(new float[3], 3));
        refused("tensor 'conv.bias' has shape [3] where [4] is expected", CONV);
        tensors.put("conv.bias", Tensor.of(new float[4], 4));
        tensors.put("conv.weight_g", Tensor.of(new float[4], 4));
        refused("tensor 'conv.weight_g' belongs to no parameter of a convolution", CONV);
        tensors.put("conv.weight", Tensor.of(new float[12], 4, 3));
        refused("tensor 'conv.weight' must be (outputs, inputs / groups, kernel_size), its shape is [4, 3]", CONV);
    }

    @Test
    void poolsAndNormsRefuseWhatMakesNone() {
        refused("layers[1] 'max_pool1d': its kernel_size is 0, expected 1 or more", FC, new LayerSpec.MaxPool1d(0, 1, 0));
        refused("layers[1] 'avg_pool1d': its padding is 2, at most half of its kernel_size 3", FC,
                new LayerSpec.AvgPool1d(3, 1, 2, true));
        RandomModels.put(tensors, random, "norm.weight", 4);
        refused("tensor 'norm.running_mean' is missing", FC, new LayerSpec.BatchNorm1d("norm", 1e-5));
        RandomModels.put(tensors, random, "norm.running_mean", 3);
        refused("tensor 'norm.running_var' is missing", FC, new LayerSpec.BatchNorm1d("norm", 1e-5));
        RandomModels.put(tensors, random, "norm.running_var", 3);
        refused("tensor 'norm.weight' has shape [4] where [3] is expected", FC, new LayerSpec.BatchNorm1d("norm", 1e-5));
        RandomModels.put(tensors, random, "norm.weight", 3);
        refused("layers[1] 'batch_norm1d' takes 3 features where the layer before it gives 4", FC,
                new LayerSpec.BatchNorm1d("norm", 1e-5));
        refused("tensor 'norm.running_mean' belongs to no parameter of a layer norm", FC, new LayerSpec.LayerNorm("norm", 1e-5));
        RandomModels.put(tensors, random, "w", 3, 4);
        refused("layers[1] 'attention_over_time': tensor 'w' is F32[3, 4] where one number per feature", FC,
                new LayerSpec.AttentionOverTime("w"));
        refused("layers[1] 'attention_over_time': tensor 'v.weight' is missing", FC, new LayerSpec.AttentionOverTime("v"));
    }

    @Test
    void layersOverStepsCantFollowOneThatLeavesOneRow() {
        String why = "it needs the steps of the sequences, and a layer before it leaves one row of each";
        refused("layers[2] 'conv1d': " + why, FC, LAST, CONV);
        refused("layers[2] 'max_pool1d': " + why, FC, new LayerSpec.MaxOverTime(), new LayerSpec.MaxPool1d(2, 2, 0));
        refused("layers[3] 'mean_over_time': " + why, FC, new LayerSpec.MeanOverTime(), RELU, new LayerSpec.MeanOverTime());
        refused("layers[2] 'transpose': " + why, FC, LAST, new LayerSpec.Transpose());
        LayerSpec pooled = new LayerSpec.Concat(List.of(List.of(LAST), List.of(new LayerSpec.MaxOverTime())));
        refused("layers[2] 'lstm': " + why, FC, pooled, LSTM);
        refused("layers[1] 'add' branches[0][1] 'avg_pool1d': " + why, FC,
                new LayerSpec.Add(List.of(List.of(LAST, new LayerSpec.AvgPool1d(2, 2, 0, true)))));
    }

    @Test
    void aTransposeStandsOnlyFirstOrLast() {
        refused("layers[2] 'linear': it follows layers[1] 'transpose', which gives (N, C, T) and can only be the first or last layer",
                CONV, new LayerSpec.Transpose(), FC);
        refused("layers[0] 'add' branches[0][0] 'transpose': it can only be the first or last layer of the model",
                new LayerSpec.Add(List.of(List.of(new LayerSpec.Transpose()), List.of(FC))));
    }

    @Test
    void aChainWhoseSizeNobodyKnowsIsRefused() {
        refused("layers[0] 'relu': it can't be the first layer, its size follows from its neighbours'", RELU, LAST);
        refused("layers[0] 'concat': it can't be the first layer", new LayerSpec.Concat(List.of(List.of(), List.of(RELU))));
        refused("layers[0] 'concat': it has no branches", new LayerSpec.Concat(List.of()));
    }

    @Test
    void branchesThatDontFitAreRefused() {
        refused("layers[1] 'add': branches[0] gives 4 features where branches[1] gives 5", FC,
                new LayerSpec.Add(List.of(List.of(), List.of(LSTM))));
        refused("layers[1] 'concat': branches[0] gives a row for each step where branches[1] gives one row for each sequence", FC,
                new LayerSpec.Concat(List.of(List.of(), List.of(LAST))));
        refused("layers[1] 'concat': of 65536 steps branches[0] gives 65536 where branches[1] gives 65534", FC,
                new LayerSpec.Concat(List.of(List.of(), List.of(CONV))));
        refused("layers[1] 'concat' branches[1][1] 'linear' takes 6 features where the layer before it gives 4", FC,
                new LayerSpec.Concat(List.of(List.of(), List.of(RELU, new LayerSpec.Linear("six")))));
        refused("layers[0] 'concat': branches[1] takes 6 features where another takes 4, all are given the same",
                new LayerSpec.Concat(List.of(List.of(FC), List.of(new LayerSpec.Linear("six")))));
        refused("layers[1] 'concat' branches[0][0] 'linear': tensor 'nothing.weight' is missing", FC,
                new LayerSpec.Concat(List.of(List.of(new LayerSpec.Linear("nothing")))));
        refused("layers[0] 'concat' branches[0][0] 'embedding': an embedding takes tokens and must be the first layer",
                new LayerSpec.Concat(List.of(List.of(new LayerSpec.Embedding("fc")))));
    }

    private LayerSpec decoder(List<LayerSpec> head, int start, int steps) {
        return new LayerSpec.AttentionDecoder("target", "cell", head, start, steps);
    }

    @Test
    void decodersThatDontFitAreRefused() {
        RandomModels.put(tensors, random, "target.weight", 7, 3);
        RandomModels.put(tensors, random, "out.weight", 7, 10);
        RandomModels.put(tensors, random, "many.weight", 8, 10);
        RandomModels.lstm(random, new RecurrentGeometry(RecurrentGeometry.Kind.LSTM, 3, 5, 1, true, false, 0, true)).tensors()
                .forEach((name, tensor) -> tensors.put("cell." + name, tensor));
        List<LayerSpec> head = List.of(new LayerSpec.Linear("out"));
        refused("layers[1] 'attention_decoder': it must follow an LSTM or GRU of one direction", FC, decoder(head, 1, 5));
        refused("layers[2] 'attention_decoder': it needs the steps", LSTM, LAST, decoder(head, 1, 5));
        refused("layers[1] 'attention_decoder': its start token is 7 where its embedding knows 0 to 6", LSTM,
                decoder(head, 7, 5));
        refused("its steps are 0, expected 1 or more", LSTM, decoder(head, 1, 0));
        refused("its head is empty", LSTM, decoder(List.of(), 1, 5));
        refused("layers[1] 'attention_decoder' head[0] 'linear' takes 4 features where the layer before it gives 10", LSTM,
                decoder(List.of(FC), 1, 5));
        refused("its head gives logits of 8 tokens where its embedding knows 7", LSTM,
                decoder(List.of(new LayerSpec.Linear("many")), 1, 5));
        refused("layers[1] 'attention_decoder' head[0] 'conv1d': it needs the steps", LSTM, decoder(List.of(CONV), 1, 5));
        RandomModels.lstm(random, new RecurrentGeometry(RecurrentGeometry.Kind.LSTM, 4, 5, 1, true, true, 0, false)).tensors()
                .forEach((name, tensor) -> tensors.put("both." + name, tensor));
        refused("is bidirectional: its cell can start from one direction only", new LayerSpec.Lstm("both", true),
                decoder(head, 1, 5));
        RandomModels.lstm(random, RandomModels.plain(4, 6)).tensors().forEach((name, t) -> tensors.put("lstm." + name, t));
        refused("has hidden size 5 where the layer before it, LSTM(4, 6), has 6", LSTM, decoder(head, 1, 5));
    }

    @Test
    void sequencesTooShortAreRefusedBeforeAnythingIsComputed() {
        tensors.keySet().removeIf(name -> name.startsWith("fc") || name.startsWith("six"));
        Model model = Model.of(ModelSpec.of(LSTM, new LayerSpec.MaxPool1d(3, 3, 0)),
                Weights.of(tensors).without(java.util.Set.of("conv.weight")));
        Session session = model.newSession(2);
        float[] out = new float[2 * 2 * 5];
        refusedInput("layers[1] 'max_pool1d' needs sequences of at least 3 steps, sequence 0 has 2: give it longer ones",
                () -> session.run(new float[2 * 2 * 4], 0, 2, out, 0));
        refusedInput("needs sequences of at least 3 steps, sequence 1 has 1 by its length",
                () -> session.run(new float[2 * 6 * 4], 0, 6, new int[]{6, 1}, out, 0));
        float[] h = new float[10];
        session.getState(h, 0, new float[10], 0);
        assertArrayEquals(new float[10], h, "the state after refusals");
        refusedInput("this model can't go step by step: layers[1] 'max_pool1d' doesn't give an output for each step",
                () -> session.step(new float[8], 0, out, 0));
    }

    @Test
    void branchesThatPartForSomeLengthsAreRefusedThere() {
        RandomModels.put(tensors, random, "halve.weight", 4, 4, 1);
        Model model = Model.of(new ModelSpec(List.of(new LayerSpec.Concat(List.of(List.of(new LayerSpec.MaxPool1d(2, 2, 0)),
                List.of(new LayerSpec.Conv1d("halve", 2, 0, 0, 1, 1))))), tensors.keySet().stream()
                        .filter(name -> !name.startsWith("halve")).collect(java.util.stream.Collectors.toSet())),
                Weights.of(tensors));
        model.newSession().run(new float[6 * 4], 0, 6, new float[3 * 8], 0);
        refusedInput("layers[0] 'concat': of sequences of 5 steps branches[0] gives 2 where branches[1] gives 3",
                () -> model.newSession().run(new float[5 * 4], 0, 5, new float[3 * 8], 0));
    }

    @Test
    void aLayerThatNeedsTheWholeSequenceSaysSoWhereItCantStep() {
        tensors.keySet().removeIf(name -> !name.startsWith("fc"));
        Model model = Model.of(ModelSpec.of(new LayerSpec.Concat(List.of(List.of(FC, new LayerSpec.MeanOverTime())))),
                Weights.of(tensors));
        refusedInput("layers[0] 'concat' branches[0][1] 'mean_over_time' needs the whole sequence; use run",
                () -> model.newSession().step(new float[4], 0, new float[4], 0));
    }
}
