package io.lanecell.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.LayerSpec;
import io.lanecell.ModelSpec;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import io.lanecell.loader.SafetensorsWriter;
import io.lanecell.reference.ReferenceModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class VerifyCommandTest {
    @TempDir
    Path temp;

    private final SyntheticCase made = new SyntheticCase();

    private CommandRun verify() {
        return CommandRun.of("verify", made.write(temp.resolve("made")));
    }

    private void assertFails(String what) {
        String out = verify().failed();
        assertTrue(out.startsWith("FAIL " + temp.resolve("made") + "  "), out);
        assertTrue(out.contains(what), out);
        assertTrue(out.endsWith("0 ok, 1 failed\n"), out);
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "vector", "scalar"})
    void aSoundCasePassesOnEveryKernel(String kernels) {
        Path folder = made.write(temp.resolve("made"));
        String out = CommandRun.of("verify", folder, "--kernels", kernels).fine();
        assertTrue(out.startsWith("ok   " + folder + "  "), out);
        assertTrue(out.contains("tolerance 1.0e-06"), out);
        assertTrue(out.endsWith("1 ok, 0 failed\n"), out);
        assertEquals(2, out.lines().count(), out);
    }

    @ParameterizedTest
    @ValueSource(strings = {"output", "h_n", "c_n", "output_f64", "h_n_f64", "c_n_f64"})
    void oneExpectedElementMovedBy1eMinus4Fails(String name) {
        Path folder = temp.resolve("made");
        for (int element : new int[]{0, 7, made.io.get(name).size() - 1}) {
            for (double by : new double[]{1e-4, -1e-4}) {
                SyntheticCase spoilt = new SyntheticCase();
                SyntheticCase.move(spoilt.io, name, element, by);
                String out = CommandRun.of("verify", spoilt.write(folder)).failed();
                assertTrue(out.startsWith("FAIL ") && out.contains(name.replace("_f64", "")), out);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"output", "output_f64"})
    void aNanThatWasNotThereFails(String name) {
        SyntheticCase.set(made.io, name, 5, Double.NaN);
        assertFails("output");
    }

    @Test
    void aNanInBothExpectationsThatNobodyComputesFails() {
        SyntheticCase.set(made.io, "output", 5, Double.NaN);
        SyntheticCase.set(made.io, "output_f64", 5, Double.NaN);
        assertFails("[0, 0, 5]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"weight_ih_l0", "weight_hh_l0", "bias_ih_l0_reverse", "weight_hh_l0_reverse"})
    void oneWeightChangedFails(String name) {
        SyntheticCase.move(made.weights, name, made.weights.get(name).size() / 2, 1e-3);
        assertFails("tolerance");
    }

    @Test
    void anExpectedTensorThatIsNotProducedFails() {
        made.io.put("layer_output_f64", Tensor.of(new double[6], 2, 3));
        assertFails("layer_output (runtime): has shape [3, 6, 34], expected [2, 3]");
        made.io.remove("layer_output_f64");
        made.io.put("packed_output_data", Tensor.of(new float[6], 2, 3));
        assertFails("packed_output_data (runtime): is expected but this model with these inputs doesn't produce it");
    }

    @Test
    void anUnknownTensorIsReportedAndDoesNotFail() {
        made.io.put("attention", Tensor.of(new float[6], 2, 3));
        String out = verify().fine();
        assertTrue(out.contains("unknown tensors not compared: attention"), out);
    }

    @Test
    void aCaseThatExpectsNothingFails() {
        made.io.keySet().removeIf(name -> !name.equals("input"));
        assertFails("nothing was compared");
    }

    @Test
    void aSecondWeightFileMustHoldTheSameBits() throws IOException {
        Path folder = made.write(temp.resolve("made"));
        Files.copy(folder.resolve("weights.safetensors"), folder.resolve("again.safetensors"));
        assertTrue(CommandRun.of("verify", folder).fine().startsWith("ok "));

        Map<String, Tensor> other = new LinkedHashMap<>(made.weights);
        SyntheticCase.move(other, "bias_hh_l0", 3, 1e-7);
        SafetensorsWriter.write(folder.resolve("again.safetensors"), other, Map.of());
        String out = CommandRun.of("verify", folder).failed();
        assertTrue(out.contains("again.safetensors and weights.safetensors differ in tensor 'bias_hh_l0': element 3"), out);

        other.remove("bias_hh_l0");
        SafetensorsWriter.write(folder.resolve("again.safetensors"), other, Map.of());
        out = CommandRun.of("verify", folder).failed();
        assertTrue(out.contains("differ in tensor 'bias_hh_l0': only the second has it"), out);
    }

    @Test
    void weightFilesInOtherFormatsAreNamedAsSkipped() throws IOException {
        Path folder = made.write(temp.resolve("made"));
        Files.write(folder.resolve("model.onnx"), new byte[]{8, 7, 18, 7, 'p', 'y', 't', 'o', 'r', 'c', 'h'});
        String out = CommandRun.of("verify", folder).fine();
        assertTrue(out.contains("; skipped model.onnx (its tensors have other names than the state dict's)"), out);
    }

    @Test
    void aCaseThatCanNotBeRunFailsAndTheOthersStillRun() throws IOException {
        Path good = made.write(temp.resolve("good"));
        Path bad = made.write(temp.resolve("bad"));
        Files.write(bad.resolve("weights.safetensors"), new byte[]{1, 2, 3});
        Path other = made.write(temp.resolve("other"));
        Files.writeString(other.resolve("config.json"), "{\"module\": \"torch.nn.GRU\", \"args\": {}}");
        String out = CommandRun.of("verify", bad, other, good).failed();
        List<String> lines = out.lines().toList();
        assertTrue(lines.get(0).startsWith("FAIL " + bad + "  "), out);
        assertTrue(lines.get(1).startsWith("FAIL " + other + "  ") && lines.get(1).contains("torch.nn.GRU"), out);
        assertTrue(lines.get(2).startsWith("ok   " + good + "  "), out);
        assertEquals("1 ok, 2 failed", lines.get(3));
    }

    @Test
    void whatIsNoCaseDirectoryIsRefusedBeforeAnythingRuns() throws IOException {
        Path good = made.write(temp.resolve("good"));
        Path absent = temp.resolve("absent");
        assertTrue(CommandRun.of("verify", good, absent).refused().contains(absent.toString()));
        Path empty = Files.createDirectory(temp.resolve("empty"));
        assertTrue(CommandRun.of("verify", good, empty).refused().contains("io.safetensors"));
        assertTrue(CommandRun.of("verify", good.resolve("config.json")).refused().contains("config.json"));
        assertTrue(CommandRun.of("verify").refused().contains("DIR"));
        assertTrue(CommandRun.of("verify", good, "--kernels", "turbo").refused().contains("turbo"));
    }

    @Test
    void aModelJsonDescribesACaseInPlaceOfAForeignClass() throws IOException {
        made.config = "{\"module\": \"sentiment.Net\", \"args\": {}}";
        Path folder = made.write(temp.resolve("made"));
        assertTrue(CommandRun.of("verify", folder).failed().contains("--model"));
        Path model = Files.writeString(temp.resolve("model.json"), """
                {"format": "lanecell-model/1", "weights": "weights.safetensors",
                 "layers": [{"type": "lstm", "weights": "", "batch_first": true}]}
                """);
        assertTrue(CommandRun.of("verify", folder, "--model", temp.resolve("absent.json")).refused().contains("no such file"));
        assertTrue(CommandRun.of("verify", folder, "--model", folder).refused().contains("is a folder"));
        assertTrue(CommandRun.of("verify", folder, "--model", model).fine().startsWith("ok "));
    }

    @Test
    void float64WeightsAreComputedAndHeldToFloat64() {
        made.weights.replaceAll((_, tensor) -> Tensor.of(tensor.toDoubles(), tensor.shape()));
        made.io.replaceAll((_, tensor) -> Tensor.of(tensor.toDoubles(), tensor.shape()));
        for (String name : List.of("output", "h_n", "c_n")) {
            made.io.put(name, made.io.remove(name + "_f64"));
        }
        String out = verify().fine();
        assertFalse(out.contains("float32"), out);
        SyntheticCase.move(made.io, "h_n", 9, 1e-9);
        assertFails("h_n (runtime)");
    }

    @Test
    void float64WeightsAmongOthersAreComputedInFloat32AndTheLineSaysSo() {
        String one = made.weights.keySet().iterator().next();
        made.weights.put(one, Tensor.of(made.weights.get(one).toDoubles(), made.weights.get(one).shape()));
        assertTrue(verify().fine().contains("float64 weights among others, computed in float32"));
    }

    @Test
    void lengthsArePackedAndPaddedAsTheConfigSays() {
        lengths(4, new int[]{2, 4, 1}, ", \"total_length\": null, \"padding_value\": 0.0");
        String out = verify().fine();
        assertFalse(out.contains("unknown"), out);
        made.io.put("packed_sorted_indices", Tensor.of(new long[]{0, 1, 2}, 3));
        assertFails("packed_sorted_indices (packing)");
    }

    @Test
    void paddingValueAndTotalLengthAreHonoured() {
        lengths(7, new int[]{2, 4, 1}, ", \"total_length\": 7, \"padding_value\": -1.5");
        verify().fine();
        SyntheticCase.set(made.io, "output", 6 * 2 * SyntheticCase.HIDDEN, 0);
        assertFails("output");
    }

    /** Makes the case one of different lengths, its expectations from the reference and from packing written here. */
    private void lengths(int outputSteps, int[] lengths, String config) {
        made.config = made.config.replace("}}", "}" + config + "}");
        double padding = config.contains("-1.5") ? -1.5 : 0;
        var spec = ModelSpec.of(new LayerSpec.Lstm("", true));
        var result = ReferenceModel.of(spec, Weights.of(made.weights))
                .run(made.io.get("input").toDoubles(), 3, SyntheticCase.STEPS, lengths, null, null);
        int width = 2 * SyntheticCase.HIDDEN;
        double[] output = new double[3 * outputSteps * width];
        Arrays.fill(output, padding);
        for (int n = 0; n < 3; n++) {
            System.arraycopy(result.output(), n * SyntheticCase.STEPS * width, output, n * outputSteps * width,
                    lengths[n] * width);
        }
        made.io.put("lengths", Tensor.of(Arrays.stream(lengths).asLongStream().toArray(), 3));
        made.io.put("packed_batch_sizes", Tensor.of(new long[]{3, 2, 1, 1}, 4));
        made.io.put("packed_sorted_indices", Tensor.of(new long[]{1, 0, 2}, 3));
        made.io.put("packed_unsorted_indices", Tensor.of(new long[]{1, 0, 2}, 3));
        expect("output", output, 3, outputSteps, width);
        expect("h_n", result.hN(), 2, 3, SyntheticCase.HIDDEN);
        expect("c_n", result.cN(), 2, 3, SyntheticCase.HIDDEN);
    }

    private void expect(String name, double[] values, int... shape) {
        made.io.put(name + "_f64", Tensor.of(values, shape));
        made.io.put(name, Tensor.of(made.io.get(name + "_f64").toFloats(), shape));
    }

    @Test
    void jsonSaysTheSame() {
        SyntheticCase.move(made.io, "output", 0, 1e-4);
        Path folder = made.write(temp.resolve("made"));
        JsonNode cases = JsonMapper.shared().readTree(CommandRun.of("verify", folder, "--json").failed());
        assertEquals(1, cases.size());
        JsonNode report = cases.get(0);
        assertEquals(folder.toString(), report.get("case").asString());
        assertFalse(report.get("ok").asBoolean());
        assertEquals(9, report.get("tensors").size(), "three tensors, three engines");
        for (JsonNode check : report.get("tensors")) {
            boolean spoilt = check.get("name").asString().equals("output") && check.get("engine").asString().equals("pytorch");
            assertEquals(!spoilt, check.get("ok").asBoolean(), check::toString);
            assertTrue(check.get("error").asDouble() >= 0 && check.get("tolerance").asDouble() > 0, check::toString);
        }
        assertTrue(report.get("skipped").isArray());
        assertEquals("", report.get("message").asString());
    }

    @Test
    void aCellInAChainIsALayerWhoseStateHasTheLayerDimension() throws IOException {
        SplittableRandom random = new SplittableRandom(SyntheticCase.SEED);
        made.weights.clear();
        made.weights.put("cell.weight_ih", SyntheticCase.uniform(random, 0.5, 27, SyntheticCase.INPUT));
        made.weights.put("cell.weight_hh", SyntheticCase.uniform(random, 0.5, 27, 9));
        Tensor input = made.io.get("input");
        ReferenceModel.Result result = ReferenceModel
                .of(ModelSpec.of(new LayerSpec.Gru("cell", true), new LayerSpec.LastStep()), Weights.of(made.weights))
                .run(input.toDoubles(), SyntheticCase.BATCH, SyntheticCase.STEPS, null, null, null);
        made.io.clear();
        made.io.putAll(Map.of("input", input, "output_f64", Tensor.of(result.output(), SyntheticCase.BATCH, 9),
                "layer_h_n_f64", Tensor.of(result.hN(), 1, SyntheticCase.BATCH, 9), "h_n_f64",
                Tensor.of(result.hN(), SyntheticCase.BATCH, 9)));
        Path folder = made.write(temp.resolve("made"));
        Files.writeString(folder.resolve("model.json"), """
                {"format": "lanecell-model/1", "layers": [
                  {"type": "gru", "weights": "cell", "batch_first": true}, {"type": "last_step"}]}
                """);
        assertTrue(CommandRun.of("verify", folder).fine().startsWith("ok "));
    }

    @Test
    void weightsThatTheDescriptionNamesAndThatAreNotThereAreReported() throws IOException {
        Path folder = made.write(temp.resolve("made"));
        Files.delete(folder.resolve("config.json"));
        for (String named : List.of("weights", "other")) {
            Files.writeString(folder.resolve("model.json"), """
                    {"format": "lanecell-model/1", "weights": "%s.safetensors", "layers": [{"type": "lstm", "batch_first": true}]}
                    """.formatted(named));
            String out = CommandRun.of("verify", folder).fine();
            assertEquals(named.equals("other"),
                    out.contains("model.json names weights \"other.safetensors\", and there is no such file beside it"), out);
        }
    }
}
