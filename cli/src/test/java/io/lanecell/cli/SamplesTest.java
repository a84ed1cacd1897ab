package io.lanecell.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.Tensor;
import io.lanecell.TopK;
import io.lanecell.loader.JsonFile;
import io.lanecell.loader.ModelFile;
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

/** The project's own trained models, with the outputs that PyTorch gave for them. */
class SamplesTest {
    private static final Path SAMPLES = Path.of("../weights");

    @TempDir
    Path temp;

    /** Every folder of the samples with a model in it, so that none is forgotten. */
    static List<String> samples() throws IOException {
        try (Stream<Path> folders = Files.list(SAMPLES)) {
            return folders.filter(folder -> Files.exists(folder.resolve("model.json")))
                    .map(folder -> folder.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void thereAreEightSamples() throws IOException {
        assertEquals(List.of("char-lm", "cnn-lstm", "digit-rows", "forecaster", "gru-tagger", "relation-attention", "seq2seq",
                "text-classifier"), samples());
    }

    @ParameterizedTest
    @MethodSource("samples")
    void samplesEqualPyTorch(String sample) {
        for (String kernels : List.of("vector", "scalar")) {
            String out = CommandRun.of("verify", SAMPLES.resolve(sample), "--kernels", kernels).fine();
            assertTrue(out.startsWith("ok ") && !out.contains("unknown") && !out.contains("skipped"), out);
        }
    }

    /** The case's sequences were drawn from test data; their true classes stand in training.json. */
    @ParameterizedTest
    @CsvSource({"cnn-lstm, classes_of_the_case", "digit-rows, digits_of_the_case", "relation-attention, relations_of_the_case"})
    void theBestLabelOfEachSequenceIsTheTrueOne(String sample, String key) {
        Path output = temp.resolve("out.safetensors");
        CommandRun.of("run", SAMPLES.resolve(sample), "--input", SAMPLES.resolve(sample).resolve("io.safetensors"), "--output",
                output).fine();
        Tensor scores = WeightFile.load(output).get("output");
        List<String> labels = ModelFile.open(SAMPLES.resolve(sample)).labels();
        JsonNode truth = JsonFile.read(SAMPLES.resolve(sample).resolve("training.json")).get(key);
        assertEquals(scores.dim(0), truth.size());
        for (int n = 0; n < scores.dim(0); n++) {
            String best = labels.get(TopK.argmax(scores.toFloats(), n * labels.size(), labels.size()));
            assertEquals(truth.get(n).asString(), best, "sequence " + n);
        }
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
            "text-classifier, lstm.weight_ih_l1_reverse, 1000", "cnn-lstm, features.4.weight, 300",
            "gru-tagger, gru.bias_hh_l0_reverse, 50", "relation-attention, w, 5", "seq2seq, decoder.weight_hh, 1234"})
    void oneWeightChangedFails(String sample, String name, int element) {
        Path folder = Shared.copy(SAMPLES.resolve(sample), temp.resolve("case"));
        Map<String, Tensor> weights = new LinkedHashMap<>(WeightFile.load(folder.resolve("weights.safetensors")).tensors());
        SyntheticCase.move(weights, name, element, 1e-3);
        SafetensorsWriter.write(folder.resolve("weights.safetensors"), weights, Map.of());
        assertTrue(CommandRun.of("verify", folder).failed().startsWith("FAIL "));
    }

    @ParameterizedTest
    @CsvSource({"char-lm, output", "digit-rows, output_f64", "forecaster, closed_loop_60", "forecaster, closed_loop_60_f64",
            "text-classifier, layer_output", "text-classifier, layer_h_n_f64", "char-lm, layer_c_n", "cnn-lstm, layer_output",
            "gru-tagger, layer_h_n", "relation-attention, output_f64", "seq2seq, output"})
    void oneExpectedElementMovedBy1eMinus4Fails(String sample, String name) {
        Path folder = Shared.copy(SAMPLES.resolve(sample), temp.resolve("case"));
        Map<String, Tensor> io = new LinkedHashMap<>(WeightFile.load(folder.resolve("io.safetensors")).tensors());
        SyntheticCase.move(io, name, io.get(name).size() / 3, 1e-4);
        SafetensorsWriter.write(folder.resolve("io.safetensors"), io, Map.of());
        String out = CommandRun.of("verify", folder).failed();
        assertTrue(out.startsWith("FAIL ") && out.contains(name.replace("_f64", "")), out);
    }
}
