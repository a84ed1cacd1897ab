package io.lanecell.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.Tensor;
import io.lanecell.loader.JsonFile;
import io.lanecell.loader.SafetensorsWriter;
import io.lanecell.loader.WeightFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The project's own trained models, with the outputs that PyTorch gave for them. */
class SamplesTest {
    private static final Path SAMPLES = Path.of("../weights");

    @TempDir
    Path temp;

    @ParameterizedTest
    @CsvSource({"char-lm, vector", "char-lm, scalar", "digit-rows, vector", "digit-rows, scalar", "forecaster, vector",
            "forecaster, scalar", "text-classifier, vector", "text-classifier, scalar"})
    void samplesEqualPyTorch(String sample, String kernels) {
        String out = CommandRun.of("verify", SAMPLES.resolve(sample), "--kernels", kernels).fine();
        assertTrue(out.startsWith("ok ") && !out.contains("unknown"), out);
    }

    @ParameterizedTest
    @ValueSource(strings = {"vector", "scalar"})
    void generatedTextEqualsPyTorch(String kernels) {
        JsonNode generations = JsonFile.read(SAMPLES.resolve("char-lm/generations.json")).get("generations");
        assertTrue(generations.size() > 0);
        for (JsonNode expected : generations) {
            String prompt = expected.get("prompt").asString();
            String out = CommandRun.of("generate", SAMPLES.resolve("char-lm"), "--prompt", prompt, "--length",
                    expected.get("steps").asInt(), "--kernels", kernels).fine();
            assertEquals(prompt + expected.get("greedy").asString() + "\n", out);
        }
    }

    @ParameterizedTest
    @CsvSource({"char-lm, lstm.weight_hh_l1, 100", "digit-rows, fc.weight, 7", "forecaster, lstm.bias_ih_l0, 3",
            "text-classifier, lstm.weight_ih_l1_reverse, 1000"})
    void oneWeightChangedFails(String sample, String name, int element) {
        Path folder = Shared.copy(SAMPLES.resolve(sample), temp.resolve("case"));
        Map<String, Tensor> weights = new LinkedHashMap<>(WeightFile.load(folder.resolve("weights.safetensors")).tensors());
        SyntheticCase.move(weights, name, element, 1e-3);
        SafetensorsWriter.write(folder.resolve("weights.safetensors"), weights, Map.of());
        assertTrue(CommandRun.of("verify", folder).failed().startsWith("FAIL "));
    }

    @ParameterizedTest
    @CsvSource({"char-lm, output", "digit-rows, output_f64", "forecaster, closed_loop_60", "forecaster, closed_loop_60_f64",
            "text-classifier, layer_output", "text-classifier, layer_h_n_f64", "char-lm, layer_c_n"})
    void oneExpectedElementMovedBy1eMinus4Fails(String sample, String name) {
        Path folder = Shared.copy(SAMPLES.resolve(sample), temp.resolve("case"));
        Map<String, Tensor> io = new LinkedHashMap<>(WeightFile.load(folder.resolve("io.safetensors")).tensors());
        SyntheticCase.move(io, name, io.get(name).size() / 3, 1e-4);
        SafetensorsWriter.write(folder.resolve("io.safetensors"), io, Map.of());
        String out = CommandRun.of("verify", folder).failed();
        assertTrue(out.startsWith("FAIL ") && out.contains(name.replace("_f64", "")), out);
    }
}
