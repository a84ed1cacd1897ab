package io.lanecell.loader;

import static io.lanecell.loader.Fault.assertFault;
import static io.lanecell.loader.Fault.assertRemark;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Descriptions of Keras models over variables made here, with each thing that can be said, left away or contradict. */
class KerasModelTest {
    private final NavigableMap<String, Tensor> datasets = new TreeMap<>();
    private final NavigableMap<String, String> unread = new TreeMap<>();
    private Source source;

    private void put(String path, int... shape) {
        float[] values = new float[(int) Shapes.elements(shape)];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        datasets.put(path, Tensor.of(values, shape));
    }

    private static String layer(String className, String name, String... config) {
        StringBuilder json = new StringBuilder("{'class_name': '" + className + "', 'config': {'name': '" + name + "'");
        for (String entry : config) {
            json.append(", ").append(entry);
        }
        return json + "}}";
    }

    private Weights convert(String... layers) {
        source = Source.of(Path.of("m.keras"), new byte[1]);
        String json = "{'config': {'layers': [" + String.join(", ", layers) + "]}}";
        return new KerasModel(source, new KerasVariables.Numbered(datasets, unread)).convert(json.replace('\'', '"'), "");
    }

    private void fault(Class<? extends WeightFileException> kind, String layer, String... words) {
        assertFault(kind, () -> convert(layer), words);
    }

    private void cell(String group, int inputs, int rows, int units, int... bias) {
        put(group + "/vars/0", inputs, rows);
        put(group + "/vars/1", units, rows);
        put(group + "/vars/2", bias.length == 0 ? new int[]{rows} : bias);
    }

    @Test
    void aModelWithoutLayersOfOursOrWithoutNamesIsRefused() {
        assertFault(WeightFileException.Malformed.class, this::convert, "describes no layer whose weights are read");
        fault(WeightFileException.Malformed.class, layer("Dropout", "d"), "describes no layer");
        fault(WeightFileException.Malformed.class, layer("Dense", ""), "a layer without a class_name or a name");
        fault(WeightFileException.Malformed.class, layer("", "d"), "a layer without a class_name or a name");
        fault(WeightFileException.Malformed.class, "{'x': }", "description is not valid JSON");
        fault(WeightFileException.Malformed.class, layer("Dense", "d"),
                "layer 'd' (Dense) has no variable kernel under 'layers/dense'");
        put("layers/dense/vars/0", 2, 3);
        assertEquals(List.of("top.weight"), List.copyOf(convert("{'class_name': 'Dense', 'name': 'top', 'config': {}}").names()));
    }

    @Test
    void aBiasThatIsSaidToBeThereAndIsNotIsRefused() {
        put("layers/dense/vars/0", 2, 3);
        fault(WeightFileException.Malformed.class, layer("Dense", "d", "'use_bias': true"), "'d' (Dense) has no variable bias");
        assertEquals(List.of("d.weight"), List.copyOf(convert(layer("Dense", "d", "'use_bias': false")).names()));
        put("layers/conv1d/vars/0", 2, 3, 4);
        fault(WeightFileException.Malformed.class, layer("Conv1D", "c", "'use_bias': true"), "'c' (Conv1D) has no variable bias");
    }

    @Test
    void aVariableOfATypeThatIsNotReadIsRefusedWhereALayerNeedsItAlsoWhereItCouldBeMissing() {
        put("layers/dense/vars/0", 2, 3);
        unread.put("layers/dense/vars/1", "FloatingPoint, 4 bytes, big-endian");
        fault(WeightFileException.Unsupported.class, layer("Dense", "d"),
                "layer 'd' (Dense) has a variable of a type that is not read, dataset 'layers/dense/vars/1'", "big-endian");
        unread.clear();
        cell("layers/lstm/cell", 2, 8, 2);
        unread.put("layers/lstm/cell/vars/3", "FixedPoint, 8 bytes");
        convert(layer("LSTM", "l"));
        KerasVariables named = new KerasVariables.Named(source, datasets, unread);
        unread.put("model_weights/b/b/backward_lstm/kernel:0", "CompoundDataType, 8 bytes");
        assertEquals(Optional.empty(), named.unread("model_weights/b", KerasVariables.Part.FORWARD, false, List.of("kernel")));
        assertEquals(Optional.empty(), named.unread("model_weights/b", KerasVariables.Part.BACKWARD, false, List.of("bias")));
        assertEquals("CompoundDataType, 8 bytes", named
                .unread("model_weights/b", KerasVariables.Part.BACKWARD, false, List.of("kernel")).orElseThrow().getValue());
    }

