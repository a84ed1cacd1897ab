package io.lanecell.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.DType;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import io.lanecell.loader.SafetensorsWriter;
import io.lanecell.loader.WeightFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConvertCommandTest {
    @TempDir
    Path temp;

    private Path in() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("module.fc.weight", Tensor.of(new float[]{1, 2, 3, 4, 5, 1e6f}, 2, 3));
        tensors.put("module.fc.bias", Tensor.of(new float[]{1, 2}, 2));
        Path file = temp.resolve("in.safetensors");
        SafetensorsWriter.write(file, tensors, Map.of());
        return file;
    }

    @Test
    void filesOfEveryKindBecomeSafetensorsOrNpzAndBack() {
        Path npz = temp.resolve("out.npz");
        String out = CommandRun.of("convert", in(), npz).fine();
        assertTrue(out.contains("(safetensors) to ") && out.contains(": 2 tensors"), out);
        assertTrue(out.contains("  nothing was renamed, transposed, narrowed or left out"), out);
        assertTrue(out.contains("all names begin with 'module.'"), out);
        Path back = temp.resolve("back.safetensors");
        CommandRun.of("convert", npz, back).fine();
        Weights weights = WeightFile.load(back);
        assertArrayEquals(new float[]{1, 2, 3, 4, 5, 1e6f}, weights.get("module.fc.weight").toFloats());
        assertEquals(WeightFile.Format.NUMPY_ZIP, WeightFile.detect(npz));
    }

    @Test
    void whatWasRenamedAndNarrowedIsReported() {
        Path to = temp.resolve("out.safetensors");
        String out = CommandRun.of("convert", in(), to, "--dtype", "f16", "--strip-prefix", "module.").fine();
        assertTrue(out.contains("  renamed 2 tensors: took 'module.' off\n  narrowed 2 tensors from F32 to F16\n"
                + "  1 number beyond the range of F16 became infinite\n"), out);
        assertFalse(out.contains("all names begin"), out);
        Weights weights = WeightFile.load(to);
        assertEquals(List.of("fc.bias", "fc.weight"), weights.names().stream().sorted().toList());
        assertEquals(DType.F16, weights.get("fc.bias").dtype());
        CommandRun.of("convert", in(), to, "--dtype", "bf16").fine();
        assertEquals(DType.BF16, WeightFile.load(to).get("module.fc.bias").dtype());
    }

    @Test
    void aFileMayBeConvertedOntoItself() {
        Path file = in();
        CommandRun.of("convert", file, file, "--strip-prefix", "module.").fine();
        assertTrue(WeightFile.load(file).has("fc.bias"));
    }

    @Test
    void badUsageIsRefusedAndNothingWritten() {
        Path to = temp.resolve("out.safetensors");
        assertTrue(CommandRun.of("convert", in(), to, "--dtype", "int8").refused().contains("int8 is not written yet"));
        assertTrue(CommandRun.of("convert", in(), to, "--strip-prefix", "x.").refused()
                .contains("no tensor's name begins with 'x.'"));
        assertTrue(CommandRun.of("convert", in(), temp.resolve("out.pt")).refused().contains(".safetensors or .npz"));
        assertTrue(CommandRun.of("convert", in(), temp.resolve("o.npz"), "--dtype", "bf16").refused().contains("NumPy lacks"));
        assertTrue(CommandRun.of("convert", temp.resolve("absent.pt"), to).refused().contains("no such file"));
        assertTrue(CommandRun.of("convert", in()).refused().contains("OUT"));
        assertTrue(Files.notExists(to));
    }

    @Test
    void everyGoldenModelsFilesConvertToTheSame() {
        Path folder = Shared.golden("model/digits_rows_trained");
        Path expected = temp.resolve("expected.safetensors");
        CommandRun.of("convert", folder.resolve("state_dict.pt"), expected).fine();
        for (String name : List.of("state_dict_legacy.pt", "model_script.pt")) {
            Path to = temp.resolve("out.safetensors");
            CommandRun.of("convert", folder.resolve(name), to).fine();
            assertEquals(WeightFile.load(expected).names(), WeightFile.load(to).names());
        }
    }

    @Test
    void inspectExplainsAndStripsThePrefix() {
        assertTrue(CommandRun.of("inspect", in()).fine().contains("--strip-prefix module. takes it off"));
        String out = CommandRun.of("inspect", in(), "--strip-prefix", "module.").fine();
        assertTrue(out.lines().anyMatch(line -> line.startsWith("Linear  fc ")), out);
        assertFalse(out.contains("--strip-prefix"), out);
    }
}
