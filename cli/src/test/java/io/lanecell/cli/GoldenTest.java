package io.lanecell.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.DType;
import io.lanecell.Tensor;
import io.lanecell.loader.JsonFile;
import io.lanecell.loader.SafetensorsWriter;
import io.lanecell.loader.WeightFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Every golden case of PyTorch's, on both kernels, through the command line. */
class GoldenTest {
    @TempDir
    Path temp;

    static List<String> layers() {
        return Stream.of("lstm", "gru", "rnn", "cell", "layer").flatMap(group -> Shared.cases(group, "").stream()).toList();
    }

    static List<String> large() {
        return Shared.cases("large", "");
    }

    static List<String> models() {
        return Shared.cases("model", "");
    }

    @ParameterizedTest
    @MethodSource("layers")
    void layersEqualPyTorch(String name) {
        Path folder = Shared.golden(name);
        for (String kernels : List.of("vector", "scalar")) {
            String out = CommandRun.of("verify", folder, "--kernels", kernels).fine();
            assertFalse(out.contains("unknown"), out);
            assertFalse(out.contains("computed in float32"), out);
            assertFalse(out.contains("skipped"), out);
        }
        assertSameBits(folder, folder.resolve("io.safetensors"));
    }

    @ParameterizedTest
    @MethodSource("large")
    void layersOfRealSizeEqualPyTorch(String name) {
        Path folder = FormulaCase.write(Shared.golden(name), temp.resolve("case"));
        CommandRun.of("verify", folder, "--kernels", "vector").fine();
        CommandRun.of("verify", folder, "--kernels", "scalar").fine();
        assertSameBits(folder, folder.resolve("io.safetensors"));
    }

    @ParameterizedTest
    @MethodSource("models")
    void modelsEqualPyTorch(String name) throws IOException {
        Path folder = Shared.golden(name);
        Path description = description(name);
        for (String kernels : List.of("vector", "scalar")) {
            JsonNode report = JsonMapper.shared().readTree(
                    CommandRun.of("verify", folder, "--model", description, "--kernels", kernels, "--json").fine()).get(0);
            List<String> checked = report.get("tensors").valueStream().map(check -> check.get("name").asString()).toList();
            for (String expected : WeightFile.load(folder.resolve("io.safetensors")).names()) {
                boolean input = List.of("input", "tokens").contains(expected);
                assertTrue(input || checked.contains(expected.replace("_f64", "")), expected);
            }
        }
        Path copy = Shared.copy(folder, temp.resolve("case"));
        Files.copy(description, copy.resolve("model.json"));
        assertSameBits(copy, folder.resolve("io.safetensors"));
    }

    /** A model.json written for the golden model of that name, whose class only PyTorch knows. */
    private static Path description(String name) {
        return Path.of("src/test/resources/models", Path.of(name).getFileName().toString(), "model.json");
    }

    /** Runs the model on both kernels: the output files must be the same to the bit. */
    private void assertSameBits(Path model, Path io) {
        Path vector = temp.resolve("vector.safetensors");
        Path scalar = temp.resolve("scalar.safetensors");
        CommandRun.of("run", model, "--input", io, "--output", vector, "--kernels", "vector").fine();
        CommandRun.of("run", model, "--input", io, "--output", scalar, "--kernels", "scalar").fine();
        Map<String, Tensor> ours = WeightFile.load(vector).tensors();
        Map<String, Tensor> twins = WeightFile.load(scalar).tensors();
        assertEquals(ours.keySet(), twins.keySet());
        assertTrue(ours.containsKey("output"));
        ours.forEach((name, tensor) -> {
            assertArrayEquals(tensor.shape(), twins.get(name).shape(), name);
            assertEquals(model.toString().contains("float64") ? DType.F64 : DType.F32, tensor.dtype(), name);
            double[] a = tensor.toDoubles(); // which of float32 keeps every bit
            double[] b = twins.get(name).toDoubles();
            for (int i = 0; i < a.length; i++) {
                assertEquals(Double.doubleToLongBits(a[i]), Double.doubleToLongBits(b[i]), name + " element " + i);
            }
        });
    }

