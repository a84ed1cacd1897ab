package io.lanecell.cli;

import java.io.Console;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;

/** How many columns a line of a table may take. */
final class TerminalWidth {
    private static final int PIPED = 100;
    private static final int NARROWEST = 60;
    private static final int WIDEST = 200;

    private TerminalWidth() {
    }

    /** What the environment variable COLUMNS says, else the terminal's width, else 100; between 60 and 200. */
    static int columns(CommandSpec spec) {
        int columns = fromEnvironment(System.getenv("COLUMNS")).orElseGet(
                () -> isTerminal() ? spec.usageMessage().width() : PIPED);
        return Math.clamp(columns, NARROWEST, WIDEST);
    }

    /** The number in a value of COLUMNS, if it is one. */
    static Optional<Integer> fromEnvironment(String columns) {
        return Optional.ofNullable(columns).filter(digits -> digits.matches("\\d{1,6}")).map(Integer::valueOf);
    }

    /** Whether somebody sits before standard input and output. */
    static boolean isTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }
}