    @Test
    void modelsInModelsAreReadTo16Levels() {
        String path = "";
        String inner = layer("Dense", "d");
        for (int i = 0; i < 16; i++) {
            inner = "{'class_name': 'Functional', 'config': {'name': 'm', 'layers': [" + inner + "]}}";
            path += "layers/functional/";
        }
        put(path + "layers/dense/vars/0", 1, 1);
        assertEquals(List.of("m.".repeat(16) + "d.weight"), List.copyOf(convert(inner).names()));
        String deeper = "{'class_name': 'Functional', 'config': {'name': 'm', 'layers': [" + inner + "]}}";
        fault(WeightFileException.Malformed.class, deeper, "models in models deeper than 16 levels");
    }

    @Test
    void classesAreNumberedByTheirNamesInSnakeCase() {
        put("layers/lstm/cell/vars/0", 1, 4);
        put("layers/lstm/cell/vars/1", 1, 4);
        put("layers/lstm/cell/vars/2", 4);
        put("layers/lstm_1/cell/vars/0", 2, 4);
        put("layers/lstm_1/cell/vars/1", 1, 4);
        put("layers/lstm_1/cell/vars/2", 4);
        put("layers/own/vars/0", 5, 6);
        put("layers/time_distributed/layer/vars/0", 7, 8);
        put("layers/conv1d/vars/0", 3, 2, 1);
        Weights weights = convert(layer("LSTM", "a"), layer("LSTM", "b"), layer("Dense", "own"), layer("Conv1D", "c"),
                layer("TimeDistributed", "t", "'layer': " + layer("Dense", "x")));
        assertEquals("F32[4, 1]", weights.get("a.weight_ih_l0").toString());
        assertEquals("F32[4, 2]", weights.get("b.weight_ih_l0").toString());
        assertEquals("F32[6, 5]", weights.get("own.weight").toString());
        assertEquals("F32[8, 7]", weights.get("t.weight").toString());
        assertEquals("F32[1, 2, 3]", weights.get("c.weight").toString());
    }

    @Test
    void bothDirectionsMustBeOfOneKindThatWeHave() {
        String own = "'backward_layer': " + layer("GRU", "back");
        String lstm = "'layer': " + layer("LSTM", "inner");
        fault(WeightFileException.Unsupported.class, layer("Bidirectional", "b", lstm, own), "layers of two kinds");
        fault(WeightFileException.Unsupported.class, layer("Bidirectional", "b", "'layer': " + layer("ConvLSTM", "x")),
                "layer 'b' (Bidirectional) runs 'ConvLSTM' in both directions");
        cell("layers/bidirectional/forward_layer/cell", 2, 4, 1);
        cell("layers/bidirectional/backward_layer/cell", 2, 4, 1);
        for (String mode : List.of("'sum'", "null", "'concat'")) {
            convert(layer("Bidirectional", "b", lstm, "'backward_layer': " + layer("LSTM", "back", "'use_bias': false"),
                    "'merge_mode': " + mode));
            assertEquals(mode.equals("'concat'") ? 2 : 3, source.remarks().size(), source.remarks()::toString);
        }
        Weights weights = convert(layer("Bidirectional", "b", lstm));
        assertRemark(source.remarks(), "layer 'b' (Bidirectional) merges its directions by 'none'");
        assertEquals(8, weights.names().size());
    }

