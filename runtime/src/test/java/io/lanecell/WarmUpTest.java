package io.lanecell;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.lanecell.internal.warmup.WarmUpThread;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** With {@code lanecell.warmup=background}, in a JVM of its own: a model in a cold process, and the same once it is warm. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class WarmUpTest {
    private static final int STEPS = 20_000;
    private static final int CALLS_BEFORE_QUIET = 500;
    private static final int QUIET_CALLS = 1_000_000;
    /** The JVM makes a class' string constants, on the caller's thread, when it first compiles one of its methods. */
    private static final int BYTES_OF_CONSTANTS = 10_000;

    @Order(1) // the first that uses a kernel, so that it is cold
    @Test
    void sessionsSteppedOnSeveralThreadsDuringTheSwitchGiveTheScalarKernelsBits(@TempDir Path folder) throws Exception {
        Random random = Seeds.random("during the switch");
        try (Recording recording = new Recording()) {
            recording.enable("io.lanecell.StepBatch");
            recording.enable("io.lanecell.SlowCall").withThreshold(Duration.ZERO);
            recording.start();
            Model model = RandomModels.model(random, RandomModels.plain(33, 65), true);
            assertEquals("background", System.getProperty("lanecell.warmup"));
            float[] in = Seeds.floats(random, 33 * 64, 1f);
            long expected = checksum(model.with(KernelChoice.SCALAR), in);
            List<Future<Long>> sums = new ArrayList<>();
            try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
                for (int i = 0; i < 2; i++) {
                    sums.add(threads.submit((Callable<Long>) () -> checksum(model, in)));
                }
            }
            for (Future<Long> sum : sums) {
                assertEquals(expected, sum.get());
            }
            model.warmUp();
            assertEquals(expected, checksum(model, in));
            Session[] sessions = {model.newSession(), model.newSession(), model.newSession()};
            model.newStepBatch(8).step(sessions, 3, in, 0, new float[3 * 65], 0);
            model.newSession(2).run(in, 0, 5, new float[2 * 5 * 65], 0);
            recording.stop();
            Path file = folder.resolve("warm-up.jfr");
            recording.dump(file);
            assertTheRecordingTells(file);
        }
    }

    private static long checksum(Model model, float[] in) {
        Session session = model.newSession();
        float[] out = new float[model.outputSize()];
        long bits = 1;
        for (int t = 0; t < STEPS; t++) {
            session.step(in, t % 64 * model.inputSize(), out, 0);
            bits = 31 * bits + Float.floatToIntBits(out[t % out.length]);
        }
        return bits;
    }

    private static void assertTheRecordingTells(Path file) throws Exception {
        assertTrue(Files.size(file) > 0);
        List<RecordedEvent> events = RecordingFile.readAllEvents(file);
        RecordedEvent load = first(events, "io.lanecell.ModelLoad");
        assertEquals(1, load.getInt("layers"));
        assertEquals(4 * 65 * (33 + 65 + 2), load.getLong("weights"));
        assertEquals("F32", load.getString("precision"));
        assertEquals("vector", load.getString("kernel"));
        RecordedEvent selection = first(events, "io.lanecell.KernelSelection");
        assertEquals("AUTO", selection.getString("choice"));
        assertEquals("WARMING", selection.getString("mode"));
        RecordedEvent warmUp = first(events, "io.lanecell.WarmUp");
        assertEquals("LSTM_STEP", warmUp.getString("operation"));
        assertTrue(warmUp.getBoolean("switched"));
        RecordedEvent batch = first(events, "io.lanecell.StepBatch");
        assertEquals(3, batch.getInt("sessions"));
        assertEquals(8, batch.getInt("most"));
        assertTrue(events.stream().anyMatch(event -> event.getEventType().getName().equals("io.lanecell.SlowCall")
                && event.getInt("batch") == 2 && event.getInt("steps") == 5), "the recording lacks the run of 2 sequences");
    }

    private static RecordedEvent first(List<RecordedEvent> events, String name) {
        return events.stream().filter(event -> event.getEventType().getName().equals(name)).findFirst()
                .orElseThrow(() -> new AssertionError("the recording has no " + name));
    }

    @Test
    void aWarmProcessHasNoThreadOfOurs() throws Exception {
        RandomModels.model(new Random(1), RandomModels.plain(RecurrentGeometry.Kind.GRU, 8, 40), true).warmUp();
        WarmUpThread.await();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            // One that has just said that it is done may not have ended yet.
            if (thread.getName().startsWith("lanecell")) {
                thread.join(5_000);
                assertFalse(thread.isAlive(), thread.getName());
            }
        }
    }

    @Test
    void everyKindOfModelHasTheScalarKernelsBitsBeforeAndAfterItsWarmUp() throws Exception {
        Random random = Seeds.random("every kind of model");
        for (int i = 0; i < 6; i++) {
            RecurrentGeometry geometry = RandomModels.anyGeometry(random);
            Model model = RandomModels.model(random, geometry, true);
            float[] in = Seeds.floats(random, 3 * 5 * model.inputSize(), 1f);
            float[] scalar = run(model.with(KernelChoice.SCALAR), in);
            assertArrayEquals(scalar, run(model, in), geometry.toString());
            model.warmUp(3, 5);
            assertArrayEquals(scalar, run(model, in), geometry + ", warm");
        }
    }

    private static float[] run(Model model, float[] in) {
        float[] out = new float[3 * 5 * model.outputSize()];
        model.newSession(3).run(in, 0, 5, out, 0);
        return out;
    }

    @Test
    void aFloat64ModelWarmsUpToo() throws Exception {
        Random random = Seeds.random("float64");
        Model model = RandomModels64.model(random, RandomModels.plain(5, 20), true);
        double[] in = Seeds.doubles(random, 5, 1);
        double[] scalar = new double[20];
        double[] cold = new double[20];
        double[] warm = new double[20];
        model.with(KernelChoice.SCALAR).newSession().step(in, 0, scalar, 0);
        model.newSession().step(in, 0, cold, 0);
        model.warmUp();
        model.newSession().step(in, 0, warm, 0);
        assertArrayEquals(scalar, cold);
        assertArrayEquals(scalar, warm);
    }

    @Test
    void afterAWarmUpAndFiveHundredCallsAMillionCallsAllocateNoMoreThanConstants() throws Exception {
        Model model = RandomModels.model(new Random(3), RandomModels.plain(16, 32), true);
        model.warmUp();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Session session = model.newSession();
        float[] in = new float[16];
        float[] out = new float[32];
        for (int i = 0; i < CALLS_BEFORE_QUIET; i++) {
            session.step(in, 0, out, 0);
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < QUIET_CALLS; i++) {
            session.step(in, 0, out, 0);
        }
        long bytes = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(bytes < BYTES_OF_CONSTANTS, bytes + " bytes allocated in " + QUIET_CALLS + " calls");
    }

    @Test
    void aCallThatTheModelCannotMakeIsRefused() {
        Model model = RandomModels.model(new Random(4), RandomModels.plain(3, 4), true);
        assertThrows(InvalidInputException.class, () -> model.warmUp(0, 1));
        assertThrows(InvalidInputException.class, () -> model.warmUp(1, 0));
        assertThrows(InvalidInputException.class, () -> model.warmUp(1 << 20, 1 << 20));
    }
}
