package io.lanecell.loader;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** RTNeural's and Neural Amp Modeler's files, and state dicts in JSON. */
class JsonWeightsReaderTest {
    private static Path shared(String name) {
        Path path = Path.of("../../shared").resolve(name);
        Assumptions.assumeTrue(Files.exists(path), "SKIPPED: no third-party data at " + path.toAbsolutePath().normalize());
        return path;
    }

    private static WeightFile.Content read(String json) {
        Source source = Source.of(Path.of("x.json"), json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
        assertEquals(WeightFile.Format.JSON, FormatDetector.detect(source));
        return new WeightFile.Content(WeightFile.Format.JSON, new JsonWeightsReader().read(source), source.remarks());
    }

    private static void assertFault(Class<? extends WeightFileException> kind, String json, String... words) {
        WeightFileException e = assertThrows(kind, () -> read(json));
        for (String word : words) {
            assertTrue(e.getMessage().contains(word), () -> "no '" + word + "' in: " + e.getMessage());
        }
    }

    @Test
    void theAmpModelersListBecomesTheStateDictItWasMadeFrom() {
        Weights expected = WeightFile.load(shared("real/nam_lstm/weights.safetensors"));
        Weights given = WeightFile.load(shared("real/nam_lstm/golden.safetensors"));
        WeightFile.Content nam = WeightFile.open(shared("real/nam_lstm/lstm.nam"), Progress.NONE);
        expected.tensors().forEach((name, tensor) -> Shared.assertSame(name, tensor, nam.weights().get(name)));
        Shared.assertSame("h0", given.get("h0"), nam.weights().get("h0"));
        Shared.assertSame("c0", given.get("c0"), nam.weights().get("c0"));
        assertEquals(expected.names().size() + 2, nam.weights().names().size());
        assertEquals(2, nam.remarks().size());
    }

    /** The numbers one by one, from the JSON: kernel [i][j] is weight [j][i], a GRU's blocks z r h are r z n. */
    @ParameterizedTest
    @CsvSource({"lstm,1", "lstm_1d,0", "gru,1", "gru_1d,0"})
    void rtNeuralsRecurrentLayersComeInPyTorchsLayout(String name, int layer) {
        Path file = shared("thirdparty/rtneural/" + name + ".json");
        JsonNode own = JsonFile.read(file).get("layers").get(layer).get("weights");
        Weights weights = WeightFile.load(file);
        int units = own.get(1).size();
        boolean gru = name.startsWith("gru");
        int[] blocks = gru ? new int[]{1, 0, 2} : new int[]{0, 1, 2, 3};
        String[] matrices = {"weight_ih_l0", "weight_hh_l0"};
        for (int m = 0; m < 2; m++) {
            Tensor tensor = weights.get(layer + "." + matrices[m]);
            assertArrayEquals(new int[]{blocks.length * units, own.get(m).size()}, tensor.shape());
            float[] values = tensor.toFloats();
            for (int i = 0; i < values.length; i++) {
                int row = i / tensor.dim(1);
                int column = blocks[row / units] * units + row % units;
                assertEquals((float) own.get(m).get(i % tensor.dim(1)).get(column).asDouble(), values[i]);
            }
        }
        String[] biases = {"bias_ih_l0", "bias_hh_l0"};
        for (int b = 0; b < 2; b++) {
            float[] values = weights.get(layer + "." + biases[b]).toFloats();
            for (int i = 0; i < values.length; i++) {
                JsonNode bias = gru ? own.get(2).get(b) : own.get(2);
                double expected = gru || b == 0 ? bias.get(blocks[i / units] * units + i % units).asDouble() : 0;
                assertEquals((float) expected, values[i]);
            }
        }
    }

    @Test
    void rtNeuralsOtherLayersAndStateDictsAreReadAndTheContradictoryFileIsRefused() {
        WeightFile.Content dense = WeightFile.open(shared("thirdparty/rtneural/dense.json"), Progress.NONE);
        assertEquals("F32[8, 1]", dense.weights().get("0.weight").toString());
        assertTrue(dense.remarks().contains("layer 5 has activation 'elu', which is no weight: add it to model.json"),
                dense.remarks()::toString);
        Weights torch = WeightFile.load(shared("thirdparty/rtneural/lstm_torch.json"));
        assertEquals("F32[32, 8]", torch.get("lstm2.weight_hh_l2").toString());
        assertEquals(18, torch.names().size());
        Path bad = shared("thirdparty/rtneural/bad_lstm.json");
        String message = assertThrows(WeightFileException.Malformed.class, () -> WeightFile.load(bad)).getMessage();
        assertTrue(message.contains("16 units but its weights have 20"), message);
    }

    @Test
    void matricesOfOneShapeAreStillSeveral() {
        Weights weights = read("{'layers': [{'type': 'gru', 'activation': 'tanh', 'shape': [null, 2],"
                + " 'weights': [[[1,2,3,4,5,6],[7,8,9,10,11,12]], [[0,0,0,0,0,0],[1,1,1,1,1,1]], [[1,2,3,4,5,6],[6,5,4,3,2,1]]]}]}")
                .weights();
        assertArrayEquals(new float[]{3, 9, 4, 10, 1, 7, 2, 8, 5, 11, 6, 12}, weights.get("0.weight_ih_l0").toFloats());
        assertArrayEquals(new float[]{4, 3, 6, 5, 2, 1}, weights.get("0.bias_hh_l0").toFloats());
    }

    @Test
    void aConvolutionsKernelIsPermuted() {
        Weights weights = read(
                "{'layers': [{'type': 'conv1d', 'shape': [null, 1], 'weights': [[[[1],[2]],[[3],[4]],[[5],[6]]],[7]]}]}")
                .weights();
        assertEquals("F32[1, 2, 3]", weights.get("0.weight").toString());
        assertArrayEquals(new float[]{1, 3, 5, 2, 4, 6}, weights.get("0.weight").toFloats());
    }

    @Test
    void aStateDictMayStandUnderItsKeyAndWhatIsNoArrayIsReported() {
        WeightFile.Content loaded = read("{'model_data': {'hidden': 2}, 'state_dict': {'w': [[1, 2.5], [NaN, 4]], 'note': 'x'}}");
        assertArrayEquals(new float[]{1, 2.5f, Float.NaN, 4}, loaded.weights().get("w").toFloats());
        assertEquals(List.of("key 'note' is left out: it is no array of numbers"), loaded.remarks());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'a': 1}", "{}", "{'a': [1, 'x']}", "{'a': [[1], [1, 2]]}"})
    void jsonWithoutWeightsIsRefused(String json) {
        assertFault(WeightFileException.Malformed.class, json, "JSON without weights");
    }

    @Test
    void descriptionsOfModelsAreToldFromWeights() {
        assertFault(WeightFileException.Unsupported.class,
                "{\"format\": \"lanecell-model/1\", \"weights\": \"w.pt\", \"layers\": [{\"type\": \"lstm\"}]}",
                "describes a model and holds no weights: name the weight file it goes with, 'w.pt'");
        assertFault(WeightFileException.Unsupported.class, "{\"module\": \"torch.nn.LSTM\", \"args\": {}}",
                "describes a model and holds no weights: name the weight file it goes with");
        assertEquals(1, read("{\"format\": \"mine\", \"module\": \"x\", \"w\": [1, 2]}").weights().names().size());
    }

    @Test
    void layersThatAreNoneAreRefused() {
        assertFault(WeightFileException.Malformed.class, "{'layers': [1, 'x']}", "layers[0]");
        assertFault(WeightFileException.Malformed.class, "{'layers': [{'type': 'dense', 'weights': []}]}", "0 arrays of weights");
        assertFault(WeightFileException.Malformed.class, "{'layers': [{'type': 'dense', 'weights': [1, 2]}]}", "list of arrays");
        assertFault(WeightFileException.Malformed.class, "{'layers': [{'type': 'dense', 'weights': [[[1], [1, 2]]]}]}",
                "equally long");
        assertFault(WeightFileException.Malformed.class, "{'layers': [{'type': 'lstm', 'weights': [[[1]], [[1]], [1]]}]}",
                "recurrent kernel of shape [1, 1]");
        assertFault(WeightFileException.Malformed.class, "{'layers': [{'type': 'dense', 'weights': [[[1, 2]], [1]]}]}",
                "expected [2]");
        assertFault(WeightFileException.Unsupported.class, "{'layers': [{'type': 'prelu', 'weights': [[1, 2]]}]}", "'prelu'");
        assertFault(WeightFileException.Unsupported.class,
                "{'layers': [{'type': 'gru', 'weights': [[[1,2,3]],[[1,2,3]],[1,2,3]]}]}",
                "reset_after=True");
        assertFault(WeightFileException.Unsupported.class,
                "{'layers': [{'type': 'gru', 'activation': 'relu', 'weights': [[[1,2,3]],[[1,2,3]],[[1,2,3],[1,2,3]]]}]}",
                "'relu'");
    }

    @Test
    void anAmpModelWhoseNumbersDontFitItsSizesIsRefused() {
        String model = "{'architecture': 'LSTM', 'config': {'input_size': 1, 'hidden_size': %s, 'num_layers': %s}, 'weights': [%s]}";
        assertFault(WeightFileException.Malformed.class, model.formatted("1", "1", "1, 2"), "are 2 numbers", "has 16");
        assertFault(WeightFileException.Malformed.class, model.formatted("65536", "65536", "1"), "are 1 numbers");
        for (String size : List.of("0", "-1", "1.5", "1e9", "'x'", "null")) {
            assertFault(WeightFileException.Malformed.class, model.formatted(size, "1", "1"), "no hidden_size");
        }
        assertFault(WeightFileException.Unsupported.class, "{'architecture': 'WaveNet'}", "'WaveNet'", "only LSTM");
        assertFault(WeightFileException.Unsupported.class, "{'architecture': 5}", "only LSTM");
        Weights two = read(model.formatted("1", "2", "1" + ", 1".repeat(15 + 14))).weights();
        assertEquals("F32[2, 1, 1]", two.get("c0").toString());
        assertEquals("F32[4, 1]", two.get("rec.weight_ih_l1").toString());
    }

    @Test
    void brokenJsonIsATypedError() {
        assertFault(WeightFileException.Truncated.class, "{'a': [1, 2", "ends within its JSON");
        assertFault(WeightFileException.Malformed.class, "{'a': [1}", "not valid JSON");
        assertFault(WeightFileException.Malformed.class, "{'a': [1], 'a': [2]}", "not valid JSON");
        assertFault(WeightFileException.Malformed.class, "{'a': [1]} x", "not valid JSON");
        assertFault(WeightFileException.Malformed.class, "{'a': [1]} {}", "after its JSON object");
        assertFault(WeightFileException.Malformed.class, "{'a': " + "[".repeat(100) + "}", "nesting depth");
        assertFault(WeightFileException.Malformed.class, "{'a': [" + "1".repeat(100) + "]}", "not valid JSON");
    }

    @Tag("long")
    @Test
    void arraysOfArraysWithoutEndCostNoMoreThanTheyMay() {
        for (String item : List.of("[],", "1,", "[1],", "{},", "'',", "[1],[1,2],")) {
            byte[] json = ("{'a': [" + item.repeat(4_000_000 / item.length()) + "1]}").replace('\'', '"')
                    .getBytes(StandardCharsets.UTF_8);
            Source source = Source.of(Path.of("x"), json);
            long before = Allocation.ofThisThread();
            try {
                new JsonWeightsReader().read(source);
            } catch (WeightFileException e) {
                assertEquals(1, e.getMessage().lines().count());
            }
            long spent = Allocation.ofThisThread() - before;
            assertTrue(spent <= 4L * json.length + (64 << 20), () -> item + ": " + spent + " bytes allocated");
        }
    }

    @Tag("long")
    @Test
    void cutAndDamagedFilesGiveNothingButOurErrors() {
        byte[] good = "{\"layers\": [{\"type\": \"dense\", \"shape\": [null, 2], \"weights\": [[[1.5, 2]], [3, 4]]}]}"
                .getBytes(StandardCharsets.UTF_8);
        Random random = new Random(5);
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = i < good.length ? Arrays.copyOf(good, i) : good.clone();
            for (int k = 0; i >= good.length && k < 1 + i % 3; k++) {
                bad[random.nextInt(bad.length)] = (byte) (random.nextInt(3) == 0
                        ? "[]{},:\"1-e.".charAt(random.nextInt(11))
                        : random.nextInt(256));
            }
            try {
                new JsonWeightsReader().read(Source.of(Path.of("x"), bad));
            } catch (WeightFileException e) {
                refused++;
            }
        }
        assertTrue(refused > 10_000, refused + " refused");
    }
}