    @ParameterizedTest
    @CsvSource({"vector, 0", "vector, 1", "vector, 2", "vector, 3", "scalar, 0", "scalar, 3"})
    void greedyTextEqualsPyTorchCharacterForCharacter(String kernels, int generation) throws IOException {
        Path golden = Shared.golden("model/char_lm_trained");
        JsonNode config = JsonFile.read(golden.resolve("config.json"));
        Path folder = characterModel(golden, config);
        JsonNode expected = config.get("generations").get(generation);
        String prompt = expected.get("prompt").asString();
        String out = CommandRun.of("generate", folder, "--prompt", prompt, "--length", expected.get("steps").asInt(), "--kernels",
                kernels).fine();
        assertEquals(prompt + expected.get("greedy").asString() + "\n", out);
    }

    private Path characterModel(Path golden, JsonNode config) throws IOException {
        Path folder = Shared.copy(golden, temp.resolve("char"));
        ObjectNode model = (ObjectNode) JsonFile.read(description("char_lm_trained"));
        model.putObject("vocabulary").put("kind", "characters").set("tokens", config.get("chars"));
        Files.writeString(folder.resolve("model.json"), model.toString());
        return folder;
    }

    @ParameterizedTest
    @ValueSource(strings = {"lstm/lstm_grid_l2_bias_tf_bi_p7_i13_h17_t9_b2", "lstm/lstm_packed_unsorted_bi_h11",
            "lstm/lstm_float64_l2_h9", "lstm/lstm_bfloat16_l2_h9", "cell/lstmcell_bias_h13", "layer/linear_i33_o17_3d_bias",
            "gru/gru_packed_bi_h17", "gru/gru_l1_nobias_uni_i2_h21", "rnn/rnn_relu_packed_bi_h17", "cell/grucell_bias_h13",
            "cell/rnncell_unbatched_h13", "layer/conv1d_c4_f8_k5_s2_p0_d1_g1", "layer/batchnorm1d_eval_12",
            "layer/layernorm_12"})
    void aSpoiltExpectationFails(String name) {
        Path golden = Shared.golden(name);
        Map<String, Tensor> sound = WeightFile.load(golden.resolve("io.safetensors")).tensors();
        Path folder = Shared.copy(golden, temp.resolve("case"));
        for (String tensor : sound.keySet()) {
            boolean expected = tensor.matches("(output|h_n|c_n|packed_output_data)(_f64)?");
            for (int element : expected ? new int[]{0, sound.get(tensor).size() / 2} : new int[0]) {
                Map<String, Tensor> spoilt = new LinkedHashMap<>(sound);
                SyntheticCase.move(spoilt, tensor, element, 1e-4);
                SafetensorsWriter.write(folder.resolve("io.safetensors"), spoilt, Map.of());
                assertTrue(CommandRun.of("verify", folder).failed().startsWith("FAIL "), tensor);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lstm/lstm_nan_bi_bias_h10", "lstm/lstm_nan_uni_nobias_h10"})
    void aNanMovedFails(String name) {
        Path golden = Shared.golden(name);
        Map<String, Tensor> sound = WeightFile.load(golden.resolve("io.safetensors")).tensors();
        Path folder = Shared.copy(golden, temp.resolve("case"));
        for (String tensor : List.of("output", "output_f64")) {
            double[] values = sound.get(tensor).toDoubles();
            int nan = 0;
            while (!Double.isNaN(values[nan])) {
                nan++;
            }
            int number = 0;
            while (Double.isNaN(values[number])) {
                number++;
            }
            Map<String, Tensor> spoilt = new LinkedHashMap<>(sound);
            SyntheticCase.set(spoilt, tensor, nan, values[number]);
            SyntheticCase.set(spoilt, tensor, number, Double.NaN);
            SafetensorsWriter.write(folder.resolve("io.safetensors"), spoilt, Map.of());
            CommandRun.of("verify", folder).failed();
        }
    }

    @Test
    void bothFormatsOfOneStateDictAreInspectedAlike() {
        Path folder = Shared.golden("model/licence_text_trained");
        JsonNode zip = JsonMapper.shared()
                .readTree(CommandRun.of("inspect", folder.resolve("state_dict.pt"), "--json", "--no-time").fine());
        JsonNode st = JsonMapper.shared()
                .readTree(CommandRun.of("inspect", folder.resolve("weights.safetensors"), "--json", "--no-time").fine());
        assertEquals(zip.get("layers").valueStream().map(JsonNode::toString).sorted().toList(),
                st.get("layers").valueStream().map(JsonNode::toString).sorted().toList());
        assertEquals(zip.get("tensors").valueStream().map(JsonNode::toString).sorted().toList(),
                st.get("tensors").valueStream().map(JsonNode::toString).sorted().toList());
        assertEquals("PYTORCH_ZIP", zip.get("format").asString());
    }
}
