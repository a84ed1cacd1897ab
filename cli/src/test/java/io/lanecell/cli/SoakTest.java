package io.lanecell.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.SwapPolicy;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
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
        JsonNode counts = json.get("counts");
        assertEquals(counts.get("submitted").asLong(),
                counts.get("completed").asLong() + counts.get("withdrawn").asLong() + counts.get("rejected").asLong(), out);
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
            session.restore();
            session = session.copy();
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
    void aMovedSessionIsHeldAgainstBothModels() {
        SplittableRandom random = new SplittableRandom(5);
        SoakModel before = SoakModel.draw(SoakModel.Kind.LSTM, random);
        SoakModel after = SoakModel.draw(SoakModel.Kind.LSTM, random);
        SoakSession session = new SoakSession(before);
        session.step(5, random);
        SoakSession moved = session.moveTo(after);
        moved.step(4, random);
        assertTrue(moved.check() < SoakSession.TOLERANCE);
        SoakSession wrong = session.moveTo(new SoakModel(SoakModel.Kind.LSTM, after.model(), before.reference()));
        wrong.step(4, random);
        assertThrows(SoakFailure.class, wrong::check);
    }

    @Test
    void aQueueStepsEverySessionAsOftenAsItSays() {
        SplittableRandom random = new SplittableRandom(7);
        SoakModel right = SoakModel.draw(SoakModel.Kind.GRU, random);
        SoakModel wrong = new SoakModel(right.kind(), right.model(),
                SoakModel.draw(SoakModel.Kind.GRU, random).reference());
        Map<SoakWorker.Action, Long> counts = new EnumMap<>(SoakWorker.Action.class);
        for (SoakModel model : new SoakModel[]{right, wrong}) {
            List<SoakSession> sessions = Stream.generate(() -> new SoakSession(model)).limit(4).toList();
            counts.clear();
            try (SoakQueue queue = new SoakQueue(model)) {
                for (int i = 0; i < 10; i++) {
                    queue.step(model, sessions, random, action -> counts.merge(action, 1L, Long::sum));
                }
            }
            int steps = sessions.stream().mapToInt(session -> SoakSession.LIFETIME - session.stepsLeft()).sum();
            assertEquals(counts.get(SoakWorker.Action.COMPLETED), steps);
            assertTrue(steps > 0);
            for (SoakSession session : sessions) {
                if (model == right) {
                    session.check();
                } else if (session.stepsLeft() < SoakSession.LIFETIME) {
                    assertThrows(SoakFailure.class, session::check);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aLiveSessionIsHeldAgainstTheModelThatItIsOn(SwapPolicy policy) {
        SplittableRandom random = new SplittableRandom(11);
        Map<SoakWorker.Action, Long> counts = new EnumMap<>(SoakWorker.Action.class);
        SoakModel first = SoakModel.draw(SoakModel.Kind.LSTM, random);
        SoakModel second = SoakModel.draw(SoakModel.Kind.LSTM, random);
        SoakModel wrong = new SoakModel(first.kind(), SoakModel.draw(SoakModel.Kind.LSTM, random).model(), first.reference());
        try (SoakLive live = new SoakLive(first, policy)) {
            SoakLiveSession session = new SoakLiveSession(live, action -> counts.merge(action, 1L, Long::sum));
            session.step(5, random);
            live.swap(second);
            session.step(5, random);
            session.restore();
            session.step(5, random);
            assertEquals(policy == SwapPolicy.MOVE ? 1L : null, counts.get(SoakWorker.Action.LIVE_MOVED));
            assertEquals(policy == SwapPolicy.FINISH ? 2L : null, counts.get(SoakWorker.Action.LIVE_FINISHING));
            live.swap(wrong);
            session.reset();
            String message = assertThrows(SoakFailure.class, () -> session.step(5, random)).getMessage();
            assertTrue(message.startsWith("a live session of LSTM, policy " + policy + ", is "), message);
        }
    }

    @Test
    void whatMayHaveBeenInServiceIsAllSinceTheCallBegan() {
        SplittableRandom random = new SplittableRandom(13);
        List<SoakModel> models = Stream.generate(() -> SoakModel.draw(SoakModel.Kind.RNN, random)).limit(3).toList();
        try (SoakLive live = new SoakLive(models.getFirst(), SwapPolicy.FINISH)) {
            SoakLive.Term before = live.latest();
            assertEquals(models.subList(0, 1), before.since());
            live.swap(models.get(1));
            live.swap(models.get(2));
            assertEquals(models, before.since());
            assertEquals(models.subList(2, 3), live.latest().since());
        }
    }

    @Test
    void growthOfHeapOrThreadsIsAFailureAndNoiseIsNot() {
        assertEquals(List.of(), growth(20_000_000, 20_000_000, 5, 5));
        assertEquals(List.of(), growth(20_000_000, 25_000_000, 5, 4));
        assertEquals(List.of("the heap has grown from 20.0 MB to 40.0 MB"), growth(20_000_000, 40_000_000, 5, 5));
        assertEquals(List.of("threads have grown from 5 to 6"), growth(20_000_000, 20_000_000, 5, 6));
    }

    @Test
    void threadsThatSoonEndAreNoGrowth() {
        SoakMemory memory = new SoakMemory();
        for (int threads : new int[]{5, 5, 6, 5, 7, 5, 6, 6, 6, 6, 5, 6}) {
            memory.add(20_000_000, threads);
        }
        assertEquals(List.of(), memory.growth());
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
