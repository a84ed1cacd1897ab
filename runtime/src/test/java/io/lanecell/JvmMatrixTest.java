package io.lanecell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** JVMs started with other flags: the same bits, the kernel that fits, and a notice with the remedy where vectors are missing. */
class JvmMatrixTest {
    private static final String MODULE = "--add-modules=jdk.incubator.vector";

    /** What the other JVM runs: prints a checksum of a fixed run's bits, and how it was computed. */
    static final class Probe {
        public static void main(String[] args) {
            Random random = new Random(42);
            Model model = Model.lstm(RandomModels.lstm(random,
                    new RecurrentGeometry(RecurrentGeometry.Kind.LSTM, 17, 33, 2, true, true, 0, false)), true);
            float[] out = new float[2 * 5 * 66];
            model.newSession(2).run(Seeds.floats(random, 2 * 5 * 17, 1f), 0, 5, new int[]{5, 3}, out, 0);
            long bits = 1;
            for (float value : out) {
                bits = bits * 31 + Float.floatToIntBits(value);
            }
            System.out.println("bits " + bits + " on " + model.kernels());
            System.out.println(Lanecell.describe());
        }
    }

    private record Result(int exitCode, String output) {
        String bits() {
            return output.lines().filter(line -> line.startsWith("bits")).findFirst().orElse(output);
        }
    }

    @Test
    void theBitsAreTheSameUnderEveryFlagAndTheKernelIsTheOneThatFits() throws Exception {
        String vector = start(MODULE).bits();
        assertTrue(vector.endsWith("on vector"), vector);
        String scalar = vector.replace("on vector", "on scalar");
        assertEquals(vector, start(MODULE, "-XX:UseAVX=2").bits());
        assertEquals(vector, start(MODULE, "-XX:MaxVectorSize=16").bits());
        assertEquals(scalar, start(MODULE, "-Dlanecell.kernels=scalar").bits());
        assertEquals(scalar, start().bits());
        assertEquals(scalar, start(MODULE, "-Xint").bits());
        assertEquals(scalar, start(MODULE, "-XX:TieredStopAtLevel=1").bits());
        assertEquals(scalar, start(MODULE, "-XX:-UseFMA").bits());
    }

    @Test
    void whereVectorsAreMissingOneNoticeSaysTheRemedy() throws Exception {
        for (String[] flags : new String[][]{{}, {MODULE, "-Xint"}, {MODULE, "-XX:TieredStopAtLevel=1"},
                {MODULE, "-XX:-UseFMA"}}) {
            Result result = start(flags);
            assertEquals(1, result.output.lines().filter(line -> line.contains("scalar kernel, several times slower")).count(),
                    result.output);
        }
        assertTrue(start().output.contains("start Java with --add-modules jdk.incubator.vector"));
    }

    @Test
    void aForcedKernelThatCannotBeHadIsAnError() throws Exception {
        Result forced = start("-Dlanecell.kernels=vector");
        assertTrue(forced.exitCode != 0
                && forced.output.contains("Exception in thread \"main\" io.lanecell.KernelUnavailableException")
                && forced.output.contains("--add-modules jdk.incubator.vector"), forced.output);
        Result misspelt = start(MODULE, "-Dlanecell.kernels=vectors");
        assertTrue(misspelt.exitCode != 0 && misspelt.output.contains("auto, vector or scalar is expected"), misspelt.output);
    }

    private static Result start(String... flags) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(flags));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Probe.class.getName()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "a JVM didn't end");
        return new Result(process.exitValue(), output);
    }
}
