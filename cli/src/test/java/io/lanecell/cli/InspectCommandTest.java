package io.lanecell.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.Tensor;
import io.lanecell.loader.SafetensorsWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
        String out = CommandRun.of("inspect", file()).fine();
        assertTrue(out.lines().anyMatch(line -> line.matches("encoder\\.lstm\\.weight_hr_l0_reverse +F32 +\\[3, 9]")), out);
        assertTrue(out.contains("""
                Linear or Embedding at 'embedding', 44 parameters
                  columns 4, rows 11
                LSTM at 'encoder.lstm', 558 parameters
                  input 4, hidden 9, layers 1, bias false, bidirectional true, proj 3
                Linear at 'fc', 14 parameters
                  in_features 6, out_features 2
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
        String out = CommandRun.of("inspect", file()).fine();
        assertTrue(out.contains("""
                BatchNorm1d at 'batch', 12 parameters
                  features 6, affine true
                RNNCell at 'cell', 96 parameters
                  input 4, hidden 8, nonlinearity tanh or relu, bias false
                Conv1d at 'conv', 42 parameters
                  in_channels_per_group 2, out_channels 6, kernel 3, bias true
                GRU at 'gru', 288 parameters
                  input 4, hidden 8, layers 1, bias false, bidirectional false
                LayerNorm at 'norm', 10 parameters
                  normalized_shape 5
                unknown at 'odd', 90 parameters
                  weight_hh_l0 is F32[10, 5], expected 4 rows for each column (LSTM), 3 (GRU) or 1 (RNN)
                LSTM at 'peep', 93 parameters
                  input 4, hidden 3, layers 1, bias false, bidirectional false, proj 0, peepholes true
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
        assertTrue(out.lines().skip(1).limit(3).allMatch(line -> line.length() <= 80), out);
        assertFalse(out.contains("\u001b"), out);
        assertTrue(out.contains("evil\\u001b[2J\\nname"), out);
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
