package io.lanecell.loader;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.ActivationFunction;
import io.lanecell.KernelChoice;
import io.lanecell.LayerSpec;
import io.lanecell.ModelSpec;
import io.lanecell.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelFileTest {
    private static final String LAYERS = """
            {"type": "embedding", "weights": "embedding"},
            {"type": "lstm", "weights": "lstm", "batch_first": true},
            {"type": "last_step"},
            {"type": "dropout", "p": 0.5},
            {"type": "linear", "weights": "fc"},
            {"type": "softmax", "dim": -1}""";

    @TempDir
    Path folder;

    /** Tensors of an embedding of 3 tokens, an LSTM from 2 to 4 units, and a linear layer to 3 outputs. */
    @BeforeEach
    void writeWeights() {
        writeWeights(Map.of());
    }

    private void writeWeights(Map<String, Tensor> more) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("embedding.weight", zeros(3, 2));
        tensors.putAll(lstm("lstm.", 2, 4));
        tensors.put("fc.weight", zeros(3, 4));
        tensors.put("fc.bias", zeros(3));
        tensors.putAll(more);
        SafetensorsWriter.write(folder.resolve("weights.safetensors"), tensors, Map.of());
    }

    private static Tensor zeros(int... shape) {
        int size = 1;
        for (int extent : shape) {
            size *= extent;
        }
        return Tensor.of(new float[size], shape);
    }

    private static Map<String, Tensor> lstm(String prefix, int inputs, int units) {
        return Map.of(prefix + "weight_ih_l0", zeros(4 * units, inputs), prefix + "weight_hh_l0", zeros(4 * units, units),
                prefix + "bias_ih_l0", zeros(4 * units), prefix + "bias_hh_l0", zeros(4 * units));
    }

    private Path write(String name, String text) {
        try {
            return Files.writeString(folder.resolve(name), text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Path model(String layers, String more) {
        return write("model.json",
                "{\"format\": \"lanecell-model/1\", \"weights\": \"weights.safetensors\", \"layers\": [" + layers
                        + "]" + more + "}");
    }

    private static String message(Path path) {
        ModelFileException e = assertThrows(ModelFileException.class, () -> ModelFile.open(path));
        assertTrue(e.getMessage().startsWith(e.file() + ": "), e.getMessage());
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
        return e.getMessage();
    }

    private static void assertFault(Path path, String... words) {
        String message = message(path);
        for (String word : words) {
            assertTrue(message.contains(word), () -> "no '" + word + "' in: " + message);
        }
    }

    @Test
    void aModelJsonGivesItsChainVocabularyAndLabels() {
        writeWeights(Map.of("fc.unused", zeros(1)));
        Path json = model(LAYERS, ", \"vocabulary\": {\"kind\": \"characters\", \"tokens\": [\"a\", \"b\", \"\\n\"]},"
                + " \"labels\": [\"x\", \"y\", \"z\"], \"ignore\": [\"fc.unused\"]");
        for (ModelFile file : List.of(ModelFile.open(json), ModelFile.open(folder))) {
            assertEquals(new ModelSpec(List.of(new LayerSpec.Embedding("embedding"), new LayerSpec.Lstm("lstm", true),
                    new LayerSpec.LastStep(), new LayerSpec.Dropout(), new LayerSpec.Linear("fc"), new LayerSpec.Softmax()),
                    Set.of("fc.unused")), file.spec());
            assertEquals(8, file.weights().names().size());
            assertEquals(List.of("a", "b", "\n"), file.vocabulary().orElseThrow().tokens());
            assertEquals(List.of("x", "y", "z"), file.labels());
        }
    }

    @Test
    void aModelIsMadeWithTheKernelThatIsAskedFor() {
        ModelFile file = ModelFile.open(model(LAYERS, ""));
        assertEquals(3, file.model().outputSize());
        assertEquals(3, file.model(KernelChoice.SCALAR).outputSize());
        assertEquals(file.spec(), file.model().spec());
        assertTrue(file.vocabulary().isEmpty());
        assertEquals(List.of(), file.labels());
    }

    @Test
    void aWordVocabularyKnowsItsUnknownToken() {
        Path json = model(LAYERS, ", \"vocabulary\": {\"kind\": \"words\", \"tokens\": [\"a\", \"?\", \"b\"], \"unknown\": 1}");
        assertEquals(1, ModelFile.open(json).vocabulary().orElseThrow().encode("zebra")[0]);
    }

    @Test
    void theLastHiddenStateMayBeTakenInsteadOfTheLastStep() {
        Path json = model("{\"type\": \"lstm\", \"weights\": \"lstm\"}, {\"type\": \"final_hidden\"},"
                + "{\"type\": \"linear\", \"weights\": \"fc\"}, {\"type\": \"log_softmax\"}", "");
        assertEquals(List.of(new LayerSpec.Lstm("lstm", false), new LayerSpec.FinalHidden(), new LayerSpec.Linear("fc"),
                new LayerSpec.LogSoftmax()), ModelFile.open(json).spec().layers());
    }

    @Test
    void sizesThatAgreeWithTheWeightsAreAccepted() {
        Path json = model("{\"type\": \"embedding\", \"weights\": \"embedding\", \"num_embeddings\": 3, \"embedding_dim\": 2,"
                + "\"padding_idx\": null}, {\"type\": \"lstm\", \"weights\": \"lstm\", \"input_size\": 2, \"hidden_size\": 4,"
                + "\"num_layers\": 1, \"bias\": true, \"batch_first\": true, \"dropout\": 0, \"bidirectional\": false, \"proj_size\": 0},"
                + "{\"type\": \"linear\", \"weights\": \"fc\", \"in_features\": 4, \"out_features\": 3, \"bias\": true}", "");
        assertEquals(3, ModelFile.open(json).spec().layers().size());
    }

    @ParameterizedTest
    @CsvSource({"lstm, input_size, 3, 2", "lstm, hidden_size, 5, 4", "lstm, num_layers, 2, 1", "lstm, proj_size, 2, 0",
            "lstm, bias, false, true", "lstm, bidirectional, true, false", "fc, in_features, 9, 4", "fc, out_features, 9, 3",
            "fc, bias, false, true", "embedding, num_embeddings, 4, 3", "embedding, embedding_dim, 4, 2"})
    void aSizeThatDisagreesWithTheWeightsIsNamedWithItsLayer(String layer, String key, String claimed, String actual) {
        String type = layer.equals("fc") ? "linear" : layer;
        Path json = model(
                "{\"type\": \"dropout\"}, {\"type\": \"" + type + "\", \"weights\": \"" + layer + "\", \"" + key + "\": "
                        + claimed + "}",
                "");
        assertFault(json, "layers[1] '" + type + "'", key + " is " + claimed, "say " + actual);
    }

    @Test
    void wrongArgumentsAreNamedWithTheirLayer() {
        assertFault(model("{\"type\": \"lstm\", \"weights\": \"lstm\", \"hidden_size\": \"4\"}", ""), "layers[0] 'lstm'",
                "'hidden_size' is the string '4'", "whole number");
        assertFault(model("{\"type\": \"lstm\", \"weights\": \"lstm\", \"hidden_size\": 4.5}", ""), "4.5", "whole number");
        assertFault(model("{\"type\": \"lstm\", \"weights\": \"lstm\", \"batch_first\": 1}", ""), "'batch_first' is 1",
                "true or false");
        assertFault(model("{\"type\": \"lstm\", \"weights\": \"lstm\", \"dropout\": 2}", ""), "dropout is 2.0", "0 to 1");
        assertFault(model("{\"type\": \"dropout\", \"p\": NaN}", ""), "layers[0] 'dropout'", "p is NaN");
        assertFault(model("{\"type\": \"dropout\", \"p\": \"x\"}", ""), "'p' is the string 'x'", "a number");
        assertFault(model("{\"type\": \"softmax\", \"dim\": 1}", ""), "layers[0] 'softmax'", "dim is 1", "only -1");
        assertFault(model("{\"type\": \"embedding\", \"weights\": \"embedding\", \"padding_idx\": 3}", ""), "padding_idx is 3",
                "3 rows");
        assertFault(model("{\"type\": \"lstm\", \"weights\": [\"lstm\"]}", ""), "'weights' is an array", "a string");
    }

    @Test
    void unknownTypesAndKeysAreNamedWithTheKnownOnes() {
        assertFault(model("{\"type\": \"qrnn\", \"weights\": \"qrnn\"}", ""), "layers[0]", "type 'qrnn' is unknown",
                "embedding, lstm, gru, rnn, linear", "softmax", "leaky_relu");
        assertFault(model("{\"type\": \"lstm\", \"weights\": \"lstm\", \"hidden_sise\": 4}", ""), "layers[0] 'lstm'",
                "'hidden_sise'",
                "hidden_size");
        assertFault(model("{\"type\": \"last_step\", \"weights\": \"lstm\"}", ""), "layers[0] 'last_step'",
                "'weights' is unknown");
        assertFault(model(LAYERS, ", \"label\": []"), "'label' is unknown", "labels");
        assertFault(model("{\"kind\": \"lstm\"}", ""), "layers[0]: key 'type' is missing");
        assertFault(model("3", ""), "layers[0]", "3 where an object");
        assertFault(model("{\"type\": 3}", ""), "layers[0]", "'type' is 3");
        assertFault(model("", ""), "'layers' is missing or empty");
        assertFault(model(LAYERS, ", \"labels\": [1]"), "'labels[0]' is 1", "a string");
        assertFault(model(LAYERS, ", \"ignore\": \"x\""), "'ignore' is the string 'x'", "an array");
    }

    @Test
    void whatIsToBeIgnoredMustBeThere() {
        writeWeights(Map.of("fc.unused", zeros(1)));
        assertFault(model(LAYERS, ", \"ignore\": [\"fc.unused\", \"fc.unusde\"]"),
                "key 'ignore' names the tensor 'fc.unusde', which the weights don't hold: write 'fc.unused' if that is meant, or"
                        + " take it off the list");
        assertFault(model(LAYERS, ", \"ignore\": [\"fc\"]"), "names the tensor 'fc'", "each tensor's whole name, such as 'fc.");
        assertFault(model(LAYERS, ", \"ignore\": [\"unused\"]"), "write 'fc.unused' if that is meant");
        assertFault(model(LAYERS, ", \"ignore\": [\"\"]"), "names the tensor '', which the weights don't hold: take it off");
        assertFault(model(LAYERS, ", \"ignore\": [\"optimizer.state\"]"), "which the weights don't hold: take it off");
        assertFault(model(LAYERS, ", \"ignore\": [\"" + "n".repeat(100_000) + "\"]"), "100000 characters", "take it off");
    }

    @Test
    void aMissingOrForeignFormatIsNamed() {
        assertFault(write("model.json", "{\"layers\": []}"), "'format'", "'module'");
        assertFault(write("model.json", "{\"format\": \"lanecell-model/2\"}"), "'lanecell-model/2'", "'lanecell-model/1'");
        assertFault(write("model.json", "[]"), "format");
        assertFault(write("model.json", ""), "is empty");
        assertFault(write("model.json", "{\"format\": "), "not valid JSON", "line 1");
    }

    @Test
    void layersWithoutNamedWeightsAreFineOnlyWhenAlone() {
        SafetensorsWriter.write(folder.resolve("weights.safetensors"), lstm("", 2, 4), Map.of());
        assertEquals(List.of(new LayerSpec.Lstm("", false), new LayerSpec.LastStep()),
                ModelFile.open(model("{\"type\": \"lstm\"}, {\"type\": \"last_step\"}", "")).spec().layers());
        assertFault(model("{\"type\": \"lstm\"}, {\"type\": \"linear\", \"weights\": \"fc\"}", ""), "layers[0] 'lstm'",
                "'weights' is missing");
    }

    @Test
    void missingAndMisshapenTensorsAreNamedWithTheirLayer() {
        assertFault(model("{\"type\": \"dropout\"}, {\"type\": \"lstm\", \"weights\": \"rnn\"}", ""), "layers[1] 'lstm'",
                "'rnn.weight_ih_l0' is missing", "'embedding.weight'", "and 1 more");
        assertFault(model("{\"type\": \"linear\", \"weights\": \"lstm\"}", ""), "layers[0] 'linear'", "'lstm.weight' is missing");
        SafetensorsWriter.write(folder.resolve("weights.safetensors"),
                Map.of("a.weight", zeros(3), "b.weight_ih_l0", zeros(6, 2)), Map.of());
        assertFault(model("{\"type\": \"linear\", \"weights\": \"a\"}", ""), "'a.weight' is F32[3]", "2 dimensions");
        assertFault(model("{\"type\": \"lstm\", \"weights\": \"b\"}", ""), "'b.weight_ih_l0' is F32[6, 2]", "4 × hidden_size");
    }

    @Test
    void lstmLayersOfTwoLayoutsAreRefused() {
        assertFault(model(
                "{\"type\": \"lstm\", \"weights\": \"lstm\"}, {\"type\": \"lstm\", \"weights\": \"lstm\", \"batch_first\": true}",
                ""), "batch_first");
    }

    @Test
    void aVocabularyMustFitTheEmbeddingAndLabelsTheOutputs() {
        assertFault(model(LAYERS, ", \"vocabulary\": {\"kind\": \"characters\", \"tokens\": [\"a\"]}"),
                "'vocabulary' has 1 tokens", "3 rows");
        assertFault(model(LAYERS, ", \"labels\": [\"a\"]"), "'labels' has 1 names", "3 outputs");
        assertFault(
                model("{\"type\": \"lstm\", \"weights\": \"lstm\"}",
                        ", \"vocabulary\": {\"kind\": \"characters\", \"tokens\": [\"a\"]}"),
                "begins with an embedding", "lstm");
        assertFault(model(LAYERS, ", \"vocabulary\": {\"kind\": \"bytes\", \"tokens\": [\"a\"]}"), "vocabulary: kind 'bytes'",
                "words");
        assertFault(model(LAYERS, ", \"vocabulary\": {\"kind\": \"characters\"}"), "'tokens' is missing");
        assertFault(model(LAYERS, ", \"vocabulary\": {\"tokens\": [\"a\"]}"), "vocabulary: key 'kind' is missing");
        assertFault(model(LAYERS, ", \"vocabulary\": {\"kind\": \"characters\", \"tokens\": [\"a\", \"a\", \"b\"]}"), "both 'a'");
        assertFault(model(LAYERS, ", \"vocabulary\": [\"a\"]"), "vocabulary", "an array where an object");
        assertFault(model(LAYERS, ", \"vocabulary\": {\"kind\": \"words\", \"tokens\": [\"a\"], \"size\": 1}"),
                "'size' is unknown");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../weights.safetensors", "/etc/passwd", "sub/../../x", "..", "", ".", "a/../weights.safetensors"})
    void weightsOutsideTheFolderAreRefused(String name) {
        assertFault(
                write("model.json",
                        "{\"format\": \"lanecell-model/1\", \"layers\": [{\"type\": \"lstm\"}], \"weights\": \"" + name + "\"}"),
                "'weights' is '" + name + "'", "same folder");
    }

    @Test
    void aNameThatNoFileCanHaveIsRefused() {
        assertFault(
                write("model.json",
                        "{\"format\": \"lanecell-model/1\", \"layers\": [{\"type\": \"lstm\"}], \"weights\": \"a\\u0000b\"}"),
                "can't be the name of a file");
    }

    @Test
    void missingWeightsAreNamedByTheirPath() {
        Path json = write("model.json",
                "{\"format\": \"lanecell-model/1\", \"layers\": [{\"type\": \"lstm\"}], \"weights\": \"w.pt\"}");
        WeightFileException e = assertThrows(WeightFileException.Unreadable.class, () -> ModelFile.open(json));
        assertEquals(folder.resolve("w.pt"), e.file());
    }

    @Test
    void weightsInASubfolderAndWeightsBesideAreFound() throws IOException {
        Files.createDirectory(folder.resolve("sub"));
        Files.move(folder.resolve("weights.safetensors"), folder.resolve("sub/w.safetensors"));
        Path json = write("model.json",
                "{\"format\": \"lanecell-model/1\", \"layers\": [" + LAYERS + "], \"weights\": \"sub/w.safetensors\"}");
        assertEquals(7, ModelFile.open(json).weights().names().size());
        write("model.json", "{\"format\": \"lanecell-model/1\", \"layers\": [" + LAYERS + "]}");
        assertFault(json, "no weight file");
        Files.move(folder.resolve("sub/w.safetensors"), folder.resolve("any.bin"));
        assertEquals(7, ModelFile.open(json).weights().names().size());
        assertEquals(7, ModelFile.open(json, folder.resolve("any.bin")).weights().names().size());
        assertEquals(7, ModelFile.open(folder, folder.resolve("any.bin")).weights().names().size());
    }

    @Test
    void aDescriptionWithOtherWeightsTakesThose() throws IOException {
        Path json = model(LAYERS, "");
        Path other = folder.resolve("other.safetensors");
        Files.move(folder.resolve("weights.safetensors"), other);
        assertEquals(7, ModelFile.open(json, other).weights().names().size());
        assertThrows(ModelFileException.class, () -> ModelFile.open(other, other));
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertTrue(assertThrows(ModelFileException.class, () -> ModelFile.open(empty, other)).getMessage()
                .contains("neither a model.json"));
    }

    @Test
    void weightsOfALoneLstmNeedNoDescription() {
        Path file = folder.resolve("lone.safetensors");
        for (String prefix : List.of("", "lstm.", "model_state_dict.net.rnn.")) {
            SafetensorsWriter.write(file, lstm(prefix, 3, 5), Map.of());
            LayerSpec expected = new LayerSpec.Lstm(prefix.isEmpty() ? "" : prefix.substring(0, prefix.length() - 1), false);
            assertEquals(ModelSpec.of(expected), ModelFile.open(file).spec());
            assertEquals(5, ModelFile.open(file).model().outputSize());
        }
    }

    @Test
    void aLoneGruOrRnnIsKnownByItsRowsForEachUnit() {
        Path file = folder.resolve("lone.safetensors");
        SafetensorsWriter.write(file, Map.of("g.weight_ih_l0", zeros(15, 2), "g.weight_hh_l0", zeros(15, 5)), Map.of());
        assertEquals(ModelSpec.of(new LayerSpec.Gru("g", false)), ModelFile.open(file).spec());
        assertEquals(List.of(), ModelFile.open(file).assumptions());
        SafetensorsWriter.write(file, Map.of("weight_ih", zeros(5, 2), "weight_hh", zeros(5, 5)), Map.of());
        assertEquals(ModelSpec.of(new LayerSpec.Rnn("", false, ActivationFunction.TANH)), ModelFile.open(file).spec());
        assertTrue(ModelFile.open(file).assumptions().getFirst().contains("tanh is assumed"));
        SafetensorsWriter.write(file, Map.of("weight_ih_l0", zeros(12, 2), "weight_hh_l0", zeros(12, 3), "weight_ci_l0", zeros(3),
                "weight_cf_l0", zeros(3), "weight_co_l0", zeros(3)), Map.of());
        assertEquals(ModelSpec.of(new LayerSpec.Lstm("", false)), ModelFile.open(file).spec());
    }

    @Test
    void aSafetensorsFileWhoseLengthIsABraceIsNoJson() throws IOException {
        Path file = folder.resolve("lone.safetensors");
        SafetensorsWriter.write(file, lstm("", 1, 1), Map.of());
        byte[] bytes = Files.readAllBytes(file);
        int length = bytes[0] & 0xff | (bytes[1] & 0xff) << 8;
        int padded = length + 256 - length % 256 + '{';
        byte[] longer = new byte[bytes.length + padded - length];
        longer[0] = '{';
        longer[1] = (byte) (padded >> 8);
        System.arraycopy(bytes, 8, longer, 8, length);
        java.util.Arrays.fill(longer, 8 + length, 8 + padded, (byte) ' ');
        Files.write(file, longer);
        assertEquals(ModelSpec.of(new LayerSpec.Lstm("", false)), ModelFile.open(file).spec());
    }

    @Test
    void weightsOfSomethingElseSayWhatTheyAre() {
        assertFault(folder.resolve("weights.safetensors"), "none of a single recurrent layer", "'embedding.weight'",
                "model.json");
        Path file = folder.resolve("lone.safetensors");
        SafetensorsWriter.write(file, Map.of("weight_ih_l0", zeros(10, 2), "weight_hh_l0", zeros(10, 5)), Map.of());
        assertFault(file, "'weight_hh_l0' is F32[10, 5]", "4 rows for each column (LSTM), 3 (GRU) or 1 (RNN)");
        Map<String, Tensor> two = new LinkedHashMap<>(lstm("a.", 1, 1));
        two.putAll(lstm("b.", 1, 1));
        SafetensorsWriter.write(file, two, Map.of());
        assertFault(file, "several recurrent layers", "'a', 'b'");
        SafetensorsWriter.write(file, Map.of(), Map.of());
        assertFault(file, "no tensors");
    }

    @Test
    void aConfigJsonGivesTheTorchClassItNames() {
        SafetensorsWriter.write(folder.resolve("weights.safetensors"), lstm("", 2, 4), Map.of());
        assertEquals(ModelSpec.of(new LayerSpec.Lstm("", true)),
                ModelFile.open(config("torch.nn.LSTM",
                        "{\"input_size\": 2, \"hidden_size\": 4, \"batch_first\": true, \"dtype\": null}")).spec());
        config("torch.nn.LSTMCell", "{\"bias\": true}");
        SafetensorsWriter.write(folder.resolve("cell.safetensors"), Map.of("weight_ih", zeros(4, 2), "weight_hh", zeros(4, 1),
                "bias_ih", zeros(4), "bias_hh", zeros(4)), Map.of());
        assertEquals(ModelSpec.of(new LayerSpec.Lstm("", false)),
                ModelFile.open(folder, folder.resolve("cell.safetensors")).spec());
        assertFault(config("torch.nn.LSTM", "{\"hidden_size\": 5}"), "torch.nn.LSTM", "hidden_size is 5", "say 4");
        assertFault(config("torch.nn.LSTM", "{\"hidden\": 5}"), "torch.nn.LSTM", "'hidden' is unknown");
        assertFault(config("torch.nn.LSTMCell", "{\"batch_first\": true}"), "torch.nn.LSTMCell", "'batch_first' is unknown");
        assertFault(config("torch.nn.Linear", "{}"), "torch.nn.Linear", "'weight' is missing");
    }

    @Test
    void softmaxNeedsNoWeights() throws IOException {
        Files.delete(folder.resolve("weights.safetensors"));
        assertEquals(ModelSpec.of(new LayerSpec.Softmax()), ModelFile.open(config("torch.nn.Softmax", "{\"dim\": -1}")).spec());
        assertEquals(ModelSpec.of(new LayerSpec.LogSoftmax()), ModelFile.open(config("torch.log_softmax", "{}")).spec());
        assertFault(config("torch.softmax", "{\"dim\": 0}"), "torch.softmax", "dim is 0");
        assertFault(config("torch.nn.LSTM", "{}"), "no weight file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"torch.nn.Conv2d", "torch.nn.MultiheadAttention", "torch.LSTM", "torch.nn.relu", "torch.cumsum"})
    void torchClassesThatAreNotSupportedAreNamed(String module) {
        assertFault(config(module, "{}"), "'" + module + "' is not supported", "LSTM, LSTMCell", "torch.elu, gelu");
    }

    @Test
    void anAuthorsOwnClassNeedsAModelJson() {
        assertFault(config("my_models.Net", "{}"), "'my_models.Net'", "model.json");
    }

    private Path config(String module, String args) {
        return write("config.json", "{\"case\": \"c\", \"module\": \"" + module + "\", \"args\": " + args + ", \"seed\": 1}");
    }

    @Test
    void everyGoldenCaseOpensWithEachOfItsWeightFiles() {
        Path golden = Shared.golden("");
        int opened = 0;
        for (String group : List.of("lstm", "gru", "rnn", "cell", "layer")) {
            for (Path directory : Shared.folders(golden.resolve(group)).toList()) {
                CaseDirectory golds = CaseDirectory.open(directory);
                ModelFile model = ModelFile.open(directory);
                for (Path weights : golds.weightFiles().keySet()) {
                    if (!weights.toString().contains("legacy")) {
                        Shared.assertSameTensors(model.weights(), ModelFile.open(directory, weights).weights());
                    }
                }
                opened++;
            }
        }
        assertTrue(opened > 200, "only " + opened + " golden cases were opened");
    }
}
