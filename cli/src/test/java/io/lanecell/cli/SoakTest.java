package io.lanecell.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SoakTest {
    @Test
    void aFewSecondsDoEverythingAndFindNothingWrong() {
        String out = CommandRun.of("soak", "--minutes", "0.06", "--threads", "3", "--seed", "7", "--json").fine();
        JsonNode json = new JsonMapper().readTree(out);
        for (SoakWorker.Action action : SoakWorker.Action.values()) {
            String name = action.name().toLowerCase().replace('_', ' ');
            assertTrue(json.get("counts").has(name), name + " in " + out);
        }
        assertTrue(json.get("worstError").asDouble() > 0 && json.get("worstError").asDouble() < 1e-5, out);
        assertEquals(0, json.get("failures").size(), out);
        assertTrue(json.get("lastThreads").asInt() >= 4, out);
    }

    @Test
    void theReportEndsWithTheVerdict() {
        String out = CommandRun.of("soak", "--minutes", "0.01", "--threads", "1").fine();
        assertTrue(out.contains("0.01 minutes, 1 threads, seed ") && out.contains("worst distance from the reference"), out);
        assertEquals("ok", out.lines().reduce("", (_, line) -> line), out);
    }

    @ParameterizedTest
    @EnumSource
    void aWrongResultIsAFailure(SoakModel.Kind kind) {
        SplittableRandom random = new SplittableRandom(3);
        SoakModel right = SoakModel.draw(kind, random);
        SoakModel other = SoakModel.draw(kind, random);
        for (SoakModel model : new SoakModel[]{right, new SoakModel(kind, right.model(), other.reference())}) {
            SoakSession session = new SoakSession(model);
            session.step(5, random);
            session.run(3, random);
            if (model == right) {
                assertTrue(session.check() < SoakSession.TOLERANCE);
            } else {
                String message = assertThrows(SoakFailure.class, session::check).getMessage();
                assertTrue(message.contains("off the reference after 8 steps"), message);
            }
        }
    }

    @Test
    void growthOfHeapOrThreadsIsAFailureAndNoiseIsNot() {
        assertEquals(List.of(), growth(20_000_000, 20_000_000, 5, 5));
        assertEquals(List.of(), growth(20_000_000, 25_000_000, 5, 4));
        assertEquals(List.of("the heap has grown from 20.0 MB to 40.0 MB"), growth(20_000_000, 40_000_000, 5, 5));
        assertEquals(List.of("threads have grown from 5 to 6"), growth(20_000_000, 20_000_000, 5, 6));
    }

    private static List<String> growth(long firstHeap, long lastHeap, int firstThreads, int lastThreads) {
        SoakMemory memory = new SoakMemory();
        for (int i = 0; i < 12; i++) {
            memory.add(firstHeap + (lastHeap - firstHeap) * (i / 3) / 3, i < 9 ? firstThreads : lastThreads);
        }
        return memory.growth();
    }

    @Test
    void badOptionsAreRefused() {
        assertTrue(CommandRun.of("soak", "--minutes", "0").refused().contains("--minutes is 0.0"));
        assertTrue(CommandRun.of("soak", "--minutes", "NaN").refused().contains("--minutes is NaN"));
        assertTrue(CommandRun.of("soak", "--threads", "0").refused().contains("--threads is 0"));
    }
}
