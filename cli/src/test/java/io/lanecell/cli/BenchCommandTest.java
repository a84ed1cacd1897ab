package io.lanecell.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
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
        assertEquals("89504e47", String.format("%08x", java.nio.ByteBuffer.wrap(Files.readAllBytes(plot)).getInt()));
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
}
