package io.lanecell.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.Tensor;
import io.lanecell.loader.SafetensorsWriter;
import io.lanecell.loader.WeightFile;
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

class RunCommandTest {
    @TempDir
    Path temp;

    private final SyntheticCase made = new SyntheticCase();
    private final Map<String, Tensor> inputs = new LinkedHashMap<>();
    private Path model;
    private Path output;

    @BeforeEach
    void aCaseAndItsInput() {
        model = made.write(temp.resolve("made"));
        output = temp.resolve("out.safetensors");
        inputs.put("input", made.io.get("input"));
    }

    private CommandRun run(Path model) {
        Path file = temp.resolve("in.safetensors");
        SafetensorsWriter.write(file, inputs, Map.of());
        return CommandRun.of("run", model, "--input", file, "--output", output);
    }

    private String refused() {
        String message = run(model).refused();
        assertFalse(Files.exists(output), "a refused run leaves no output");
        return message;
    }

    private void assertEqualToPyTorch() {
        Map<String, Tensor> outputs = WeightFile.load(output).tensors();
        assertEquals(Set.of("output", "h_n", "c_n"), outputs.keySet());
        outputs.forEach((name, tensor) -> {
            assertArrayEquals(made.io.get(name).shape(), tensor.shape(), name);
            assertArrayEquals(made.io.get(name).toFloats(), tensor.toFloats(), 1e-6f, name);
        });
    }

    @Test
    void aCaseDirectoryGivesItsOutputs() {
        assertEquals("", run(model).fine());
        assertEqualToPyTorch();
    }

    @Test
    void aModelJsonGivesTheSame() throws IOException {
        Path json = Files.writeString(model.resolve("model.json"), """
                {"format": "lanecell-model/1", "weights": "weights.safetensors",
                 "layers": [{"type": "lstm", "weights": "", "batch_first": true}]}
                """);
        run(json).fine();
        assertEqualToPyTorch();
    }

    @Test
    void aWeightFileAloneIsTimeFirstAsPyTorchHasIt() {
        Tensor input = made.io.get("input");
        double[] timeFirst = new double[input.size()];
        for (int n = 0; n < SyntheticCase.BATCH; n++) {
            for (int t = 0; t < SyntheticCase.STEPS; t++) {
                System.arraycopy(input.toDoubles(), (n * SyntheticCase.STEPS + t) * SyntheticCase.INPUT, timeFirst,
                        (t * SyntheticCase.BATCH + n) * SyntheticCase.INPUT, SyntheticCase.INPUT);
            }
        }
        inputs.put("input", Tensor.of(timeFirst, SyntheticCase.STEPS, SyntheticCase.BATCH, SyntheticCase.INPUT));
        run(model.resolve("weights.safetensors")).fine();
        Tensor hidden = WeightFile.load(output).get("h_n");
        assertArrayEquals(made.io.get("h_n").toFloats(), hidden.toFloats(), 1e-6f);
    }

    @Test
    void anRnnAloneIsTakenForOneOfTanhAndThatIsSaid() {
        Path file = temp.resolve("rnn.safetensors");
        SafetensorsWriter.write(file, Map.of("weight_ih_l0", Tensor.of(new float[]{0.5f, -1}, 2, 1), "weight_hh_l0",
                Tensor.of(new float[4], 2, 2)), Map.of());
        inputs.put("input", Tensor.of(new float[]{3}, 1, 1));
        CommandRun result = run(file);
        assertEquals(0, result.code());
        assertTrue(result.err().contains("tanh is assumed"), result.err());
        Map<String, Tensor> outputs = WeightFile.load(output).tensors();
        assertEquals(Set.of("output", "h_n"), outputs.keySet(), "an RNN has no c");
        assertArrayEquals(new float[]{(float) Math.tanh(1.5), (float) Math.tanh(-3)}, outputs.get("h_n").toFloats(), 1e-6f);
    }

    @Test
    void anInitialCellStateIsRefusedWhereNothingHasOne() {
        Path file = temp.resolve("gru.safetensors");
        SafetensorsWriter.write(file, Map.of("weight_ih_l0", Tensor.of(new float[6], 6, 1), "weight_hh_l0",
                Tensor.of(new float[12], 6, 2)), Map.of());
        model = file;
        inputs.put("input", Tensor.of(new float[]{3}, 1, 1));
        inputs.put("c0", Tensor.of(new float[2], 1, 2));
        assertTrue(refused().contains("'c0' is given but the model has no LSTM"));
        inputs.remove("c0");
        inputs.put("h0", Tensor.of(new float[]{0.5f, -0.5f}, 1, 2));
        run(file).fine();
        // All weights zero: z = 1/2 and n = 0, so that h is halved.
        assertArrayEquals(new float[]{0.25f, -0.25f}, WeightFile.load(output).get("h_n").toFloats());
    }

