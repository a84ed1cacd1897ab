package io.lanecell.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class BenchCommandTest {
    @TempDir
    Path temp;

    @Test
    void jsonHasOrderedPercentilesOfTheModelAndItsControlBothWays() {
        String out = CommandRun.of("bench", "--lstm", "16,32", "--seconds", "0.6", "--json").fine();
        JsonNode json = new JsonMapper().readTree(out);
        assertEquals("one step of a model 16 → 32", json.get("call").asString());
        assertEquals(0, json.get("allocatedBytesPerCall").asDouble(), out);
        assertEquals(4, json.get("results").size());
        for (int i = 0; i < 4; i++) {
            JsonNode result = json.get("results").get(i);
            assertEquals(i < 2 ? "back to back" : "one every 1000 µs", result.get("how").asString());
            assertEquals(i % 2 == 0 ? "model" : "control", result.get("what").asString());
            double previous = 0;
            for (String name : new String[]{"p50Micros", "p90Micros", "p99Micros", "p99.9Micros", "p99.99Micros"}) {
                if (!result.get(name).isNull()) {
                    assertTrue(result.get(name).asDouble() >= previous, out);
                    previous = result.get(name).asDouble();
                }
            }
            assertTrue(previous > 0 && result.get("worstMicros").asDouble() >= previous, out);
            // Paced calls can't be more than the time allows; of so few the rarest percentile is not told.
            if (i >= 2) {
                assertTrue(result.get("calls").asLong() <= 1000, out);
                assertTrue(result.get("p99.99Micros").isNull(), out);
            }
        }
    }

    @Test
    void theTableNamesTheCallAndThePictureIsAPng() throws Exception {
        Path plot = temp.resolve("latency.png");
        String out = CommandRun.of("bench", "--lstm", "3,17,2,bi", "--seconds", "0.3", "--every", "5000", "--kernels", "scalar",
                "--plot", plot).fine();
        assertTrue(out.contains("100 steps of a model 3 → 34, scalar kernel"), out);
        assertTrue(out.contains("one every 5000 µs") && out.contains("control"), out);
        assertEquals("89504e47", String.format("%08x", ByteBuffer.wrap(Files.readAllBytes(plot)).getInt()));
    }

    @Test
    void badOptionsAreRefusedInOneSentenceAndNothingIsTimed() {
        for (String[] bad : new String[][]{
                {"--lstm", "16", "expected I,H[,layers[,bi]]"}, {"--lstm", "0,5", "I = 0, expected 1 to 4096"},
                {"--lstm", "5,9999", "H = 9999"}, {"--lstm", "5,5,1,uni", "expected I,H"}}) {
            String message = CommandRun.of("bench", bad[0], bad[1]).refused();
            assertTrue(message.contains(bad[2]), message);
        }
        assertTrue(CommandRun.of("bench", "--lstm", "5,5", "--seconds", "0").refused().contains("--seconds is 0.0"));
        assertTrue(CommandRun.of("bench", "--lstm", "5,5", "--seconds", "NaN").refused().contains("--seconds is NaN"));
        assertTrue(CommandRun.of("bench", "--lstm", "5,5", "--every", "0").refused().contains("--every is 0.0"));
        Path text = temp.resolve("plot.txt");
        assertTrue(CommandRun.of("bench", "--lstm", "5,5", "--plot", text).refused().contains("ends in .png"));
        assertFalse(Files.exists(text));
        assertTrue(CommandRun.of("bench").refused().contains("MODEL"));
    }

    @Test
    void aNeighbourIsNamedInTheTable() {
        String out = CommandRun.of("bench", "--lstm", "1,3", "--seconds", "0.1", "--neighbour", "200").fine();
        assertTrue(out.contains("vector kernel, beside a thread that allocates 200 MB/s"), out);
        assertTrue(CommandRun.of("bench", "--lstm", "1,3", "--neighbour", "-1").refused().contains("--neighbour is -1"));
    }

    @Test
    void coldFiguresComeInTheOrderOfEventsBesideAnEmptyProgram() throws Exception {
        Path plot = temp.resolve("cold.png");
        String out = CommandRun.of("bench", "--cold", "--lstm", "3,17,2,bi", "--launches", "1", "--seconds", "0.2", "--json",
                "--plot", plot).fine();
        Map<String, Double> medians = new HashMap<>();
        for (JsonNode figure : new JsonMapper().readTree(out).get("results")) {
            assertTrue(Set.of("ms", "µs").contains(figure.get("unit").asString()), out);
            medians.put(figure.get("name").asString(), figure.get("median").asDouble());
        }
        assertTrue(medians.get("process start to main, an empty program with the module") > 0, out);
        assertTrue(medians.get("process start to main") > 0, out);
        assertTrue(medians.get("process start to a model, weights in memory") > medians.get("process start to main"), out);
        assertTrue(medians.get("process start to first output, weights in memory") > medians
                .get("process start to a model, weights in memory"), out);
        assertTrue(medians.get("process start to first output, from .safetensors") > 0, out);
        assertTrue(medians.get("process start to warm, blocking") > 0, out);
        assertTrue(medians.get("worst call while warming, paced") > 0
                && medians.get("worst call while warming, back to back") > 0, out);
        assertEquals("89504e47", String.format("%08x", ByteBuffer.wrap(Files.readAllBytes(plot)).getInt()));
    }

    @Test
    void coldFiguresOfAModelThatTakesTokensAreOfItsFile() {
        String out = CommandRun.of("bench", "--cold", "../weights/char-lm", "--launches", "1", "--seconds", "0.1", "--every",
                "2000", "--jvm", "-XX:+UseSerialGC").fine();
        assertTrue(out.contains("start-up of ../weights/char-lm, 1 launches with -XX:+UseSerialGC:"), out);
        assertTrue(out.contains("process start to first output, from its file, ms"), out);
    }

    @Test
    void aJvmThatFailsIsAnErrorThatSaysWhatItSaid() {
        String message = CommandRun.of("bench", "--cold", "--lstm", "1,3", "--jvm", "-XX:NoSuchOption=1").refused();
        assertTrue(message.contains("exit code 1") && message.contains("NoSuchOption"), message);
        String missing = CommandRun.of("bench", "--cold", "--lstm", "1,3", "--java", temp.resolve("java")).refused();
        assertTrue(missing.contains("expected a java program"), missing);
        assertTrue(CommandRun.of("bench", "--cold", "--lstm", "1,3", "--launches", "0").refused().contains("--launches is 0"));
    }

    @Test
    void callsAreFastFromTheFirstWindowAfterTheLastSlowOne() {
        int calls = 1000;
        double[] start = new double[calls];
        double[] micros = new double[calls];
        for (int i = 0; i < calls; i++) {
            start[i] = 100 + i;
            // Slow for 210 calls, one slow call in 100 afterwards, which no median sees.
            micros[i] = i < 210 ? 50 + i % 7 : i % 100 == 3 ? 500 : 3 + i % 3 / 10.;
        }
        ColdCalls sum = ColdCalls.of(start, micros);
        assertEquals(3.1, sum.finalMicros());
        assertEquals(310, sum.fastAt());
        assertEquals(56, sum.worstWarmingMicros());
        Arrays.fill(micros, 4);
        assertEquals(100, ColdCalls.of(start, micros).fastAt());
        Arrays.fill(micros, 500, 505, 40);
        assertEquals(100, ColdCalls.of(start, micros).fastAt(), "a pause of 5 ms");
        Arrays.fill(micros, calls - 8, calls, 40);
        assertTrue(Double.isNaN(ColdCalls.of(start, micros).fastAt()));
        assertEquals(40, ColdCalls.of(start, micros).worstWarmingMicros());
    }
}
