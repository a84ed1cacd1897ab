package io.lanecell.matrix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lanecell.KernelChoice;
import io.lanecell.Model;
import java.io.File;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command that COLD-START.md gives for an application, run in its order in a folder with nothing but the two jars. */
class RecipesTest {
    private static final Path DOCUMENT = Path.of("COLD-START.md");

    @TempDir
    Path folder;

    @Test
    void everyRecipeRunsWithTheSameBitsAndItsArchiveIsUsed() throws Exception {
        assumeTrue(ToolProvider.findFirst("jlink").isPresent(), "SKIPPED: this JDK has no jlink");
        String vector = MatrixProgram.run(KernelChoice.VECTOR);
        assumeTrue(!vector.equals("unavailable"), "SKIPPED: the vector kernel can't run on this machine");
        tool("jar", "--create", "--file", in("lanecell-runtime.jar"), "-C", JvmMatrixTest.home(Model.class), ".");
        tool("jar", "--create", "--file", in("app.jar"), "-C", JvmMatrixTest.home(MatrixProgram.class), "io/lanecell/matrix");
        List<String> commands = commands();
        assertEquals(9, commands.size(), commands::toString);
        for (String command : commands) {
            run(command, vector);
        }
    }

    /** The indented lines but for those of the last section, which need the command line's jars. */
    private static List<String> commands() throws Exception {
        List<String> commands = new ArrayList<>();
        for (String line : Files.readAllLines(DOCUMENT)) {
            if (line.startsWith("## On your machine")) {
                break;
            }
            if (line.startsWith("    ")) {
                commands.add(line.strip());
            }
        }
        return commands;
    }

    private void run(String command, String vector) throws Exception {
        List<String> words = new ArrayList<>(List.of(command.split(" ")));
        String program = words.removeFirst();
        words.replaceAll(word -> word.equals("app.Main")
                ? MatrixProgram.class.getName()
                : word.replace("app.jar:", "app.jar" + File.pathSeparator));
        if (program.equals("jlink")) {
            words.replaceAll(word -> word.equals("image") || word.endsWith(".jar") ? in(word) : word);
            tool("jlink", words.toArray(String[]::new));
            return;
        }
        Path java = program.startsWith("image")
                ? folder.resolve(program)
                : Path.of(System.getProperty("java.home"), "bin", "java");
        Path loaded = folder.resolve("loaded.txt");
        words.add(KernelChoice.AUTO.name());
        words.addFirst("-Xlog:class+load:file=" + loaded.getFileName());
        JvmRun run = JvmRun.of(java, words, folder);
        assertEquals(0, run.exitCode(), () -> command + "\n" + run);
        assertTrue(run.out().contains("AUTO " + vector), () -> command + "\n" + run);
        boolean uses = command.contains("AOTCache=") || command.contains("SharedArchiveFile=app");
        boolean fromArchive = Files.readAllLines(loaded).stream()
                .anyMatch(line -> line.contains(" " + Model.class.getName() + " source: shared objects file"));
        assertTrue(!uses || fromArchive, command);
    }

    private String in(String name) {
        return folder.resolve(name).toString();
    }

    private static void tool(String name, String... arguments) {
        StringWriter said = new StringWriter();
        PrintWriter writer = new PrintWriter(said);
        assertEquals(0, ToolProvider.findFirst(name).orElseThrow().run(writer, writer, arguments), said::toString);
    }
}
