package io.lanecell.loader;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.Weights;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Every file of the golden formats folder: the good give the tensors beside them, the bad the right error. */
class GoldenFormatsTest {
    /** What is wrong with each bad file: the kind of error, and words that its message must have. */
    private record Fault(Class<? extends WeightFileException> kind, String... words) {
    }

    private static final Map<String, Fault> PT_FAULTS = Map
            .ofEntries(
                    Map.entry("whole_module.pt",
                            new Fault(WeightFileException.Refused.class, "golden_models.Forecaster", "byte", "state_dict")),
                    Map.entry("whole_module_builtin.pt",
                            new Fault(WeightFileException.Refused.class, "torch.nn.modules.rnn.LSTM")),
                    Map.entry("reduce_eval.pt", new Fault(WeightFileException.Refused.class, "__builtin__.eval", "byte 174")),
                    Map.entry("reduce_system.pt", new Fault(WeightFileException.Refused.class, "posix.system", "byte 174")),
                    Map.entry("reduce_eval_legacy.pt",
                            new Fault(WeightFileException.Refused.class, "__builtin__.eval", "byte 320", "not run")),
                    Map.entry("truncated_legacy.pt",
                            new Fault(WeightFileException.Truncated.class, "storage", "needs", "are left")),
                    Map.entry("truncated_zip.pt", new Fault(WeightFileException.Truncated.class, "cut short")),
                    Map.entry("empty_file.pt", new Fault(WeightFileException.Truncated.class, "empty")),
                    Map.entry("not_a_checkpoint.pt",
                            new Fault(WeightFileException.Malformed.class, "no weight file", "begins with")),
                    Map.entry("missing_storage.pt", new Fault(WeightFileException.Malformed.class, "data/3", "missing")),
                    Map.entry("short_storage.pt", new Fault(WeightFileException.Truncated.class, "data/3", "bytes")),
                    Map.entry("no_pickle.pt", new Fault(WeightFileException.Malformed.class, "no data.pkl")),
                    Map.entry("truncated_pickle.pt", new Fault(WeightFileException.Truncated.class, "data.pkl")),
                    Map.entry("deep_nesting.pt", new Fault(WeightFileException.Malformed.class, "nests deeper")),
                    Map.entry("huge_string_length.pt", new Fault(WeightFileException.Truncated.class, "2147483647", "byte")));

    private static final Map<String, Fault> SAFETENSORS_FAULTS = Map
            .ofEntries(Map.entry("header_too_long.safetensors", new Fault(WeightFileException.Malformed.class, "1099511627776")),
                    Map.entry("header_negative_length.safetensors", new Fault(WeightFileException.Malformed.class, "length")),
                    Map.entry("header_not_json.safetensors", new Fault(WeightFileException.Malformed.class, "JSON")),
                    Map.entry("offsets_past_end.safetensors",
                            new Fault(WeightFileException.Truncated.class, "'w'", "past the end")),
                    Map.entry("shape_mismatch.safetensors",
                            new Fault(WeightFileException.Malformed.class, "'w'", "24 bytes", "16")),
                    Map.entry("overlap.safetensors", new Fault(WeightFileException.Malformed.class, "overlap")),
                    Map.entry("hole.safetensors", new Fault(WeightFileException.Malformed.class, "gap")),
                    Map.entry("trailing_bytes.safetensors",
                            new Fault(WeightFileException.Malformed.class, "after its last tensor")),
                    Map.entry("negative_offset.safetensors", new Fault(WeightFileException.Malformed.class, "data_offsets", "-")),
                    Map.entry("shape_overflow.safetensors", new Fault(WeightFileException.Malformed.class, "'w'")),
                    Map.entry("unknown_dtype.safetensors", new Fault(WeightFileException.Malformed.class, "unknown dtype")),
                    Map.entry("duplicate_name.safetensors", new Fault(WeightFileException.Malformed.class, "uplicate")));

    @TestFactory
    Stream<DynamicTest> pyTorchFileGivesTheTensorsBesideItOrTheRightError() {
        return cases("formats/pt", PT_FAULTS, (file, name) -> {
            if (name.equals("big_endian.pt")) { // little-endian numbers that are said to be big-endian
                assertTurnedRound(WeightFile.load(file.resolveSibling("ordered_dict_zip.safetensors")), WeightFile.load(file));
                return;
            }
            Path expected = file.resolveSibling(name.replace(".pt", ".safetensors"));
            Shared.assertSameTensors(WeightFile.load(expected), WeightFile.load(file));
            assertEquals(name.contains("legacy") ? WeightFile.Format.PYTORCH_LEGACY : WeightFile.Format.PYTORCH_ZIP,
                    WeightFile.detect(file));
        });
    }

