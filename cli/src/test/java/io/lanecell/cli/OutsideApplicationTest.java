package io.lanecell.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An application that is no part of the project, with nothing but runtime, loader and Jackson: built and started as users do. */
class OutsideApplicationTest {
    private static final String FLAG = "--add-modules=jdk.incubator.vector";
    private static final Path SOURCES = Path.of("src/test/resources/outside-application");
    private static final Path MODEL = Path.of("../weights/digit-rows");

    @TempDir
    static Path folder;
    private static String libraries;

    @BeforeAll
    static void build() throws Exception {
        libraries = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> entry.replace('\\', '/')
                        .matches(".*(/runtime/target/.*|/loader/target/.*|/lanecell-(runtime|loader)[^/]*|/jackson-[^/]*)"))
                .collect(Collectors.joining(File.pathSeparator));
        assertFalse(libraries.contains("commons-math") || libraries.contains("picocli"), libraries);
        run("javac", "-cp", libraries, "-d", folder.resolve("classes").toString(),
                SOURCES.resolve("outside/App.java").toString());
        run("javac", "-p", libraries, "-d", folder.resolve("module").toString(), SOURCES.resolve("module-info.java").toString(),
                SOURCES.resolve("outside/App.java").toString());
    }

    @Test
    void itRunsFromTheClassPathOnVectorsWithTheFlagAndWithoutThemElse() throws Exception {
        String path = libraries + File.pathSeparator + folder.resolve("classes");
        assertEquals("1 on the vector kernel", lastLine(run("java", FLAG, "-cp", path, "outside.App", MODEL.toString())));
        String without = run("java", "-cp", path, "outside.App", MODEL.toString());
        assertEquals("1 on the scalar kernel", lastLine(without));
        assertTrue(without.contains("start Java with --add-modules jdk.incubator.vector"), without);
    }

    @Test
    void itRunsFromTheModulePathOnVectorsWithTheFlagAndWithoutThemElse() throws Exception {
        String path = libraries + File.pathSeparator + folder.resolve("module");
        assertEquals("1 on the vector kernel",
                lastLine(run("java", FLAG, "-p", path, "-m", "outside/outside.App", MODEL.toString())));
        String without = run("java", "-p", path, "-m", "outside/outside.App", MODEL.toString());
        assertEquals("1 on the scalar kernel", lastLine(without));
        assertTrue(without.contains("start Java with --add-modules jdk.incubator.vector"), without);
    }

    private static String run(String tool, String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", tool).toString());
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it didn't end");
        assertEquals(0, process.exitValue(), output);
        return output;
    }

    // The scalar kernel's notice goes to standard error and may come first or last.
    private static String lastLine(String output) {
        return output.lines().filter(line -> line.endsWith("kernel") && !line.contains("slower")).reduce("", (_, line) -> line);
    }
}
