package io.lanecell.loader;

import static io.lanecell.ActivationFunction.HARD_SIGMOID_KERAS2;
import static io.lanecell.ActivationFunction.LEAKY_RELU;
import static io.lanecell.ActivationFunction.RELU;
import static io.lanecell.ActivationFunction.SIGMOID;
import static io.lanecell.ActivationFunction.TANH;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.ActivationFunction;
import io.lanecell.LayerSpec;
import io.lanecell.LstmOptions;
import io.lanecell.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each type of layer of a model.json is read as, and what is refused with its place. In the JSON here ' stands for ". */
class ModelJsonLayersTest {
    @TempDir
    Path folder;

    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    @BeforeEach
    void tensorsOfEveryKindOfLayer() {
        recurrent("lstm", 4, "_l0", 3, 5);
        recurrent("gru", 3, "_l0", 3, 5);
        recurrent("rnn", 1, "_l0", 3, 5);
        recurrent("coupled", 3, "_l0", 3, 5);
        recurrent("cell", 4, "", 2, 5);
        put("conv.weight", 6, 2, 4);
        put("conv.bias", 6);
        put("norm.weight", 6);
        put("norm.bias", 6);
        put("batch.running_mean", 6);
        put("batch.running_var", 6);
        put("embedding.weight", 9, 2);
        put("fc.weight", 4, 10);
        put("w", 5);
    }

    private void recurrent(String prefix, int gates, String suffix, int inputs, int units) {
        put(prefix + ".weight_ih" + suffix, gates * units, inputs);
        put(prefix + ".weight_hh" + suffix, gates * units, units);
    }

    private void put(String name, int... shape) {
        int size = 1;
        for (int extent : shape) {
            size *= extent;
        }
        tensors.put(name, Tensor.of(new float[size], shape));
    }