    @Test
    void normsSayWhichOfTheirWeightsTheyHave() {
        put("layers/layer_normalization/vars/0", 3);
        Weights bias = convert(layer("LayerNormalization", "n", "'scale': false", "'epsilon': 0.5"));
        assertEquals(List.of("n.bias"), List.copyOf(bias.names()));
        assertRemark(source.remarks(), "has only a bias", "add ones as its weight");
        assertRemark(source.remarks(), "layer 'n' (LayerNormalization): beta is bias, in model.json set eps to 0.5");
        assertEquals(List.of("n.weight"), List.copyOf(convert(layer("LayerNormalization", "n", "'center': false")).names()));
        assertRemark(source.remarks(), "has only a weight", "add zeros as its bias");
        assertRemark(source.remarks(), "gamma is weight, in model.json set eps to 0.001");
        put("layers/batch_normalization/vars/0", 3);
        put("layers/batch_normalization/vars/1", 3);
        Weights batch = convert(layer("BatchNormalization", "n", "'center': false", "'scale': false"));
        assertEquals(List.of("n.running_mean", "n.running_var"), List.copyOf(batch.names()));
        assertEquals(List.of("layer 'n' (BatchNormalization): in model.json set eps to 0.001"), source.remarks());
        fault(WeightFileException.Malformed.class, layer("BatchNormalization", "n"), "no variable moving_mean");
    }

    @Test
    void activationsAreSaidWhereWeHaveThemAndRefusedElsewhere() {
        cell("layers/lstm/cell", 1, 4, 1);
        cell("layers/gru/cell", 1, 3, 1, 2, 3);
        cell("layers/simple_rnn/cell", 1, 1, 1);
        convert(layer("LSTM", "l", "'activation': 'tanh'", "'recurrent_activation': 'hard_sigmoid'"));
        assertRemark(source.remarks(), "activation 'tanh' and recurrent_activation 'hard_sigmoid'", "gate_activation",
                "hard_sigmoid_keras2");
        convert(layer("LSTM", "l", "'activation': null", "'recurrent_activation': 'sigmoid'"));
        assertRemark(source.remarks(), "has activation 'linear' and recurrent_activation 'sigmoid'");
        convert(layer("LSTM", "l", "'activation': {'config': 'gelu'}"));
        assertRemark(source.remarks(), "has activation 'gelu'");
        fault(WeightFileException.Unsupported.class, layer("LSTM", "l", "'activation': {}"), "activation '?' and");
        fault(WeightFileException.Unsupported.class, layer("LSTM", "l", "'recurrent_activation': 'mine'"), "'tanh'", "'mine'");
        convert(layer("GRU", "g"));
        assertEquals(1, source.remarks().size());
        fault(WeightFileException.Unsupported.class, layer("GRU", "g", "'activation': 'relu'"), "has activation 'relu'");
        fault(WeightFileException.Unsupported.class, layer("GRU", "g", "'recurrent_activation': 'relu'"), "'relu'");
        fault(WeightFileException.Unsupported.class, layer("GRU", "g", "'reset_after': false"), "reset_after=False");
        convert(layer("SimpleRNN", "r", "'recurrent_activation': 'relu'"));
        assertEquals(1, source.remarks().size());
        convert(layer("SimpleRNN", "r", "'activation': 'relu'"));
        assertRemark(source.remarks(), "has activation 'relu': say so in model.json (nonlinearity)");
        fault(WeightFileException.Unsupported.class, layer("SimpleRNN", "r", "'activation': 'elu'"), "'elu'");
        fault(WeightFileException.Unsupported.class, layer("SimpleRNN", "r", "'go_backwards': true"), "runs backwards only");
    }

    @Test
    void paddingActivationsAndLayersLeftOutAreReported() {
        put("layers/conv1d/vars/0", 3, 2, 1);
        convert(layer("Conv1D", "c", "'padding': 'causal'", "'activation': 'relu'"));
        assertRemark(source.remarks(), "layer 'c' (Conv1D) pads (causal)");
        assertRemark(source.remarks(), "layer 'c' (Conv1D) has activation 'relu'");
        convert(layer("Conv1D", "c"));
        assertEquals(1, source.remarks().size());
        put("layers/dense/vars/0", 1, 1);
        put("layers/conv2_d/vars/0", 1);
        put("layers/embedding/vars/0", 4, 2);
        Weights weights = convert(layer("Dense", "d"), layer("Conv2D", "e"), layer("Dropout", "f"), layer("Embedding", "g"));
        assertEquals(List.of("d.weight", "g.weight"), List.copyOf(weights.names()));
    }

