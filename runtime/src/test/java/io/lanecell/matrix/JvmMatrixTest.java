package io.lanecell.matrix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.lanecell.KernelChoice;
import io.lanecell.Lanecell;
import io.lanecell.Model;
import java.io.File;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * JVMs started in other ways: everywhere the bits of this one, the kernel that fits, and where that is the slow one a single line
 * with the remedy. As a rule each way is tried by itself; {@code -Dlanecell.matrix=full} tries all their combinations, some two
 * hundred JVMs in about five minutes.
 */
class JvmMatrixTest {
    private static final String MODULE = "--add-modules=jdk.incubator.vector";
    private static final String INCUBATOR_LINE = "WARNING: Using incubator modules: jdk.incubator.vector";
    private static final String NOTICE = "scalar kernel, several times slower than vectors: ";
    private static final List<String> COLLECTORS = List.of("-XX:+UseG1GC", "-XX:+UseZGC", "-XX:+UseSerialGC",
            "-XX:+UseParallelGC");

    @TempDir
    static Path temp;
    private static Path image;
    private static String expected;

    /** How code is run: a flag, and the remedy that the notice then names, or null where vectors run. */
    private record Mode(String flag, String remedy) {
    }

    /** Where the library comes from. */
    private enum Place {
        CLASS_PATH, MODULE_PATH, JLINK_IMAGE
    }

    /** One JVM of the matrix. */
    private record Way(Mode mode, String collector, Place place, boolean incubator) {
        /** The remedy that it needs, or null where vectors run. */
        String remedy() {
            return incubator ? mode.remedy : "start Java with --add-modules jdk.incubator.vector";
        }

        @Override
        public String toString() {
            return String.join(" ", mode.flag, collector, place.name().toLowerCase().replace('_', ' '),
                    incubator ? "with the module" : "without it");
        }
    }

    @BeforeAll
    static void runHereAndLinkAnImage() throws InterruptedException {
        String[] vector = MatrixProgram.run(KernelChoice.VECTOR).split(" ");
        assumeTrue(vector.length == 2, "SKIPPED: the vector kernel can't run on this machine");
        expected = vector[0];
        image = temp.resolve("image");
        ToolProvider jlink = ToolProvider.findFirst("jlink").orElse(null);
        assumeTrue(jlink != null, "SKIPPED: this JDK has no jlink");
        StringWriter said = new StringWriter();
        int code = jlink.run(new PrintWriter(said), new PrintWriter(said), "--module-path", home(Model.class), "--add-modules",
                "io.lanecell.runtime,jdk.incubator.vector", "--output", image.toString());
        assertEquals(0, code, said::toString);
    }

    @Test
    void theScalarKernelGivesTheSameBitsHere() throws InterruptedException {
        assertEquals(expected + " scalar", MatrixProgram.run(KernelChoice.SCALAR));
    }

    @TestFactory
    Stream<DynamicTest> everyJvmGivesTheSameBitsAndSaysTheRemedyWhereItIsSlow() {
        List<Way> ways = "full".equals(System.getProperty("lanecell.matrix")) ? allWays() : eachByItself();
        return ways.stream().map(way -> dynamicTest(way.toString(), () -> check(way)));
    }

    private static List<Way> eachByItself() {
        Mode plain = modes().getFirst();
        List<Way> ways = new ArrayList<>();
        modes().forEach(mode -> ways.add(new Way(mode, COLLECTORS.getFirst(), Place.CLASS_PATH, true)));
        COLLECTORS.stream().skip(1).forEach(collector -> ways.add(new Way(plain, collector, Place.CLASS_PATH, true)));
        for (Place place : Place.values()) {
            ways.add(new Way(plain, COLLECTORS.getFirst(), place, false));
            if (place != Place.CLASS_PATH) {
                ways.add(new Way(plain, COLLECTORS.getFirst(), place, true));
            }
        }
        return ways;
    }

    private static List<Way> allWays() {
        List<Way> ways = new ArrayList<>();
        for (Mode mode : modes()) {
            for (String collector : COLLECTORS) {
                for (Place place : Place.values()) {
                    ways.add(new Way(mode, collector, place, true));
                    ways.add(new Way(mode, collector, place, false));
                }
            }
        }
        return ways;
    }