    @Test
    void aChainThatBeginsWithATransposeTakesChannelsFirst() throws IOException {
        Path folder = Files.createDirectory(temp.resolve("conv"));
        Files.writeString(folder.resolve("model.json"), """
                {"format": "lanecell-model/1", "layers": [{"type": "transpose"},
                 {"type": "conv1d", "weights": "c", "stride": 2}, {"type": "max_over_time"}]}
                """);
        SafetensorsWriter.write(folder.resolve("weights.safetensors"),
                Map.of("c.weight", Tensor.of(new float[]{1, 0, 0, 1}, 1, 2, 2)), Map.of());
        model = folder;
        inputs.put("input", Tensor.of(new float[]{1, 2, 3, 4, 10, 20, 30, 40}, 1, 2, 4));
        run(folder).fine();
        assertArrayEquals(new int[]{1, 1}, WeightFile.load(output).get("output").shape());
        assertArrayEquals(new float[]{3 + 40}, WeightFile.load(output).get("output").toFloats());
        inputs.put("input", Tensor.of(new float[8], 1, 4, 2));
        Files.delete(output);
        assertTrue(refused().contains("'input' has shape [1, 4, 2], expected (N, 2, T) or (2, T)"));
        inputs.put("input", Tensor.of(new float[4], 2, 2, 1));
        assertTrue(refused().contains("layers[1] 'conv1d'"));
    }

    @Test
    void aPoolAloneTakesAnyNumberOfChannels() throws IOException {
        Path folder = Files.createDirectory(temp.resolve("pool"));
        Files.writeString(folder.resolve("config.json"), "{\"module\": \"torch.nn.MaxPool1d\", \"args\": {\"kernel_size\": 2}}");
        inputs.put("input", Tensor.of(new float[]{1, 5, 2, 3, 9, -1, -4, -2, -3, -8}, 2, 1, 5));
        run(folder).fine();
        Tensor result = WeightFile.load(output).get("output");
        assertArrayEquals(new int[]{2, 1, 2}, result.shape());
        assertArrayEquals(new float[]{5, 3, -1, -2}, result.toFloats());
    }

    @Test
    void aBatchNormTakesRowsAsWellAsChannels() throws IOException {
        Path folder = Files.createDirectory(temp.resolve("norm"));
        Files.writeString(folder.resolve("config.json"),
                "{\"module\": \"torch.nn.BatchNorm1d\", \"args\": {\"num_features\": 2, \"eps\": 0, \"affine\": false}}");
        SafetensorsWriter.write(folder.resolve("weights.safetensors"), Map.of("running_mean", Tensor.of(new float[]{1, 2}, 2),
                "running_var", Tensor.of(new float[]{4, 16}, 2)), Map.of());
        inputs.put("input", Tensor.of(new float[]{3, 6, 1, 10}, 2, 2));
        run(folder).fine();
        assertArrayEquals(new float[]{1, 1, 0, 2}, WeightFile.load(output).get("output").toFloats());
        inputs.put("input", Tensor.of(new float[]{3, 1, 6, 10}, 1, 2, 2));
        run(folder).fine();
        assertArrayEquals(new int[]{1, 2, 2}, WeightFile.load(output).get("output").shape());
        assertArrayEquals(new float[]{1, 0, 1, 2}, WeightFile.load(output).get("output").toFloats());
    }

    @Test
    void oneSequenceNeedsNoBatchDimension() {
        inputs.put("input", Tensor.of(new float[7 * 5], 7, 5));
        run(model).fine();
        Map<String, Tensor> outputs = WeightFile.load(output).tensors();
        assertArrayEquals(new int[]{7, 34}, outputs.get("output").shape());
        assertArrayEquals(new int[]{2, 17}, outputs.get("h_n").shape());
    }

    @Test
    void aSequenceInTwoPartsWithItsStateCarriedEqualsTheWhole() {
        made.weights.keySet().removeIf(name -> name.endsWith("_reverse"));
        made.config = made.config.replace("\"bidirectional\": true", "\"bidirectional\": false");
        model = made.write(temp.resolve("forward"));
        Tensor all = made.io.get("input");
        inputs.put("input", part(all, 0, 6));
        run(model).fine();
        Map<String, Tensor> whole = WeightFile.load(output).tensors();

        inputs.put("input", part(all, 0, 2));
        run(model).fine();
        Map<String, Tensor> first = WeightFile.load(output).tensors();
        inputs.put("input", part(all, 2, 6));
        inputs.put("h0", first.get("h_n"));
        inputs.put("c0", first.get("c_n"));
        run(model).fine();
        Map<String, Tensor> second = WeightFile.load(output).tensors();
        assertArrayEquals(whole.get("h_n").toFloats(), second.get("h_n").toFloats());
        assertArrayEquals(whole.get("c_n").toFloats(), second.get("c_n").toFloats());
    }

    private static Tensor part(Tensor all, int from, int to) {
        double[] cut = new double[SyntheticCase.BATCH * (to - from) * SyntheticCase.INPUT];
        for (int n = 0; n < SyntheticCase.BATCH; n++) {
            System.arraycopy(all.toDoubles(), (n * SyntheticCase.STEPS + from) * SyntheticCase.INPUT, cut,
                    n * (to - from) * SyntheticCase.INPUT, (to - from) * SyntheticCase.INPUT);
        }
        return Tensor.of(cut, SyntheticCase.BATCH, to - from, SyntheticCase.INPUT);
    }

