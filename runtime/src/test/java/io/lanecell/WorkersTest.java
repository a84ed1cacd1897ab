package io.lanecell;

import static io.lanecell.SessionEqualityTest.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several threads give the bits of one, and take no processor time between calls. */
@Timeout(120)
class WorkersTest {
    @Test
    void anyNumberOfThreadsGivesTheBitsOfOne() {
        Random random = Seeds.random("anyNumberOfThreadsGivesTheBitsOfOne");
        for (int count = 1; count <= 4; count++) {
            try (Workers workers = Workers.of(count)) {
                for (int round = 0; round < 50; round++) {
                    RecurrentGeometry geometry = RandomModels.anyGeometry(random);
                    Model model = RandomModels.model(random, geometry, random.nextBoolean());
                    int batch = new int[]{1, 1, 2, 3, 9}[random.nextInt(5)];
                    int steps = 1 + random.nextInt(20);
                    int[] lengths = random.nextBoolean() ? null : random.ints(batch, 1, steps + 1).toArray();
                    String what = count + " threads, " + geometry + ", batch " + batch + ", " + steps + " steps, lengths "
                            + Arrays.toString(lengths);
                    assertSameRun(model.newSession(batch), model.newSession(batch, workers), steps, lengths, random, what);
                }
            }
        }
    }

    private static void assertSameRun(Session alone, Session shared, int steps, int[] lengths, Random random, String what) {
        Model model = alone.model();
        int batch = alone.batch();
        float[] in = Seeds.floats(random, batch * steps * model.inputSize(), 1f);
        float[] h = Seeds.floats(random, batch * model.hiddenStateSize(), 1f);
        float[] c = Seeds.floats(random, batch * model.cellStateSize(), 1f);
        float[][] outs = new float[2][batch * steps * model.outputSize()];
        float[][] states = new float[2][h.length + c.length];
        for (int i = 0; i < 2; i++) {
            Session session = i == 0 ? alone : shared;
            session.setState(h, 0, c, 0);
            session.run(in, 0, steps, lengths, outs[i], 0);
            session.run(in, 0, steps, lengths, outs[i], 0);
            if (model.canStep()) {
                session.step(in, 0, outs[i], 0);
            }
            session.getState(states[i], 0, states[i], h.length);
        }
        assertSameBits(outs[0], outs[1], what);
        assertSameBits(states[0], states[1], what + ", state");
    }

    @Test
    void sessionsOfSeveralThreadsMayShareWorkers() throws Exception {
        Random random = Seeds.random("sessionsOfSeveralThreadsMayShareWorkers");
        Model model = Model.lstm(RandomModels.lstm(random, RandomModels.plain(20, 130)), true);
        float[] in = Seeds.floats(random, 30 * 20, 1f);
        float[] expected = new float[30 * 130];
        model.newSession().run(in, 0, 30, expected, 0);
        try (Workers workers = Workers.of(2); ExecutorService callers = Executors.newFixedThreadPool(4)) {
            Callable<float[]> call = () -> {
                float[] out = new float[30 * 130];
                for (int round = 0; round < 50; round++) {
                    model.newSession(1, workers).run(in, 0, 30, out, 0);
                }
                return out;
            };
            for (Future<float[]> result : callers.invokeAll(List.of(call, call, call, call))) {
                assertSameBits(expected, result.get(), "a caller's output");
            }
        }
    }

    @Test
    void closedWorkersRefuseACallAndEndTheirThreads() throws Exception {
        Model model = Model.lstm(RandomModels.lstm(new Random(1), RandomModels.plain(3, 17)), true);
        Workers workers = Workers.of(3);
        Session session = model.newSession(1, workers);
        session.run(new float[6], 0, 2, new float[34], 0);
        workers.close();
        workers.close();
        assertThrows(InvalidInputException.class, () -> session.run(new float[6], 0, 2, new float[34], 0));
        assertThrows(InvalidInputException.class, () -> Workers.of(0));
        assertThrows(InvalidInputException.class, () -> model.newSession(1, null));
    }

    @Test
    void idleWorkersSleep() throws Exception {
        try (Workers workers = Workers.of(2)) {
            int[] ran = new int[2];
            workers.run(part -> ran[part]++);
            assertEquals("[1, 1]", Arrays.toString(ran));
            Thread worker = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().startsWith("lanecell-worker") && thread.isAlive()).findFirst()
                    .orElseThrow();
            while (worker.getState() != Thread.State.WAITING) {
                Thread.sleep(1);
            }
            workers.run(part -> ran[part]++);
            assertEquals("[2, 2]", Arrays.toString(ran));
        }
    }

    @Test
    void aFailureInOnePartReachesTheCallerAndLeavesTheWorkersUsable() {
        try (Workers workers = Workers.of(2)) {
            IllegalStateException error = assertThrows(IllegalStateException.class, () -> workers.run(part -> {
                if (part == 1) {
                    throw new IllegalArgumentException("of part 1");
                }
                workers.await();
            }));
            assertTrue(error.getCause().getMessage().contains("of part 1"), error::toString);
            int[] ran = new int[2];
            workers.run(part -> {
                workers.await();
                ran[part]++;
            });
            assertEquals("[1, 1]", Arrays.toString(ran));
        }
    }
}