    private Path model(String layers, String more) {
        SafetensorsWriter.write(folder.resolve("weights.safetensors"), tensors, Map.of());
        String json = "{'format': 'lanecell-model/1', 'layers': [" + layers + "]" + more + "}";
        try {
            return Files.writeString(folder.resolve("model.json"), json.replace('\'', '"'));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private List<LayerSpec> layers(String layers) {
        return ModelFile.open(model(layers, "")).spec().layers();
    }

    private void assertLayer(LayerSpec expected, String layer) {
        assertEquals(List.of(expected), layers(layer));
    }

    private void assertFault(String layers, String... words) {
        String message = assertThrows(ModelFileException.class, () -> layers(layers)).getMessage();
        assertEquals(1, message.lines().count(), message);
        for (String word : words) {
            assertTrue(message.contains(word), () -> "no <" + word + "> in: " + message);
        }
    }

    @Test
    void recurrentLayers() {
        assertLayer(new LayerSpec.Lstm("lstm", true), "{'type': 'lstm', 'weights': 'lstm', 'batch_first': true}");
        assertLayer(new LayerSpec.Gru("gru", false), "{'type': 'gru', 'weights': 'gru', 'hidden_size': 5, 'input_size': 3}");
        assertLayer(new LayerSpec.Rnn("rnn", false, TANH), "{'type': 'rnn', 'weights': 'rnn', 'num_layers': 1}");
        assertLayer(new LayerSpec.Rnn("rnn", true, RELU),
                "{'type': 'rnn', 'weights': 'rnn', 'batch_first': true, 'nonlinearity': 'relu', 'bias': false}");
    }

    @Test
    void optionsOfAnLstm() {
        assertLayer(new LayerSpec.Lstm("lstm", false, new LstmOptions(HARD_SIGMOID_KERAS2, RELU, RELU, false, 3.5f, 1e-5f)),
                "{'type': 'lstm', 'weights': 'lstm', 'gate_activation': 'hard_sigmoid_keras2', 'cell_activation': 'relu',"
                        + " 'output_activation': 'relu', 'cell_clip': 3.5}");
        assertLayer(new LayerSpec.Lstm("coupled", false, new LstmOptions(SIGMOID, TANH, TANH, true, 0, 1e-5f)),
                "{'type': 'lstm', 'weights': 'coupled', 'coupled': true, 'hidden_size': 5}");
        put("lstm.ln_ih_weight_l0", 20);
        assertLayer(new LayerSpec.Lstm("lstm", false, new LstmOptions(SIGMOID, TANH, TANH, false, 0, 1e-3f)),
                "{'type': 'lstm', 'weights': 'lstm', 'norm_eps': 1e-3}");
    }

    @Test
    void convolutionsWithEveryKindOfPadding() {
        assertLayer(new LayerSpec.Conv1d("conv", 1, 0, 0, 1, 1), "{'type': 'conv1d', 'weights': 'conv'}");
        assertLayer(new LayerSpec.Conv1d("conv", 2, 1, 1, 1, 3), "{'type': 'conv1d', 'weights': 'conv', 'stride': [2],"
                + " 'padding': [1], 'groups': 3, 'in_channels': 6, 'out_channels': 6, 'kernel_size': [4], 'bias': true}");
        assertLayer(new LayerSpec.Conv1d("conv", 1, 2, 0, 1, 1), "{'type': 'conv1d', 'weights': 'conv', 'padding': [2, 0]}");
        assertLayer(new LayerSpec.Conv1d("conv", 1, 1, 2, 1, 1), "{'type': 'conv1d', 'weights': 'conv', 'padding': 'same'}");
        assertLayer(new LayerSpec.Conv1d("conv", 3, 6, 0, 2, 1),
                "{'type': 'conv1d', 'weights': 'conv', 'padding': 'causal', 'dilation': 2, 'stride': 3}");
    }

    @Test
    void poolsAndNorms() {
        assertLayer(new LayerSpec.MaxPool1d(3, 3, 0), "{'type': 'max_pool1d', 'kernel_size': 3}");
        assertLayer(new LayerSpec.MaxPool1d(3, 1, 1), "{'type': 'max_pool1d', 'kernel_size': 3, 'stride': 1, 'padding': 1}");
        assertLayer(new LayerSpec.AvgPool1d(2, 2, 0, true), "{'type': 'avg_pool1d', 'kernel_size': 2}");
        assertLayer(new LayerSpec.AvgPool1d(2, 2, 1, false),
                "{'type': 'avg_pool1d', 'kernel_size': 2, 'padding': 1, 'count_include_pad': false}");
        assertLayer(new LayerSpec.BatchNorm1d("batch", 1e-5),
                "{'type': 'batch_norm1d', 'weights': 'batch', 'num_features': 6, 'affine': false, 'momentum': 0.1}");
        assertLayer(new LayerSpec.LayerNorm("norm", 1e-3),
                "{'type': 'layer_norm', 'weights': 'norm', 'eps': 1e-3, 'normalized_shape': [6]}");
        assertLayer(new LayerSpec.LayerNorm("", 1e-5), "{'type': 'layer_norm', 'elementwise_affine': false}");
    }

    @ParameterizedTest
    @EnumSource
    void everyFunctionIsATypeOfItsOwn(ActivationFunction function) {
        assertLayer(new LayerSpec.Activation(function), "{'type': '" + function.jsonName() + "'}");
        if (!function.parameterName().isEmpty()) {
            assertLayer(new LayerSpec.Activation(function, 0.25f),
                    "{'type': '" + function.jsonName() + "', '" + function.parameterName() + "': 0.25}");
        }
    }

    @Test
    void layersOverTimeAndTheirLayout() {
        assertEquals(
                List.of(new LayerSpec.Transpose(), new LayerSpec.MaxOverTime(), new LayerSpec.MeanOverTime(),
                        new LayerSpec.AttentionOverTime("w")),
                layers("{'type': 'transpose'}, {'type': 'max_over_time'}, {'type': 'mean_over_time'},"
                        + " {'type': 'attention_over_time', 'weights': 'w'}"));
    }

    @Test
    void aChainOfManyThousandLayersIsRefused() {
        String many = "{'type': 'tanh'}, ".repeat(4_096);
        assertEquals(4_096, layers(many.substring(0, many.length() - 2)).size());
        assertFault("{'type': 'add', 'branches': [[], [" + many + "{'type': 'tanh'}]]}", "4098 layers, at most 4096");
    }

    @Test
    void branchesMayHoldBranches() {
        LayerSpec inner = new LayerSpec.Add(List.of(List.of(new LayerSpec.Activation(TANH)), List.of()));
        assertLayer(
                new LayerSpec.Concat(List.of(List.of(new LayerSpec.Linear("fc"), inner), List.of(),
                        List.of(new LayerSpec.Activation(LEAKY_RELU, 0.5f)))),
                "{'type': 'concat', 'branches': [[{'type': 'linear'}, {'type': 'add', 'branches': [[{'type': 'tanh'}], []]}],"
                        .replace("'linear'", "'linear', 'weights': 'fc'")
                        + " [], [{'type': 'leaky_relu', 'negative_slope': 0.5}]]}");
    }

    @Test
    void aDecoderWithItsHead() {
        assertEquals(
                List.of(new LayerSpec.Lstm("lstm", true),
                        new LayerSpec.AttentionDecoder("embedding", "cell",
                                List.of(new LayerSpec.Linear("fc"), new LayerSpec.Activation(TANH)), 8, 7)),
                layers("{'type': 'lstm', 'weights': 'lstm', 'batch_first': true}, {'type': 'attention_decoder',"
                        + " 'embedding': 'embedding', 'cell': 'cell', 'start': 8, 'steps': 7,"
                        + " 'head': [{'type': 'linear', 'weights': 'fc'}, {'type': 'tanh'}]}"));
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '~', delimiter = '|', value = {
            "lstm | 'coupled': true | an LSTM's weights",
            "coupled | 'bias': false | 'coupled.weight_hh_l0' is F32[15, 5], an LSTM has 4 rows for each column",
            "lstm | 'gate_activation': 'swish' | 'gate_activation' is 'swish', known functions are identity, relu",
            "lstm | 'cell_clip': -1 | cell_clip is -1.0", "lstm | 'cell_clip': NaN | cell_clip is NaN",
            "lstm | 'norm_eps': 1e-3 | no layer normalisation", "lstm | 'hidden_size': 6 | hidden_size is 6",
            "lstm | 'nonlinearity': 'relu' | 'nonlinearity' is unknown"})
    void wrongArgumentsOfAnLstm(String weights, String argument, String words) {
        assertFault("{'type': 'dropout'}, {'type': 'lstm', 'weights': '" + weights + "', " + argument + "}", "layers[1] 'lstm': ",
                words.strip());
    }

    @Test
    void optionsThatExcludeEachOtherAreRefusedWithTheReason() {
        put("lstm.ln_ih_weight_l0", 20);
        put("lstm.weight_hr_l0", 5, 5);
        assertFault("{'type': 'lstm', 'weights': 'lstm'}", "layers[0] 'lstm': layer normalisation (ln_…) and a projection",
                "exclude each other");
        tensors.remove("lstm.weight_hr_l0");
        put("lstm.weight_ci_l0", 5);
        assertFault("{'type': 'lstm', 'weights': 'lstm'}", "layer normalisation (ln_…) and peepholes", "exclude each other");
        put("coupled.weight_cf_l0", 5);
        assertFault("{'type': 'lstm', 'weights': 'coupled', 'coupled': true}", "coupled and the peephole weight_cf…",
                "exclude each other");
        assertFault("{'type': 'conv1d', 'weights': 'conv', 'padding': 'same', 'stride': 2}",
                "layers[0] 'conv1d': padding 'same' and stride 2 exclude each other");
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '~', delimiter = '|', value = {"gru | lstm | an LSTM's weights",
            "gru | rnn | these are an RNN's weights",
            "rnn | gru | these are a GRU's weights", "lstm | gru | these are a GRU's weights", "rnn | lstm | an LSTM's weights"})
    void weightsOfAnotherRecurrentLayerAreNamedAsSuch(String type, String weights, String words) {
        assertFault("{'type': '" + type + "', 'weights': '" + weights + "'}", "layers[0] '" + type + "'", words.strip());
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '~', delimiter = '|', value = {"'stride': 0 | stride is 0, expected 1 to",
            "'padding': -1 | padding is -1, expected 0 to", "'padding': [1, 2, 3] | has 3 numbers, expected one",
            "'padding': [1, 2.5] | 'padding[1]' is 2.5", "'padding': 'full' | 'full', expected a number, [left, right], 'same'",
            "'dilation': 0 | dilation is 0", "'dilation': 16777216 | spans 50331648 steps", "'groups': 4 | groups is 4",
            "'groups': 0 | groups is 0", "'groups': 3, 'in_channels': 2 | in_channels is 2 but the weights' shapes say 6",
            "'kernel_size': 3 | kernel_size is 3", "'out_channels': 5 | out_channels is 5", "'bias': false | bias is false",
            "'padding_mode': 'reflect' | padding_mode is 'reflect', only 'zeros'", "'stride': 9999999999 | whole number"})
    void wrongArgumentsOfAConvolution(String argument, String words) {
        assertFault("{'type': 'conv1d', 'weights': 'conv', " + argument + "}", "layers[0] 'conv1d': ", words.strip());
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '~', delimiter = '|', value = {"max_pool1d | 'stride': 2 | 'kernel_size' is missing",
            "max_pool1d | 'kernel_size': 3, 'padding': 2 | at most half of kernel_size 3",
            "max_pool1d | 'kernel_size': 3, 'dilation': 2 | dilation is 2", "avg_pool1d | 'kernel_size': 0 | kernel_size is 0",
            "max_pool1d | 'kernel_size': 3, 'ceil_mode': true | ceil_mode is true",
            "avg_pool1d | 'kernel_size': 2, 'count_include_pad': 1 | true or false",
            "batch_norm1d | 'weights': 'batch', 'num_features': 5 | num_features is 5",
            "batch_norm1d | 'weights': 'batch', 'affine': true | affine is true but the weights' names say false",
            "batch_norm1d | 'weights': 'batch', 'track_running_stats': false | track_running_stats is false",
            "batch_norm1d | 'weights': 'norm' | 'norm.running_mean' is missing",
            "batch_norm1d | 'weights': 'batch', 'eps': -1 | eps is -1.0",
            "layer_norm | 'weights': 'nothing' | 'nothing.weight' is missing",
            "layer_norm | 'weights': 'norm', 'normalized_shape': 5 | normalized_shape is 5",
            "layer_norm | 'weights': 'norm', 'normalized_shape': [2, 3] | only one dimension",
            "softplus | 'beta': 0 | beta is 0.0", "elu | 'alpha': Infinity | alpha is Infinity",
            "tanh | 'alpha': 1 | 'alpha' is unknown", "relu | 'weights': 'x' | 'weights' is unknown",
            "attention_over_time | 'weights': 'v' | 'v.weight' is missing", "attention_over_time | 'axis': 1 | 'axis' is unknown",
            "rnn | 'weights': 'rnn', 'nonlinearity': 'sigmoid' | expected 'tanh' or 'relu'",
            "embedding | 'weights': 'embedding', 'max_norm': 1.0 | max_norm is not supported"})
    void wrongArgumentsOfOtherLayers(String type, String arguments, String words) {
        assertFault("{'type': '" + type + "', " + arguments + "}", "layers[0] '" + type + "': ", words.strip());
    }

    @Test
    void layersInsideOthersAreNamedByTheirPlace() {
        assertFault("{'type': 'dropout'}, {'type': 'concat', 'branches': [[{'type': 'tanh'}, {'type': 'relu'},"
                + " {'type': 'linear', 'weights': 'fc', 'in_features': 3}], []]}",
                "layers[1] 'concat' branches[0][2] 'linear': in_features is 3");
        assertFault("{'type': 'add', 'branches': [[], [{'type': 'concat', 'branches': [[], [{'type': 'rely'}]]}]]}",
                "layers[0] 'add' branches[1][0] 'concat' branches[1][0]: type 'rely' is unknown");
        assertFault(decoder("'start': 1, 'steps': 7", "{'type': 'linear', 'weights': 'fc', 'out_features': 3}"),
                "layers[0] 'attention_decoder' head[0] 'linear': out_features is 3");
        assertFault("{'type': 'add', 'branches': [[{'type': 'linear'}], [{'type': 'linear', 'weights': 'fc'}]]}",
                "layers[0] 'add' branches[0][0] 'linear': key 'weights' is missing");
    }

    @Test
    void recurrentLayersInBranchesHaveTheLayoutOfTheRest() {
        assertFault("{'type': 'concat', 'branches': [[{'type': 'lstm', 'weights': 'lstm', 'batch_first': true}],"
                + " [{'type': 'gru', 'weights': 'gru'}]]}",
                "branches[1][0] 'gru': batch_first is false where layers[0] 'concat' branches[0][0] 'lstm' has true");
        String timeFirst = "{'type': 'concat', 'branches': [[{'type': 'gru', 'weights': 'gru'}], []]}";
        assertFalse(ModelFile.open(model(timeFirst, "")).spec().batchFirst());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'type': 'concat'}", "{'type': 'add', 'branches': []}", "{'type': 'add', 'branches': [[]]}",
            "{'type': 'add', 'branches': [[], {'type': 'tanh'}]}", "{'type': 'add', 'branches': {'a': []}}"})
    void branchesAreTwoOrMoreChains(String layer) {
        assertFault(layer, "layers[0] '", "branches");
    }