    @Test
    void theReportSaysWhatBecameOfEachCellsBias() {
        cell("layers/lstm/cell", 1, 4, 1);
        cell("layers/gru/cell", 1, 3, 1, 2, 3);
        convert(layer("LSTM", "l"));
        String turned = ": kernels transposed to weight_ih_l0 and weight_hh_l0";
        assertEquals(List.of("layer 'l'" + turned + ", the bias is bias_ih, bias_hh is zeros"), source.remarks());
        convert(layer("LSTM", "l", "'use_bias': false"));
        assertEquals(List.of("layer 'l'" + turned), source.remarks());
        convert(layer("GRU", "g"));
        assertEquals(List.of("layer 'g'" + turned + ", gates z r h reordered to r z n, the two biases split"), source.remarks());
    }

    @Test
    void tensorsOfTheWrongShapeAreNamed() {
        KerasTensors tensors = new KerasTensors(Source.of(Path.of("m.keras"), new byte[1]));
        put("v", 3);
        put("m", 2, 3);
        put("c", 2, 3, 4);
        Tensor vector = datasets.get("v");
        Tensor matrix = datasets.get("m");
        Tensor cube = datasets.get("c");
        var none = java.util.Optional.<Tensor>empty();
        shape(() -> tensors.dense("d", vector, none), "layer 'd' has a kernel of shape [3], expected [inputs, units]");
        shape(() -> tensors.dense("d", matrix, java.util.Optional.of(matrix)), "a bias of shape [2, 3], expected [3]");
        shape(() -> tensors.conv1d("d", matrix, none), "expected [width, inputs, filters]");
        shape(() -> tensors.conv1d("d", cube, java.util.Optional.of(vector)), "bias of shape [3], expected [4]");
        var rnn = KerasTensors.Cell.SIMPLE_RNN;
        put("square", 3, 3);
        Tensor square = datasets.get("square");
        shape(() -> tensors.recurrent(rnn, "r", "_l0", matrix, vector, none),
                "recurrent kernel of shape [3], expected [units, 1·units]");
        shape(() -> tensors.recurrent(rnn, "r", "_l0", matrix, matrix, none), "recurrent kernel of shape [2, 3]");
        shape(() -> tensors.recurrent(rnn, "r", "_l0", vector, square, none), "kernel of shape [3], expected [inputs, 3]");
        shape(() -> tensors.recurrent(rnn, "r", "_l0", TensorLayouts.rows(square, 0, 3), square, java.util.Optional.of(matrix)),
                "bias of shape [2, 3], expected [3]");
        shape(() -> tensors.recurrent(rnn, "s", "_l0", square, square, java.util.Optional.of(TensorLayouts.rows(vector, 0, 2))),
                "bias of shape [2], expected [3]");
        put("wide", 2, 6);
        shape(() -> tensors.recurrent(rnn, "t", "_l0", datasets.get("wide"), square, none), "[2, 6], expected [inputs, 3]");
        put("gru", 1, 3);
        shape(() -> tensors.recurrent(KerasTensors.Cell.GRU, "g", "_l0", datasets.get("gru"), datasets.get("gru"),
                java.util.Optional.of(square)), "bias of shape [3, 3], expected [2, 3]");
        assertFault(WeightFileException.Unsupported.class, () -> tensors.recurrent(KerasTensors.Cell.GRU, "h", "_l0",
                datasets.get("gru"), datasets.get("gru"), java.util.Optional.of(vector)), "'h' is a GRU with one bias");
        tensors.same("x", "weight", vector);
        shape(() -> tensors.same("x", "weight", vector), "has two tensors 'x.weight'");
    }

    private static void shape(org.junit.jupiter.api.function.Executable conversion, String words) {
        assertFault(WeightFileException.Malformed.class, conversion, words);
    }

    @Test
    void anArchiveHasADescriptionOfAtMost16MegabytesAndWeights() {
        byte[] config = new TorchZip().top("config.json", "{}".getBytes(StandardCharsets.US_ASCII)).bytes();
        keras(config, "a Keras archive without model.weights.h5");
        keras(new TorchZip().top("model.weights.h5", new byte[1]).bytes(), "a Keras archive without config.json");
        byte[] large = new TorchZip().top("config.json", new byte[(16 << 20) + 1]).top("model.weights.h5", new byte[1]).deflated()
                .bytes();
        keras(large, "config.json has 16777217 bytes, at most 16777216 are read");
    }

