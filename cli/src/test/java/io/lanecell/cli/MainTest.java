package io.lanecell.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.Lanecell;
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
        for (String command : new String[]{"inspect", "verify", "run", "generate"}) {
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
        assertTrue(CommandRun.of().refused().contains("expected inspect, verify, run or generate"));
        assertTrue(CommandRun.of("inspekt", "x").refused().contains("inspekt"));
        assertTrue(CommandRun.of("inspect", "--jsn", "x").refused().contains("'lanecell inspect --help'"));
        assertTrue(CommandRun.of("verify", "dir\nwith\rbreaks").refused().contains("dir\\nwith\\rbreaks"));
    }
}
