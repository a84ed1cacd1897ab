package io.lanecell.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.Tensor;
import io.lanecell.Weights;
import io.lanecell.loader.SafetensorsWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class InspectCommandTest {
    @TempDir
    Path temp;

    private final Map<String, Tensor> weights = new LinkedHashMap<>();

    private Path file() {
        Path file = temp.resolve("weights.safetensors");
        SafetensorsWriter.write(file, weights, Map.of());
        return file;
    }

    private void add(String name, int... shape) {
        int size = 1;
        for (int extent : shape) {
            size *= extent;
        }
        weights.put(name, Tensor.of(new float[size], shape));
    }

    private void addLstm(String prefix) {
        for (String direction : new String[]{"", "_reverse"}) {
            add(prefix + "weight_ih_l0" + direction, 36, 4);
            add(prefix + "weight_hh_l0" + direction, 36, 3);
            add(prefix + "weight_hr_l0" + direction, 3, 9);
        }
    }

    @Test
    void theTensorsAndTheLayersInThemAreListed() {
        add("embedding.weight", 11, 4);
        addLstm("encoder.lstm.");
        add("fc.weight", 2, 6);
        add("fc.bias", 2);
        String out = CommandRun.of("inspect", "--no-time", file()).fine();
        assertTrue(out.lines().anyMatch(line -> line.matches("encoder\\.lstm\\.weight_hr_l0_reverse +F32 +\\[3, 9]")), out);
        assertTrue(out.contains("""
                layer      at               parameters   per step
                Embedding  embedding                44       16 B
                  embeddings 11, embedding_dim 4
                LSTM       encoder.lstm            558    2.23 kB
                  input 4, hidden 9, layers 1, bias false, bidirectional true, proj 3
                Linear     fc                       14       56 B
                  in_features 6, out_features 2
                all                                616    2.30 kB
                """), out);
        assertFalse(out.contains("float64"), out);
    }

    @Test
    void whatFloat64WeightsAreComputedInIsSaid() {
        weights.put("weight", Tensor.of(new double[6], 2, 3));
        assertTrue(CommandRun.of("inspect", file()).fine().contains("a model of them is computed in float64"));
        assertEquals("F64",
                JsonMapper.shared().readTree(CommandRun.of("inspect", file(), "--json").fine()).get("computedIn").asString());
        weights.put("bias", Tensor.of(new float[2], 2));
        assertTrue(CommandRun.of("inspect", file()).fine().contains("a model of them and others is computed in float32"));
        assertTrue(JsonMapper.shared().readTree(CommandRun.of("inspect", file(), "--json").fine()).get("narrowed").asBoolean());
    }

    @Test
    void everyKindOfLayerIsRecognisedByItsTensors() {
        add("gru.weight_ih_l0", 24, 4);
        add("gru.weight_hh_l0", 24, 8);
        add("cell.weight_ih", 8, 4);
        add("cell.weight_hh", 8, 8);
        add("peep.weight_ih_l0", 12, 4);
        add("peep.weight_hh_l0", 12, 3);
        add("peep.weight_ci_l0", 3);
        add("peep.weight_cf_l0", 3);
        add("peep.weight_co_l0", 3);
        add("conv.weight", 6, 2, 3);
        add("conv.bias", 6);
        add("batch.weight", 6);
        add("batch.bias", 6);
        add("batch.running_mean", 6);
        add("batch.running_var", 6);
        add("norm.weight", 5);
        add("norm.bias", 5);
        add("odd.weight_ih_l0", 10, 4);
        add("odd.weight_hh_l0", 10, 5);
        String out = CommandRun.of("inspect", "--no-time", file()).fine();
        assertTrue(out.contains("""
                layer        at        parameters   per step
                BatchNorm1d  batch             12       48 B
                  features 6, affine true
                RNNCell      cell              96      384 B
                  input 4, hidden 8, nonlinearity tanh or relu, bias false
                Conv1d       conv              42      168 B
                  in_channels_per_group 2, out_channels 6, kernel 3, bias true
                GRU          gru              288    1.15 kB
                  input 4, hidden 8, layers 1, bias false, bidirectional false
                LayerNorm    norm              10       40 B
                  normalized_shape 5
                unknown      odd               90          -
                  weight_hh_l0 is F32[10, 5], expected 4 rows for each column (LSTM), 3 (GRU) or 1 (RNN)
                LSTM         peep              93      372 B
                  input 4, hidden 3, layers 1, bias false, bidirectional false, proj 0, peepholes true
                all                           631    2.16 kB
                """), out);
    }

    @Test
    void anIncompleteLstmIsListedWithWhatIsWrong() {
        addLstm("");
        weights.remove("weight_hr_l0_reverse");
        String out = CommandRun.of("inspect", file()).fine();
        assertTrue(out.contains("weight_hr_l0_reverse"), out);
        assertFalse(out.contains("hidden "), out);
    }

    @Test
    void tablesFitATerminalAndControlCharactersInNamesDoNoHarm() {
        add("a".repeat(300) + ".weight", 3, 4);
        add("evil\u001b[2J\nname", 7);
        String out = CommandRun.of("inspect", file()).fine();
        assertTrue(
                out.lines().skip(1).allMatch(line -> line.length() <= Math.max(100, System.getenv("COLUMNS") == null ? 0 : 200)),
                out);
        assertFalse(out.contains("\u001b"), out);
        assertTrue(out.contains("evil\\u001b[2J\\nname"), out);
    }

    @Test
    void aStepReadsOneRowOfAnEmbeddingAllElseAndTheTwoBiasesAsOne() {
        add("words.weight", 50, 4); // could be a Linear's
        add("word_emb.weight", 50, 4);
        add("lstm.weight_ih_l0", 32, 4);
        add("lstm.weight_hh_l0", 32, 8);
        add("lstm.bias_ih_l0", 32);
        add("lstm.bias_hh_l0", 32);
        JsonNode layers = JsonMapper.shared().readTree(CommandRun.of("inspect", "--json", "--no-time", file()).fine())
                .get("layers");
        assertEquals("LSTM", layers.get(0).get("type").asString());
        assertEquals(4 * (32 * 12 + 32), layers.get(0).get("bytesPerStep").asInt());
        assertEquals("Embedding", layers.get(1).get("type").asString());
        assertEquals(4 * 4, layers.get(1).get("bytesPerStep").asInt());
        assertEquals("Linear or Embedding", layers.get(2).get("type").asString());
        assertEquals(4 * 200, layers.get(2).get("bytesPerStep").asInt());
        weights.replaceAll((_, tensor) -> Tensor.of(tensor.toDoubles(), tensor.shape()));
        assertEquals(8 * (32 * 12 + 32), JsonMapper.shared().readTree(CommandRun.of("inspect", "--json", file()).fine())
                .get("layers").get(0).get("bytesPerStep").asInt());
    }

    @Test
    void theTimeOfAStepIsExpectedFromTheMeasuredBandwidthUnlessItIsNotWanted() {
        addLstm("lstm.");
        add("fc.weight", 500, 300);
        add("fc.bias", 500);
        JsonNode json = JsonMapper.shared().readTree(CommandRun.of("inspect", "--json", file()).fine());
        for (JsonNode layer : json.get("layers")) {
            assertTrue(layer.get("expectedStepMicros").asDouble() > 0, json::toString);
        }
        assertEquals(16, json.get("readBandwidth").get(0).get("kibibytes").asInt());
        json.get("readBandwidth").forEach(size -> assertTrue(size.get("gigabytesPerSecond").asDouble() > 0, json::toString));
        String table = CommandRun.of("inspect", file()).fine();
        assertTrue(table.contains("expected") && table.contains("GB/s"), table);

        JsonNode timeless = JsonMapper.shared().readTree(CommandRun.of("inspect", "--json", "--no-time", file()).fine());
        assertFalse(timeless.has("readBandwidth") || timeless.get("layers").get(0).has("expectedStepMicros"), timeless::toString);
        assertFalse(CommandRun.of("inspect", "--no-time", file()).fine().contains("expected"), table);
    }

    @Test
    void aFileWithoutLayersHasNoTableOfThem() {
        add("numbers", 3);
        assertFalse(CommandRun.of("inspect", file()).fine().contains("per step"));
        assertEquals(0, JsonMapper.shared().readTree(CommandRun.of("inspect", file(), "--json").fine()).get("layers").size());
    }

    @ParameterizedTest
    @ValueSource(ints = {60, 80, 100, 130})
    void everyLineOfTheLayersFitsWhateverTheNames(int columns) {
        add("a".repeat(300) + ".weight", 3, 4);
        addLstm("x".repeat(70) + ".");
        weights.remove("x".repeat(70) + ".weight_hh_l0_reverse"); // a remark that has the long name in it
        List<String> lines = new LayerTable(FoundLayer.findAll(Weights.of(weights)), Arithmetic.FLOAT32, null, columns).lines();
        assertTrue(lines.stream().allMatch(line -> line.length() <= columns), () -> String.join("\n", lines));
        assertTrue(lines.stream().anyMatch(line -> line.contains("…")), () -> String.join("\n", lines));
    }

    @Test
    void columnsAreTakenFromTheEnvironmentWhereTheyAreANumber() {
        assertEquals(Optional.of(120), TerminalWidth.fromEnvironment("120"));
        for (String none : new String[]{null, "", "-1", "wide", "99999999999"}) {
            assertEquals(Optional.empty(), TerminalWidth.fromEnvironment(none));
        }
    }

    @Test
    void jsonHoldsTheSame() {
        addLstm("lstm.");
        add("fc.bias", 2);
        JsonNode json = JsonMapper.shared().readTree(CommandRun.of("inspect", file(), "--json").fine());
        assertEquals("SAFETENSORS", json.get("format").asString());
        assertEquals(weights.size(), json.get("tensors").size());
        JsonNode lstm = json.get("layers").get(0);
        assertEquals("LSTM", lstm.get("type").asString());
        assertEquals("lstm", lstm.get("prefix").asString());
        assertEquals(9, lstm.get("hidden_size").asInt());
        assertTrue(lstm.get("bidirectional").asBoolean());
        assertTrue(lstm.get("supported").asBoolean());
        assertEquals("[3,9]", json.get("tensors").valueStream()
                .filter(tensor -> tensor.get("name").asString().equals("lstm.weight_hr_l0")).findFirst().orElseThrow()
                .get("shape")
                .toString());
        assertFalse(json.get("narrowed").asBoolean());
    }

    @Test
    void whatIsNoWeightFileIsRefused() {
        assertTrue(CommandRun.of("inspect", temp.resolve("absent.pt")).refused().contains("absent.pt"));
        assertTrue(CommandRun.of("inspect", temp).refused().contains(temp.toString()));
        assertTrue(CommandRun.of("inspect").refused().contains("FILE"));
    }
}