    @Test
    void aDescriptionOfExactly16MegabytesIsReadSoThatTheWeightsAreLookedAt() {
        byte[] longest = new TorchZip().top("config.json", new byte[16 << 20]).top("model.weights.h5", new byte[1]).bytes();
        keras(longest, "is not valid HDF5");
    }

    @Test
    void everyCharacterOfADescriptionCosts30Bytes() {
        byte[] keras = FuzzSeeds.keras("layers.keras");
        ZipDirectory zip = Source.of(Path.of("m.keras"), keras).zip();
        String json = new String(zip.content("config.json").inMemory().toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
        byte[] weights = zip.content("model.weights.h5").inMemory().toArray(ValueLayout.JAVA_BYTE);
        long[] costs = new long[2];
        for (int i = 0; i < 2; i++) {
            byte[] config = (json + " ".repeat(10_000 + 1000 * i)).getBytes(StandardCharsets.UTF_8);
            byte[] file = new TorchZip().top("config.json", config).top("model.weights.h5", weights).bytes();
            costs[i] = Cost.of(file, source -> new KerasReader().read(source));
        }
        assertEquals(30 * 1000, costs[1] - costs[0], "2 as text, 28 as a tree of values");
    }

    /** What converting these layers costs beside the characters of their description. */
    private long cost(String... layers) {
        String json = "{'config': {'layers': [" + String.join(", ", layers) + "]}}";
        return Cost.of(new byte[1], source -> new KerasModel(source, new KerasVariables.Numbered(datasets, new TreeMap<>()))
                .convert(json.replace('\'', '"'), "")) - 28L * json.length();
    }

    @Test
    void namesOfLayersAndOfTheModelsAroundThemAreChargedFor() {
        put("layers/dense/vars/0", 1, 1);
        long alone = cost(layer("Dense", "d"));
        assertEquals(16 * ("xy".length() + "Dropout".length()), cost(layer("Dense", "d"), layer("Dropout", "xy")) - alone);
        String model = "{'class_name': 'Functional', 'config': {'name': 'inner', 'layers': [" + layer("Dropout", "xy") + "]}}";
        int around = "inner".length() + "Functional".length();
        int inside = 2 * "inner.".length() + "layers/functional/".length() + "xy".length() + "Dropout".length();
        assertEquals(16 * (around + inside), cost(layer("Dense", "d"), model) - alone);
    }

    private static void keras(byte[] zip, String words) {
        assertFault(WeightFileException.Malformed.class, () -> new KerasReader().read(Source.of(Path.of("m.keras"), zip)), words);
    }

    @Test
    void variablesOfOlderVersionsAreFoundByTheirNames() {
        put("model_weights/b/b/forward_lstm/kernel:0", 1);
        put("model_weights/b/b/backward_lstm/kernel:0", 2);
        put("model_weights/b/b/backward_lstm/bias:0", 3);
        KerasVariables named = new KerasVariables.Named(Source.of(Path.of("m.h5"), new byte[1]), datasets, unread);
        List<String> roles = List.of("kernel");
        assertArrayEquals(new int[]{1},
                named.find("model_weights/b", KerasVariables.Part.FORWARD, false, roles).get("kernel").shape());
        var back = named.find("model_weights/b", KerasVariables.Part.BACKWARD, false, roles);
        assertArrayEquals(new int[]{2}, back.get("kernel").shape());
        assertEquals(1, back.size());
        datasets.clear();
        put("g/forward_lstm/kernel:0", 1);
        assertEquals(0, named.find("g", KerasVariables.Part.BACKWARD, false, roles).size(), "only forward");
        assertEquals(64 + 2 * "g/forward_lstm/kernel:0".length(), Cost.of(new byte[1],
                source -> new KerasVariables.Named(source, datasets, new TreeMap<>()).find("g", KerasVariables.Part.CELL, false,
                        roles)));
        assertEquals("x/y", named.group("x/", "LSTM", "y", null));
        assertEquals(0, named.find("model_weights/c", KerasVariables.Part.CELL, false, roles).size());
    }
}
