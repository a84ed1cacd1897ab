package io.lanecell.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.Lanecell;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
    @Test
    void theVersionIsOneLineForBugReports() {
        assertEquals(Lanecell.describe() + System.lineSeparator(), CommandRun.of("--version").fine());
    }

    @Test
    void theHelpNamesEveryCommand() {
        String help = CommandRun.of("--help").fine();
        for (String command : new String[]{"inspect", "verify", "run", "generate", "compare"}) {
            assertTrue(help.lines().anyMatch(line -> line.strip().startsWith(command)), command);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"inspect", "verify", "run", "generate"})
    void everyCommandHasHelp(String command) {
        assertTrue(CommandRun.of(command, "--help").fine().startsWith("Usage: lanecell " + command));
    }

    @Test
    void badUsageIsOneLineThatSaysWhatAndWhereToRead() {
        assertTrue(
                CommandRun.of().refused().contains("expected inspect, verify, run, generate, bench, soak, convert or compare"));
        assertTrue(CommandRun.of("inspekt", "x").refused().contains("'inspekt', 'x', expected inspect, verify, run"));
        assertTrue(CommandRun.of("inspect", "--jsn", "x").refused().contains("'lanecell inspect --help'"));
        assertTrue(CommandRun.of("verify", "dir\nwith\rbreaks").refused().contains("dir\\nwith\\rbreaks"));
    }

    @Test
    void theComparisonIsTheLaunchersAffair() {
        assertTrue(CommandRun.of("compare", "--quick", "--cases", "step-128").refused().contains("./lanecell compare"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--version", "verify ../weights/digit-rows"})
    void aKernelThatCanNotBeHadIsOneLineAndNotTheModelsFault(String command) throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> words = new ArrayList<>(List.of(java, "-Dlanecell.kernels=vector", "-cp",
                System.getProperty("java.class.path"), "io.lanecell.cli.Main"));
        words.addAll(List.of(command.split(" "))); // without --add-modules jdk.incubator.vector
        Process process = new ProcessBuilder(words).start();
        String out = new String(process.getInputStream().readAllBytes());
        String err = new String(process.getErrorStream().readAllBytes());
        assertEquals("", out);
        assertTrue(err.startsWith("lanecell: ") && err.contains("--add-modules jdk.incubator.vector"), err);
        assertEquals(1, err.lines().count(), err);
        assertEquals(2, process.waitFor());
    }
}
