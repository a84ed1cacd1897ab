package io.lanecell.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lanecell.Tensor;
import io.lanecell.Weights;
import io.lanecell.loader.WeightFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.function.ThrowingConsumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One of the cases that PyTorch computed: a folder beside the project with weights, inputs and expected outputs. */
record GoldenCase(Path folder, JsonNode config, Weights io) {
    private static final Path ROOT = Path.of("..", "..", "shared", "golden");

    /** A test per case of a group whose folder begins with {@code prefix}; skipped, and saying so, where the cases aren't. */
    static Stream<DynamicTest> tests(String group, String prefix, ThrowingConsumer<GoldenCase> test) {
        Path folder = ROOT.resolve(group);
        if (!Files.isDirectory(folder)) {
            String message = "SKIPPED: no golden cases at " + folder.toAbsolutePath().normalize()
                    + ", so the reference is not compared with PyTorch's " + group + " outputs";
            // A test that skips itself: a factory that skips is counted nowhere.
            return Stream.of(DynamicTest.dynamicTest(message, () -> assumeTrue(false, message)));
        }
        try (Stream<Path> cases = Files.list(folder)) {
            List<Path> sorted = cases.filter(path -> path.getFileName().toString().startsWith(prefix)).sorted().toList();
            assertTrue(!sorted.isEmpty(), "no case " + prefix + "… in " + folder);
            return sorted.stream()
                    .map(path -> DynamicTest.dynamicTest(path.getFileName().toString(), () -> test.accept(open(path))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static GoldenCase open(Path folder) {
        return new GoldenCase(folder, JsonMapper.shared().readTree(folder.resolve("config.json")),
                WeightFile.load(folder.resolve("io.safetensors")));
    }

    Weights weights() {
        Path safetensors = folder.resolve("weights.safetensors");
        return WeightFile.load(Files.exists(safetensors) ? safetensors : folder.resolve("state_dict.pt"));
    }

    /** The input tensor of that name in float64, or null if the case has none. */
    double[] given(String name) {
        return io.has(name) ? io.get(name).toDoubles() : null;
    }

    int[] lengths() {
        if (!io.has("lengths")) {
            return null;
        }
        return Arrays.stream(io.get("lengths").toLongs()).mapToInt(Math::toIntExact).toArray();
    }

    /** What PyTorch computed in float64: X_f64, or X itself of a module that is float64. */
    Tensor expected(String name) {
        if (io.has(name + "_f64")) {
            return io.get(name + "_f64");
        }
        assertEquals("float64", config.get("compute_dtype").asString(), folder + ": " + name + " was not computed in float64");
        return io.get(name);
    }

    /** {@link #assertClose(String, double[], double[])} with the expected tensor of that name. */
    void assertGives(String name, double[] actual) {
        assertClose(name, expected(name).toDoubles(), actual);
    }

    /**
     * Within 1e-12 · max(1, largest expected value); where all values are tiny, 1e-12 of the largest, which else nothing could
     * miss. NaN and infinities in the same places.
     */
    static void assertClose(String name, double[] expected, double[] actual) {
        assertEquals(expected.length, actual.length, name + ": number of elements");
        double largest = 0;
        for (double value : expected) {
            largest = Double.isFinite(value) ? Math.max(largest, Math.abs(value)) : largest;
        }
        double tolerance = 1e-12 * (largest < 1e-30 ? largest : Math.max(1, largest));
        for (int i = 0; i < expected.length; i++) {
            boolean close = Double.isFinite(expected[i])
                    ? Math.abs(expected[i] - actual[i]) <= tolerance
                    : Double.compare(expected[i], actual[i]) == 0;
            if (!close) {
                fail(name + "[" + i + "]: PyTorch gives " + expected[i] + ", the reference " + actual[i] + ", tolerance "
                        + tolerance);
            }
        }
    }
}
