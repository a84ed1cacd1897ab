package io.lanecell.loader;

import static io.lanecell.loader.Fault.assertFault;
import static io.lanecell.loader.Fault.assertRemark;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.Weights;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Weights in JSON, layer by layer and number by number. */
class JsonPartsTest {
    private Source source;

    private Weights read(String json) {
        source = Source.of(Path.of("w.json"), json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
        return new JsonWeightsReader().read(source);
    }

    private Map<String, Object> tree(String json) {
        return JsonTree.read(Source.of(Path.of("w.json"), json.replace('\'', '"').getBytes(StandardCharsets.UTF_8)));
    }

    private void fault(Class<? extends WeightFileException> kind, String json, String... words) {
        assertFault(kind, () -> read(json), words);
    }

    private static String dense(String rest) {
        return "{'layers': [{'type': 'dense', " + rest + "}]}";
    }

    @Test
    void arraysOfOneShapeAreOneArrayAndOthersAreLists() {
        JsonTree.Numbers cube = (JsonTree.Numbers) tree("{'a': [[[1, 2], [3, 4]], [[5, 6], [7, 8]], [[9, 10], [11, 12]]]}")
                .get("a");
        assertArrayEquals(new int[]{3, 2, 2}, cube.shape());
        assertArrayEquals(new float[]{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, cube.values());
        assertEquals("F32[3, 2, 2]", cube.tensor().toString());
        assertEquals(List.of(1.0, 2.5, "x", 3.0), tree("{'a': [1, 2.5, 'x', 3]}").get("a"));
        List<?> ragged = (List<?>) tree("{'a': [[1], [1, 2]]}").get("a");
        assertArrayEquals(new float[]{1, 2}, ((JsonTree.Numbers) ragged.get(1)).values());
        List<?> mixed = (List<?>) tree("{'a': [[1], 'x']}").get("a");
        assertEquals("x", mixed.get(1));
        JsonTree.Numbers many = (JsonTree.Numbers) tree("{'a': [" + "7, ".repeat(16) + "8]}").get("a");
        assertEquals(17, many.values().length);
        assertEquals(8, many.values()[16]);
        JsonTree.Numbers eight = (JsonTree.Numbers) tree("{'a': [1,2,3,4,5,6,7,8]}").get("a");
        assertArrayEquals(new int[]{8}, eight.shape());
        Map<String, Object> others = tree("{'t': true, 'f': false, 'n': null, 's': 'text', 'i': 3, 'o': {'d': 1.5}}");
        assertEquals("{t=null, f=null, n=null, s=text, i=3.0, o={d=1.5}}", others.toString());
        assertArrayEquals(new int[]{2, 0}, ((JsonTree.Numbers) tree("{'a': [[], []]}").get("a")).shape());
    }

    @Test
    void whatIsNoObjectIsRefused() {
        fault(WeightFileException.Malformed.class, "[1]", "is JSON but no object {…}");
        fault(WeightFileException.Malformed.class, "", "is JSON but no object");
        fault(WeightFileException.Malformed.class, "{} []", "has something after its JSON object");
        fault(WeightFileException.Truncated.class, "{'a': 'x", "ends within its JSON");
    }

    @Test
    void valuesNumbersAndTextsAreChargedFor() {
        long key = 2 * 96 + 4;
        Map<String, Long> costs = Map.of("{'a': [[]]}", key + 2 * 96, "{'a': ['" + "x".repeat(300) + "']}", key + 96 + 4 * 300,
                "{'a': [1,2,3,4,5,6,7,8,9]}", key + 8 * 8 + 96, "{'aa': null}", key + 4, "{'a': ['x', 1]}", key + 2 * 96 + 4,
                "{'a': [1, 'x']}", key + 2 * 96 + 4, "{'a': [[1, 2], [3, 4]]}", key + 4 * 96 + 4 * 4);
        costs.forEach((json, cost) -> {
            assertTrue(isEnough(json, cost), json);
            assertFalse(isEnough(json, cost - 1), json);
        });
    }

    private static boolean isEnough(String json, long left) {
        Source source = Source.of(Path.of("w.json"), json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
        source.charge((48 << 20) + 2 * source.size() - left, "the rest");
        try {
            JsonTree.read(source);
            return true;
        } catch (WeightFileException e) {
            return false;
        }
    }

    @Test
    void rtNeuralsLayersNeedAType() {
        for (String layer : List.of("1", "{}", "{'type': 1}")) {
            fault(WeightFileException.Malformed.class, "{'layers': [{'type': 'activation'}, " + layer + "]}",
                    "layers[1] is no object with a type");
        }
        assertEquals(0, read("{'layers': [{'type': 'activation', 'activation': 'tanh', 'weights': []}]}").names().size());
        assertRemark(source.remarks(), "layer 0 has activation 'tanh', which is no weight");
        assertEquals(0, read("{'layers': [{'type': 'activation'}, {'type': 'activation', 'activation': ''}]}").names().size());
        assertEquals(List.of(), source.remarks());
        assertEquals(List.of("0.weight"),
                List.copyOf(read("{'layers': [{'type': 'time-distributed-dense', 'weights': [[[1, 2]]]}]}")
                        .names()));
    }

    @Test
    void theShapeOfALayerMustSayItsUnits() {
        String weights = "'weights': [[[1, 2]], [3, 4]]";
        for (String shape : List.of("[null, 2]", "[5, 2]", "[]", "[null, null]", "'x'", "null", "['x', []]")) {
            assertEquals(2, read(dense("'shape': " + shape + ", " + weights)).names().size(), shape);
        }
        for (String shape : List.of("[null, 3]", "[2, 3]", "[3]")) {
            fault(WeightFileException.Malformed.class, dense("'shape': " + shape + ", " + weights),
                    "layer 0, dense, says that it has 3 units but its weights have 2");
        }
        fault(WeightFileException.Malformed.class, "{'layers': [{'type': 'conv1d', 'shape': [7], 'weights': [[[[1]]]]}]}",
                "7 units but its weights have 1");
        fault(WeightFileException.Malformed.class,
                "{'layers': [{'type': 'lstm', 'shape': [7], 'weights': [[[1, 2, 3, 4]], [[1, 2, 3, 4]], [1, 2, 3, 4]]}]}",
                "layer 0, lstm, says that it has 7 units but its weights have 1");
    }

    @Test
    void aLayerHasItsArraysAndNoOthers() {
        fault(WeightFileException.Malformed.class, dense("'weights': [[[1]], [1], [[1]]]"),
                "has 3 arrays of weights, expected 1 or 2");
        fault(WeightFileException.Malformed.class, dense("'x': 1"), "has 0 arrays of weights, expected 1 or 2");
        fault(WeightFileException.Malformed.class, "{'layers': [{'type': 'lstm', 'weights': [[[1]], [[1], [2]]]}]}",
                "has 2 arrays of weights, expected 3");
        fault(WeightFileException.Malformed.class, dense("'weights': ['x']"), "no arrays of numbers whose rows are equally long");
        fault(WeightFileException.Malformed.class, dense("'weights': [1]"), "a list of numbers, expected a list of arrays");
        fault(WeightFileException.Unsupported.class, "{'layers': [{'type': 'prelu', 'weights': [[1], [2]]}]}",
                "layer 0 is of type 'prelu'");
    }

    @Test
    void lstmsAndGrusComputeTanhAndNothingElse() {
        String lstm = "{'layers': [{'type': 'lstm', %s 'weights': [[[1, 2, 3, 4]], [[1, 2, 3, 4]], [1, 2, 3, 4]]}]}";
        assertEquals(4, read(lstm.formatted("'activation': 'tanh',")).names().size());
        assertEquals(4, read(lstm.formatted("'activation': '',")).names().size());
        assertEquals(4, read(lstm.formatted("'activation': 5,")).names().size());
        fault(WeightFileException.Unsupported.class, lstm.formatted("'activation': 'relu',"),
                "layer 0, lstm, has activation 'relu'");
        read(dense("'activation': 'relu', 'weights': [[[1]]]"));
        assertRemark(source.remarks(), "layer 0 has activation 'relu'");
        read(dense("'weights': [[[1]]]"));
        assertEquals(1, source.remarks().size());
    }

    @Test
    void anAmpModelsNumbersGoWhereTheirOrderSays() {
        String model = "{'architecture': 'LSTM', 'config': {'input_size': 2, 'hidden_size': 1, 'num_layers': 2}, 'weights': [";
        StringBuilder numbers = new StringBuilder("0");
        for (int i = 1; i < 4 * 3 + 4 + 2 + 4 * 2 + 4 + 2 + 2; i++) {
            numbers.append(", ").append(i);
        }
        Weights weights = read(model + numbers + "]}");
        assertArrayEquals(new float[]{0, 1, 3, 4, 6, 7, 9, 10}, weights.get("rec.weight_ih_l0").toFloats());
        assertArrayEquals(new float[]{2, 5, 8, 11}, weights.get("rec.weight_hh_l0").toFloats());
        assertArrayEquals(new float[]{12, 13, 14, 15}, weights.get("rec.bias_ih_l0").toFloats());
        assertArrayEquals(new float[4], weights.get("rec.bias_hh_l0").toFloats());
        assertArrayEquals(new float[]{18, 20, 22, 24}, weights.get("rec.weight_ih_l1").toFloats());
        assertArrayEquals(new float[]{19, 21, 23, 25}, weights.get("rec.weight_hh_l1").toFloats());
        assertArrayEquals(new float[]{26, 27, 28, 29}, weights.get("rec.bias_ih_l1").toFloats());
        assertArrayEquals(new float[]{16, 30}, weights.get("h0").toFloats());
        assertArrayEquals(new float[]{17, 31}, weights.get("c0").toFloats());
        assertArrayEquals(new float[]{32}, weights.get("head.weight").toFloats());
        assertArrayEquals(new float[]{33}, weights.get("head.bias").toFloats());
        assertEquals(2, source.remarks().size());
        fault(WeightFileException.Malformed.class, model + numbers + ", 34]}", "are 35 numbers", "has 34");
        fault(WeightFileException.Malformed.class, model + "[" + numbers + "]]}", "are 0 numbers");
        fault(WeightFileException.Malformed.class, model + "'x']}", "are 0 numbers");
        fault(WeightFileException.Malformed.class, "{'architecture': 'LSTM', 'weights': [1]}", "its config has no input_size");
        String large = "{'architecture': 'LSTM', 'config': {'input_size': %s, 'hidden_size': 1, 'num_layers': 1}, 'weights': []}";
        fault(WeightFileException.Malformed.class, large.formatted("65536"), "are 0 numbers");
        fault(WeightFileException.Malformed.class, large.formatted("65537"),
                "no input_size, expected a whole number from 1 to 65536");
    }

    @Test
    void aNeuralAmpModelersStatesAreLayerByLayer() {
        StringBuilder numbers = new StringBuilder("0");
        int layer0 = 8 * 5 + 8 + 4;
        int layer1 = 8 * 4 + 8 + 4;
        for (int i = 1; i < layer0 + layer1 + 3; i++) {
            numbers.append(", ").append(i);
        }
        Weights weights = read("{'architecture': 'LSTM', 'config': {'input_size': 3, 'hidden_size': 2, 'num_layers': 2},"
                + " 'weights': [" + numbers + "]}");
        assertEquals("F32[2, 1, 2]", weights.get("h0").toString());
        assertArrayEquals(new float[]{48, 49, 92, 93}, weights.get("h0").toFloats());
        assertArrayEquals(new float[]{50, 51, 94, 95}, weights.get("c0").toFloats());
        assertArrayEquals(new float[]{96, 97}, weights.get("head.weight").toFloats());
        assertArrayEquals(new float[]{98}, weights.get("head.bias").toFloats());
    }

    @Test
    void aConvolutionHasOneArrayOrTwo() {
        fault(WeightFileException.Malformed.class, "{'layers': [{'type': 'conv1d', 'weights': [[[[1]]], [1], [2]]}]}",
                "layer 0, conv1d, has 3 arrays of weights, expected 1 or 2");
        fault(WeightFileException.Malformed.class, "{'layers': [{'type': 'conv1d', 'weights': []}]}", "has 0 arrays of weights");
    }

    @Test
    void aStateDictMayStandUnderItsKeyOrAlone() {
        assertEquals(List.of("a"), List.copyOf(read("{'state_dict': {'a': [1]}, 'b': [2]}").names()));
        assertEquals(List.of("state_dict", "b"), List.copyOf(read("{'state_dict': [1], 'b': [2]}").names()));
        assertEquals(List.of("layers"), List.copyOf(read("{'layers': [1, 2]}").names()));
    }
}