    private static String decoder(String arguments, String head) {
        return "{'type': 'attention_decoder', 'embedding': 'embedding', 'cell': 'cell', " + arguments + ", 'head': [" + head
                + "]}";
    }

    @Test
    void wrongArgumentsOfADecoder() {
        String head = "{'type': 'linear', 'weights': 'fc'}";
        assertFault(decoder("'steps': 7", head), "layers[0] 'attention_decoder': key 'start' is missing");
        assertFault(decoder("'start': 9, 'steps': 7", head), "start is token 9, expected 0 to 8");
        assertFault(decoder("'start': -1, 'steps': 7", head), "start is token -1");
        assertFault(decoder("'start': 1, 'steps': 0", head), "steps is 0, expected 1 to");
        assertFault(decoder("'start': 1, 'steps': 7", ""), "'head' is missing or empty");
        assertFault(decoder("'start': 1, 'steps': 7", "{'type': 'gru', 'weights': 'gru'}"), "head[0] 'gru'", "can't stand");
        assertFault(decoder("'start': 1, 'steps': 7", head).replace("'cell': 'cell'", "'cell': 'lstm'"),
                "'lstm.weight_ih' is missing");
        recurrent("wide", 4, "", 3, 5);
        assertFault(decoder("'start': 1, 'steps': 7", head).replace("'cell': 'cell'", "'cell': 'wide'"),
                "gives 2 features where the cell takes 3", "F32[20, 3]");
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '~', delimiter = '|', value = {
            "{'type': 'lstm', 'weights': 'lstm'}, {'type': 'last_step'} | 5",
            "{'type': 'conv1d', 'weights': 'conv'}, {'type': 'relu'}, {'type': 'max_over_time'} | 6",
            "{'type': 'embedding', 'weights': 'embedding'}, {'type': 'mean_over_time'} | 2",
            "{'type': 'concat', 'branches': [[{'type': 'lstm', 'weights': 'lstm'}], [{'type': 'gru', 'weights': 'gru'}]]} | 10",
            "{'type': 'linear', 'weights': 'fc'}, {'type': 'add', 'branches': [[{'type': 'tanh'}], []]} | 4"})
    void labelsMustBeAsManyAsTheOutputs(String layers, int outputs) {
        String names = "'x', ".repeat(outputs - 1);
        assertEquals(outputs, ModelFile.open(model(layers, ", 'labels': [" + names + "'y']")).labels().size());
        Path wrong = model(layers, ", 'labels': [" + names + "'y', 'z']");
        String message = assertThrows(ModelFileException.class, () -> ModelFile.open(wrong)).getMessage();
        assertTrue(message.contains("'labels' has " + (outputs + 1) + " names") && message.contains(outputs + " outputs"),
                message);
    }