    @Test
    void wrongShapesAreRefusedWithNameExpectedAndActual() {
        inputs.put("input", Tensor.of(new float[24], 2, 3, 4));
        assertTrue(refused().contains("'input' has shape [2, 3, 4], expected (N, T, 5) or (T, 5)"));
        inputs.put("input", Tensor.of(new float[0], 2, 0, 5));
        assertTrue(refused().contains("no steps"));
        inputs.put("input", made.io.get("input"));
        inputs.put("h0", Tensor.of(new float[2 * 4 * 17], 2, 4, 17));
        assertTrue(refused().contains("'h0' is given without 'c0'"));
        inputs.put("c0", Tensor.of(new float[2 * 3 * 17], 2, 3, 17));
        assertTrue(refused().contains("'h0' is F32[2, 4, 17], expected floating-point values of shape [2, 3, 17]"));
        inputs.remove("h0");
        inputs.remove("c0");
        inputs.remove("input");
        assertTrue(refused().contains("'input' is missing"));
    }

    @Test
    void wrongLengthsAreRefused() {
        for (Tensor lengths : List.of(Tensor.of(new long[]{6, 7, 1}, 3), Tensor.of(new long[]{6, 0, 1}, 3),
                Tensor.of(new long[]{6, 1}, 2), Tensor.of(new double[]{6, 1.5, 1}, 3),
                Tensor.of(new double[]{6, Double.NaN, 1}, 3))) {
            inputs.put("lengths", lengths);
            assertTrue(refused().contains("'lengths'"), lengths::toString);
        }
    }

    @Test
    void tokensMustBeWholeNumbersOfTheVocabulary() throws IOException {
        Path folder = Files.createDirectory(temp.resolve("tokens"));
        Files.writeString(folder.resolve("config.json"),
                "{\"module\": \"torch.nn.Embedding\", \"args\": {\"num_embeddings\": 4, \"embedding_dim\": 2}}");
        SafetensorsWriter.write(folder.resolve("weights.safetensors"),
                Map.of("weight", Tensor.of(new float[]{0, 1, 10, 11, 20, 21, 30, 31}, 4, 2)), Map.of());
        model = folder;
        inputs.clear();
        for (Tensor bad : List.of(Tensor.of(new double[]{1, Double.NaN}, 2), Tensor.of(new float[]{1, 0.5f}, 2),
                Tensor.of(new long[]{1, 4}, 2), Tensor.of(new long[]{-1, 2}, 2), Tensor.of(new long[]{1L << 32, 2}, 2))) {
            inputs.put("tokens", bad);
            assertTrue(refused().contains("'tokens'"), bad::toString);
        }
        inputs.put("tokens", Tensor.of(new float[]{3, 1, 0, 2}, 2, 2));
        run(model).fine();
        Tensor rows = WeightFile.load(output).get("output");
        assertArrayEquals(new int[]{2, 2, 2}, rows.shape());
        assertArrayEquals(new float[]{30, 31, 10, 11, 0, 1, 20, 21}, rows.toFloats());
    }

    @Test
    void aSoftmaxAloneTakesAnyWidth() throws IOException {
        Path folder = Files.createDirectory(temp.resolve("softmax"));
        Files.writeString(folder.resolve("config.json"), "{\"module\": \"torch.nn.Softmax\", \"args\": {\"dim\": -1}}");
        for (int width : new int[]{1, 3, 17}) {
            inputs.put("input", Tensor.of(new float[2 * width], 1, 2, width));
            run(folder).fine();
            Tensor result = WeightFile.load(output).get("output");
            assertArrayEquals(new int[]{1, 2, width}, result.shape());
            for (float value : result.toFloats()) {
                assertEquals(1f / width, value, 1e-7f);
            }
        }
    }

    @Test
    void whatCanNotBeReadOrWrittenIsRefusedInOneLine() throws IOException {
        assertTrue(run(temp.resolve("absent.pt")).refused().contains("absent.pt"));
        assertTrue(CommandRun.of("run", model, "--input", temp.resolve("none.safetensors"), "--output", output).refused()
                .contains("none.safetensors"));
        assertTrue(CommandRun.of("run", model, "--output", output).refused().contains("--input"));
        Path file = Files.write(temp.resolve("cut.safetensors"), new byte[]{9, 0, 0, 0, 0, 0, 0, 0, '{'});
        assertTrue(CommandRun.of("run", model, "--input", file, "--output", output).refused().contains("cut.safetensors"));
        output = temp.resolve("no/such/folder/out.safetensors");
        assertTrue(run(model).refused().contains("out.safetensors"));
    }

    @Test
    void whicheverIsAtFaultIsNamedByItsFile() {
        inputs.clear();
        String line = run(model).refused();
        assertTrue(line.startsWith("lanecell: " + temp.resolve("in.safetensors") + ": tensor 'input' is missing"), line);
    }
}