    private static void assertTurnedRound(Weights expected, Weights actual) {
        assertEquals(expected.names(), actual.names());
        expected.tensors().forEach((name, tensor) -> {
            byte[] bytes = tensor.bytes().toArray(ValueLayout.JAVA_BYTE);
            byte[] turned = actual.get(name).bytes().toArray(ValueLayout.JAVA_BYTE);
            int width = tensor.dtype().bytes();
            for (int i = 0; i < bytes.length; i++) {
                assertEquals(bytes[i], turned[i / width * width + width - 1 - i % width], name);
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> safetensorsFileLoadsOrGivesTheRightError() {
        return cases("formats/safetensors", SAFETENSORS_FAULTS, (file, name) -> {
            WeightFile.load(file);
            assertEquals(WeightFile.Format.SAFETENSORS, WeightFile.detect(file));
        });
    }

    @Test
    void goodSafetensorsFilesHoldTheValuesThatAreDescribed() {
        Path folder = Shared.golden("formats/safetensors");
        for (String name : new String[]{"minimal", "trailing_spaces", "metadata"}) {
            Weights weights = WeightFile.load(folder.resolve(name + ".safetensors"));
            assertEquals(Set.of("w"), weights.names());
            assertArrayEquals(new int[]{2, 2}, weights.get("w").shape());
            assertArrayEquals(new float[]{1, 2, 3, 4}, weights.get("w").toFloats());
        }
        Weights mixed = WeightFile.load(folder.resolve("scalar_and_empty.safetensors"));
        assertEquals(0, mixed.get("s").rank());
        assertArrayEquals(new float[]{1}, mixed.get("s").toFloats());
        assertArrayEquals(new int[]{0, 3}, mixed.get("e").shape());
        assertArrayEquals(new float[]{2, 3, 4}, mixed.get("t").toFloats());
        assertTrue(WeightFile.load(folder.resolve("no_tensors.safetensors")).names().isEmpty());
        assertEquals(Set.of("ab\"c/d\n"), WeightFile.load(folder.resolve("escaped_names.safetensors")).names());
        Weights unsorted = WeightFile.load(folder.resolve("unsorted_offsets.safetensors"));
        assertArrayEquals(new float[]{1, 2}, unsorted.get("a").toFloats());
        assertArrayEquals(new float[]{3, 4}, unsorted.get("b").toFloats());
        assertArrayEquals(new float[]{1, 2, 3}, WeightFile.load(folder.resolve("unaligned.safetensors")).get("w").toFloats());
    }

    @Test
    void onnxAndWholeModulesAreToldApart() {
        Path folder = Shared.golden("model/seeds_classifier");
        assertEquals(WeightFile.Format.ONNX, WeightFile.detect(folder.resolve("model.onnx")));
        assertEquals(WeightFile.Format.PYTORCH_ZIP, WeightFile.detect(folder.resolve("whole_module.pt")));
        assertFault(folder.resolve("whole_module.pt"),
                new Fault(WeightFileException.Refused.class, "golden_models.SeedsClassifier"));
    }

    @TestFactory
    Stream<DynamicTest> everyWeightFileOfACaseHoldsTheSame() {
        Path root = Shared.golden("");
        return Stream.of("lstm", "cell", "gru", "rnn", "layer", "model").flatMap(group -> Shared.folders(root.resolve(group)))
                .flatMap(GoldenFormatsTest::pairs);
    }

    /** A test for every two weight files of a case. */
    private static Stream<DynamicTest> pairs(Path folder) {
        Map<String, WeightFile.Format> formats = Map.of("state_dict.pt", WeightFile.Format.PYTORCH_ZIP, "state_dict_legacy.pt",
                WeightFile.Format.PYTORCH_LEGACY, "model_script.pt", WeightFile.Format.TORCHSCRIPT, "weights.safetensors",
                WeightFile.Format.SAFETENSORS);
        List<String> there = formats.keySet().stream().sorted().filter(name -> Files.exists(folder.resolve(name))).toList();
        return there.stream().skip(1).map(name -> DynamicTest.dynamicTest(folder.getFileName() + ": " + name, () -> {
            assertEquals(formats.get(name), WeightFile.detect(folder.resolve(name)));
            Shared.assertSameTensors(WeightFile.load(folder.resolve(there.getFirst())), WeightFile.load(folder.resolve(name)));
        }));
    }

    private interface Good {
        void check(Path file, String name);
    }

    private static Stream<DynamicTest> cases(String folder, Map<String, Fault> faults, Good good) {
        Path path = Shared.golden(folder);
        JsonNode expected = JsonFile.read(path.resolve("expected.json"));
        return expected.propertyNames().stream().map(name -> DynamicTest.dynamicTest(name, () -> {
            String load = expected.get(name).get("load").stringValue();
            boolean refuse = load.startsWith("refuse") && !load.startsWith("refuse (or swap bytes");
            assertEquals(refuse, faults.containsKey(name), name);
            if (refuse) {
                assertFault(path.resolve(name), faults.get(name));
            } else {
                good.check(path.resolve(name), name);
            }
        }));
    }

    private static void assertFault(Path file, Fault fault) {
        WeightFileException e = assertThrows(WeightFileException.class, () -> WeightFile.load(file));
        assertEquals(fault.kind(), e.getClass(), e.getMessage());
        assertEquals(file, e.file());
        assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
        assertFalse(e.getMessage().contains("\n"), e.getMessage());
        for (String word : fault.words()) {
            assertTrue(e.getMessage().contains(word), () -> "no '" + word + "' in: " + e.getMessage());
        }
    }
}