    @ParameterizedTest
    @CsvSource({"GRU, gru", "nn.LSTM, lstm", "gru2, gru", "MaxPool1d, max_pool1d", "maxpool, max_pool1d",
            "torch.nn.BatchNorm1d, batch_norm1d",
            "leakyrelu, leaky_relu", "Hardswish, hard_swish", "attention, attention_over_time"})
    void anUnknownTypeIsToldWhichOneMayBeMeant(String written, String meant) {
        String message = assertThrows(ModelFileException.class, () -> layers("{'type': '" + written + "'}")).getMessage();
        assertEquals(!meant.equals("attention_over_time"), message.contains("perhaps '" + meant + "' is meant; known are"),
                message);
    }

    @Test
    void oddNumbersAreRefusedWithWhatWasWritten() {
        assertFault("{'type': 'conv1d', 'weights': 'conv', 'stride': 3000000000}",
                "'stride' is 3000000000 where a whole number of at most 2147483647");
        assertFault("{'type': 'conv1d', 'weights': 'conv', 'padding': [1, 2, 3]}",
                "'padding' has 3 numbers, expected one, or two: [left, right]");
        assertFault("{'type': 'conv1d', 'weights': 'conv', 'groups': 1000000000}", "expected a divisor");
        assertFault("{'type': 'leaky_relu', 'negative_slope': 1e300}",
                "negative_slope is 1.0E300, expected a number that float32 can hold");
        assertFault("{'type': 'lstm', 'weights': 'lstm', 'cell_clip': 1e60}",
                "cell_clip is 1.0E60, expected a bound over 0 that float32 can hold");
    }

