package io.lanecell.loader;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsIndexTest {
    @TempDir
    Path folder;

    private Path index;

    @BeforeEach
    void writeShards() {
        index = folder.resolve("model.safetensors.index.json");
        SafetensorsWriter.write(folder.resolve("1.safetensors"), Map.of("a", Tensor.of(new float[]{1}, 1)), Map.of());
        SafetensorsWriter.write(folder.resolve("2.safetensors"), Map.of("b", Tensor.of(new float[]{2}, 1)), Map.of());
    }

    private <E extends WeightFileException> void assertFault(Class<E> kind, String json, String... words) throws IOException {
        Files.writeString(index, json);
        String message = assertThrows(kind, () -> WeightFile.load(index)).getMessage();
        for (String word : words) {
            assertTrue(message.contains(word), () -> "no '" + word + "' in: " + message);
        }
    }

    @Test
    void theFilesThatTheIndexNamesAreJoined() throws IOException {
        Files.writeString(index, "{\"metadata\": {\"total_size\": 8, \"x\": [{}]},\n \"weight_map\": {\"b\": \"2.safetensors\","
                + " \"a\": \"1.safetensors\"}}");
        assertEquals(WeightFile.Format.SAFETENSORS_INDEX, WeightFile.detect(index));
        WeightFile.Content content = WeightFile.open(index, Progress.NONE);
        assertEquals(List.of("b", "a"), List.copyOf(content.weights().names()));
        assertArrayEquals(new float[]{2}, content.weights().get("b").toFloats());
        assertEquals(List.of("joined 2 files that the index names"), content.remarks());
    }

    @ParameterizedTest
    @ValueSource(strings = {"../1.safetensors", "/etc/passwd", "/1.safetensors", "sub/1.safetensors", "..", "", "1.pt",
            "C:1.safetensors",
            ".safetensors", "sub\\\\1.safetensors", "\\u00001.safetensors", "\\u007f.safetensors", "\\u0085.safetensors",
            "\\u202e.safetensors"})
    void onlyFilesInItsOwnFolderMayBeNamed(String file) throws IOException {
        assertFault(WeightFileException.Refused.class, "{\"weight_map\": {\"a\": \"" + file + "\"}}", "'a'", "own folder");
    }

    @Test
    void aNameThatNoFileCanHaveIsMalformed() throws IOException {
        assertFault(WeightFileException.Malformed.class, "{\"weight_map\": {\"a\": \"\\ud800.safetensors\"}}",
                "can't be the name of a file");
    }

    @Test
    void whatTheIndexAndTheFilesDisagreeOnIsNamed() throws IOException {
        assertFault(WeightFileException.Malformed.class, "{\"weight_map\": {\"a\": \"1.safetensors\", \"c\": \"1.safetensors\"}}",
                "'c'", "not in '1.safetensors'");
        assertFault(WeightFileException.Malformed.class, "{\"weight_map\": {\"a\": \"1.safetensors\", \"b\": \"1.safetensors\"}}",
                "'b'", "not in '1.safetensors'");
        SafetensorsWriter.write(folder.resolve("3.safetensors"),
                Map.of("c", Tensor.of(new float[1], 1), "d", Tensor.of(new float[1], 1)), Map.of());
        assertFault(WeightFileException.Malformed.class, "{\"weight_map\": {\"c\": \"3.safetensors\"}}", "'d'",
                "doesn't name it");
        assertFault(WeightFileException.Malformed.class, "{\"weight_map\": {\"c\": \"3.safetensors\", \"d\": \"1.safetensors\"}}",
                "weight_map");
        assertFault(WeightFileException.Unreadable.class, "{\"weight_map\": {\"a\": \"absent.safetensors\"}}", "no such file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"weight_map\": 3}", "{\"weight_map\": {\"a\": 3}}", "{\"weight_map\"", "{\"weight_map\": {}} x",
            "{\"x\": \"weight_map\"}     ", "{\"a\":1, \"x\": {\"weight_map\": {}}}",
            "{\"weight_map\": {\"a\": \"1.safetensors\", \"a\":"
                    + " \"1.safetensors\"}}"})
    void whatIsNoIndexIsMalformed(String json) throws IOException {
        assertFault(WeightFileException.Malformed.class, json);
    }

    @Tag("long")
    @Test
    void anIndexAsLongAsTheLongestInUseIsRead() throws IOException {
        Tensor tensor = Tensor.of(new float[1], 1);
        StringBuilder json = new StringBuilder("{\"metadata\": {}, \"weight_map\": {");
        for (int shard = 0; shard < 100; shard++) {
            Map<String, Tensor> tensors = new HashMap<>();
            String file = "model-" + shard + "-of-100.safetensors";
            for (int i = 0; i < 1_000; i++) {
                String name = "model.layers." + shard + ".mlp.experts." + i + ".down_proj.weight_scale_inv";
                tensors.put(name, tensor);
                json.append(json.charAt(json.length() - 1) == '{' ? "" : ",").append('"').append(name).append("\": \"")
                        .append(file).append('"');
            }
            SafetensorsWriter.write(folder.resolve(file), tensors, Map.of());
        }
        Files.writeString(index, json.append("}}"));
        assertEquals(100_000, WeightFile.load(index).names().size());
    }

    @Tag("long")
    @Test
    void anIndexOfMillionsOfNamesMayNotCostMuchMoreThanItsFile() throws IOException {
        StringBuilder json = new StringBuilder("{\"weight_map\": {}, \"metadata\": {\"_\":0");
        for (int i = 0; i < 1_000_000; i++) {
            json.append(",\"").append(Integer.toString(i, 36)).append("\":0");
        }
        long before = Allocation.ofThisThread();
        assertFault(WeightFileException.Malformed.class, json.append("}}").toString(), "far more memory");
        long bound = 4L * Files.size(index) + (64L << 20);
        long written = 4L * json.length(); // by this test
        assertTrue(Allocation.ofThisThread() - before < bound + written, "more than 4 n + 64 MB");
    }

    @Test
    void anIndexOfAnLstmIsAModel() throws IOException {
        for (String name : List.of("weight_ih_l0", "weight_hh_l0")) {
            SafetensorsWriter.write(folder.resolve(name + ".safetensors"), Map.of(name, Tensor.of(new float[16], 8, 2)),
                    Map.of());
        }
        Files.writeString(index, "{\"weight_map\": {\"weight_ih_l0\": \"weight_ih_l0.safetensors\", \"weight_hh_l0\":"
                + " \"weight_hh_l0.safetensors\"}}");
        assertEquals(2, ModelFile.open(index).model().outputSize());
    }

    @Test
    void namesHaveAtMost255CharactersAndNothingFollowsTheIndex() throws IOException {
        String longest = "x".repeat(255 - 12) + ".safetensors";
        Files.move(folder.resolve("1.safetensors"), folder.resolve(longest));
        Files.writeString(index, "{\"weight_map\": {\"a\": \"" + longest + "\"}, \"x\": [[1, {\"y\": 2}], 3], \"z\": null}");
        assertEquals(List.of("a"), List.copyOf(WeightFile.load(index).names()));
        assertFault(WeightFileException.Refused.class, "{\"weight_map\": {\"a\": \"x" + longest + "\"}}", "own folder");
        assertFault(WeightFileException.Malformed.class, "{\"weight_map\": {\"a\": \"" + longest + "\"}} {}",
                "the index has something after its closing brace");
        assertFault(WeightFileException.Malformed.class, "{\"weight_map\": {}, \"x\": ", "not valid JSON");
        Source list = Source.of(index, "[\"weight_map\"]".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        String message = assertThrows(WeightFileException.Malformed.class, () -> new SafetensorsIndexReader().read(list))
                .getMessage();
        assertTrue(message.endsWith("the index is no JSON object"), message);
    }

    private long cost(String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        return Cost.of(index, bytes, source -> new SafetensorsIndexReader().read(source)) - bytes.length;
    }

    @Test
    void namesAndWhatIsPassedOverAreChargedFor() {
        long remark = 64 + 2 * "joined 0 files that the index names".length();
        long empty = cost("{'weight_map': {}}".replace('\'', '"'));
        assertEquals(160 + 3 * "weight_map".length() + remark, empty);
        String tensor = "{'weight_map': {'a': '1.safetensors'}}".replace('\'', '"');
        assertEquals(160 + 112 + 3, cost(tensor) - empty, "a tensor's name");
        for (String value : List.of("1", "null", "'text'", "false")) {
            assertEquals(160 + 3 * 2, cost(("{'xy': " + value + ", 'weight_map': {}}").replace('\'', '"')) - empty, value);
        }
        String array = "{'xy': [1, [2, 3], 4], 'weight_map': {}}".replace('\'', '"');
        assertEquals(160 + 3 * 2 + 7 * 32, cost(array) - empty, "its brackets and numbers, but for the last one");
        String object = "{'xy': {'abc': 1, 'd': {}}, 'weight_map': {}}".replace('\'', '"');
        assertEquals(160 + 3 * 2 + 160 + 3 * 3 + 160 + 3 + 4 * 32, cost(object) - empty, "its names too");
    }

    @Test
    void anIndexWithoutTensorsHasNone() throws IOException {
        Files.writeString(index, "{\"weight_map\": {}}");
        assertEquals(Weights.of(Map.of()).names(), WeightFile.load(index).names());
    }
}
