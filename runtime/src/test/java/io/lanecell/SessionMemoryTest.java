package io.lanecell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What sessions weigh, and that a model outlives a heap that they filled. Each in a JVM of its own. */
class SessionMemoryTest {
    private static final int SESSIONS = 10_000;

    /** Prints for each kind of model the bytes of heap that a stepping session takes beyond the model. */
    static final class Weigh {
        private Weigh() {
        }

        public static void main(String[] args) {
            for (RecurrentGeometry.Kind kind : List.of(RecurrentGeometry.Kind.RNN, RecurrentGeometry.Kind.LSTM,
                    RecurrentGeometry.Kind.GRU)) {
                Model model = RandomModels.model(new Random(1), RandomModels.plain(kind, 128, 128), true);
                float[] in = new float[128];
                float[] out = new float[128];
                model.newSession().step(in, 0, out, 0);
                Session[] sessions = new Session[SESSIONS];
                long before = usedHeap();
                for (int i = 0; i < SESSIONS; i++) {
                    sessions[i] = model.newSession();
                    sessions[i].step(in, 0, out, 0);
                }
                long after = usedHeap();
                System.out.println(kind + " " + (after - before) / SESSIONS);
                if (sessions[SESSIONS - 1].batch() != 1) { // keeps them alive up to here
                    throw new AssertionError();
                }
            }
        }

        private static long usedHeap() {
            for (int i = 0; i < 3; i++) {
                System.gc();
            }
            return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
        }
    }

    /** Makes and steps sessions until the heap is full, drops most of them, and goes on with the others and new ones. */
    static final class Fill {
        private Fill() {
        }

        public static void main(String[] args) {
            Model model = RandomModels.model(new Random(1), RandomModels.plain(16, 64), true);
            float[] in = Seeds.floats(new Random(2), 16, 1f);
            float[] first = new float[64];
            float[] second = new float[64];
            Session alone = model.newSession();
            alone.step(in, 0, first, 0);
            alone.step(in, 0, second, 0);
            float[] out = new float[64];
            Session[] kept = new Session[10];
            int made = fill(model, in, out, kept);
            System.out.println("out of memory after some sessions: " + (made > kept.length));
            boolean same = true;
            for (Session session : kept) {
                session.step(in, 0, out, 0);
                same &= Arrays.equals(second, out);
            }
            for (int i = 0; i < 1_000; i++) {
                model.newSession().step(in, 0, out, 0);
                same &= Arrays.equals(first, out);
            }
            System.out.println("goes on right: " + same);
        }

        private static int fill(Model model, float[] in, float[] out, Session[] kept) {
            List<Session> all = new ArrayList<>();
            try {
                while (true) {
                    Session session = model.newSession(all.size() % 100 == 99 ? 2 : 1);
                    all.add(session);
                    if (session.batch() == 1) {
                        session.step(in, 0, out, 0);
                    }
                }
            } catch (OutOfMemoryError e) {
                int made = all.size();
                for (int i = 0; i < kept.length; i++) {
                    kept[i] = all.get(i);
                }
                return made;
            }
        }
    }

    @Test
    void aSteppingSessionOfHiddenSize128TakesLittleMoreThanItsState() throws Exception {
        String output = start(Weigh.class, "-Xmx300m", "-XX:+UseSerialGC", "-XX:MarkSweepDeadRatio=0");
        System.out.println("bytes a session: " + output.replace(System.lineSeparator(), ", "));
        assertTrue(bytes(output, "LSTM") < 1_800, output); // 180 MB for 100,000; h and c alone are 1,024 bytes
        assertTrue(bytes(output, "GRU") < 1_000, output); // h alone is 512 bytes
    }

    private static int bytes(String output, String kind) {
        String line = output.lines().filter(l -> l.startsWith(kind + " ")).findFirst()
                .orElseThrow(() -> new AssertionError(output));
        return Integer.parseInt(line.substring(kind.length() + 1));
    }

    @Test
    void aModelOutlivesAHeapThatItsSessionsFilled() throws Exception {
        String output = start(Fill.class, "-Xmx24m", "-XX:+UseSerialGC");
        assertEquals(List.of("out of memory after some sessions: true", "goes on right: true"),
                output.lines().filter(line -> line.contains(": ")).toList(), output);
    }

    private static String start(Class<?> main, String... flags) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(flags));
        command.addAll(List.of("-Dlanecell.kernels=scalar", "-cp", System.getProperty("java.class.path"), main.getName()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(120, TimeUnit.SECONDS), "a JVM didn't end");
        assertEquals(0, process.exitValue(), output);
        return output;
    }
}