    private static List<Mode> modes() {
        List<Mode> modes = new ArrayList<>();
        modes.add(new Mode("-XX:+TieredCompilation", null));
        modes.add(new Mode("-Xint", "drop that flag"));
        modes.add(new Mode("-XX:TieredStopAtLevel=1", "drop that flag"));
        modes.add(new Mode("-XX:-UseFMA", "run on a processor with FMA"));
        // The narrower ones; what the JVM chose itself is the first mode.
        for (int avx = vmOption("UseAVX", 0) - 1; avx >= 0; avx--) {
            modes.add(new Mode("-XX:UseAVX=" + avx, avx == 0 ? "run on a processor with FMA" : null));
        }
        for (int bytes = vmOption("MaxVectorSize", 0) / 2; bytes >= 8; bytes /= 2) {
            modes.add(new Mode("-XX:MaxVectorSize=" + bytes, bytes < 16 ? "without -XX:MaxVectorSize" : null));
        }
        return modes;
    }

    /** What the JVM chose for this processor, {@code otherwise} where it has no such option. */
    private static int vmOption(String name, int otherwise) {
        try {
            return Integer.parseInt(
                    ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).getVMOption(name).getValue());
        } catch (IllegalArgumentException e) {
            return otherwise;
        }
    }

    private static void check(Way way) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(way.mode.flag, way.collector));
        if (way.incubator) {
            arguments.add(MODULE);
        }
        Path home = way.place == Place.JLINK_IMAGE ? image : Path.of(System.getProperty("java.home"));
        JvmRun run = JvmRun.of(home.resolve("bin", "java"), withProgram(arguments, way.place));

        assertEquals(0, run.exitCode(), run::toString);
        boolean vectors = way.remedy() == null;
        assertEquals(List.of("AUTO " + expected + (vectors ? " vector" : " scalar"),
                vectors ? "VECTOR " + expected + " vector" : "VECTOR unavailable", "SCALAR " + expected + " scalar"),
                run.out().subList(0, 3), run::toString);
        assertEquals(4, run.out().size(), run::toString);
        assertTrue(run.out().get(3).contains(vectors ? ", vector kernel, " : ", scalar kernel, 1 lane"), run::toString);

        List<String> err = new ArrayList<>(run.err());
        assertEquals(way.incubator, err.remove(INCUBATOR_LINE), run::toString);
        assertEquals(vectors ? 0 : 1, err.size(), run::toString);
        assertTrue(vectors || err.getFirst().startsWith(NOTICE) && err.getFirst().contains(way.remedy()), run::toString);
    }

    private static List<String> withProgram(List<String> flags, Place place) {
        List<String> arguments = new ArrayList<>(flags);
        String program = home(MatrixProgram.class);
        arguments.addAll(switch (place) {
            case CLASS_PATH -> List.of("-cp", home(Model.class) + File.pathSeparator + program);
            case MODULE_PATH -> List.of("-p", home(Model.class), "--add-modules=io.lanecell.runtime", "-cp", program);
            case JLINK_IMAGE -> List.of("-cp", program);
        });
        arguments.add(MatrixProgram.class.getName());
        return arguments;
    }

    /** The folder or jar that a class was loaded from. */
    static String home(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aForcedKernelThatCannotBeHadIsAnError() throws Exception {
        String forced = failing("-Dlanecell.kernels=vector");
        assertTrue(forced.contains("Exception in thread \"main\" io.lanecell.KernelUnavailableException")
                && forced.contains("--add-modules jdk.incubator.vector"), forced);
        String misspelt = failing(MODULE, "-Dlanecell.kernels=vectors");
        assertTrue(misspelt.contains("auto, vector or scalar is expected"), misspelt);
    }

    private static String failing(String... flags) throws Exception {
        List<String> arguments = new ArrayList<>(withProgram(List.of(flags), Place.CLASS_PATH));
        arguments.removeLast();
        arguments.add(Describing.class.getName());
        JvmRun run = JvmRun.of(Path.of(System.getProperty("java.home"), "bin", "java"), arguments);
        assertEquals(1, run.exitCode(), run::toString);
        return run.toString();
    }

    /** Asks for the process' default kernel and lets what happens happen. */
    static final class Describing {
        public static void main(String[] args) {
            Lanecell.describe();
        }
    }

    @Test
    void theDefaultCanBeForcedToTheScalarKernelWithoutANotice() throws Exception {
        JvmRun run = JvmRun.of(Path.of(System.getProperty("java.home"), "bin", "java"),
                withProgram(List.of(MODULE, "-Dlanecell.kernels=scalar"), Place.CLASS_PATH));
        assertEquals("AUTO " + expected + " scalar", run.out().getFirst());
        assertEquals(List.of(INCUBATOR_LINE), run.err(), run::toString);
    }
}