    @Test
    void gelusArgumentIsPartOfItsType() throws IOException {
        assertLayer(new LayerSpec.Activation(ActivationFunction.GELU), "{'type': 'gelu', 'approximate': 'none'}");
        assertLayer(new LayerSpec.Activation(ActivationFunction.GELU_TANH), "{'type': 'gelu_tanh', 'approximate': 'tanh'}");
        assertFault("{'type': 'gelu', 'approximate': 'tanh'}", "approximate is 'tanh', expected 'none'", "type 'gelu_tanh'");
    }

    @Test
    void layersThatDontFitAreNamedBeforeLabelsThatFollowFromThem() {
        Path wrong = model("{'type': 'lstm', 'weights': 'lstm'}, {'type': 'linear', 'weights': 'fc'}",
                ", 'labels': ['a'], 'ignore': ['w']");
        String message = assertThrows(ModelFileException.class, () -> ModelFile.open(wrong)).getMessage();
        assertTrue(message.startsWith(wrong + ": layers[1] 'linear' takes 10 features where the layer before it gives 5"),
                message);
    }

    @Test
    void aModelThatDoesntFitItsWeightsIsNamedByItsFile() {
        Path wrong = model("{'type': 'lstm', 'weights': 'lstm'}, {'type': 'linear', 'weights': 'fc'}", "");
        String message = assertThrows(ModelFileException.class, () -> ModelFile.open(wrong).model()).getMessage();
        assertTrue(message.startsWith(wrong + ": layers[1] 'linear' takes 10 features"), message);
    }

    @Test
    void aTensorThatIsNeededCantBeIgnored() {
        Path wrong = model("{'type': 'lstm', 'weights': 'lstm'}", ", 'ignore': ['lstm.weight_ih_l0']");
        String message = assertThrows(ModelFileException.class, () -> ModelFile.open(wrong).model()).getMessage();
        assertTrue(message.contains("'lstm.weight_ih_l0' is named under \"ignore\" although the layer needs it"), message);
    }

    @Test
    void aLoneLayerNormTakesTheTensorsThatLieBesideIt() {
        tensors.clear();
        put("weight", 6);
        put("bias", 6);
        Path json = model("{'type': 'layer_norm'}", "");
        assertEquals(2, ModelFile.open(json).weights().names().size());
    }
}
