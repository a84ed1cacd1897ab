package io.lanecell.cli;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/**
 * {@code lanecell compare} in the list of commands. The launcher starts the comparison itself, a program that is built apart
 * because it fetches the engines that it compares with; only who goes around the launcher arrives here.
 */
@Command(name = "compare", description = "Times our kernels and other engines on the same work (built apart, with those"
        + " engines: only the launcher starts it).")
final class CompareCommand implements Runnable {
    @Unmatched
    private List<String> arguments;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(),
                "the comparison is a program of its own: start it with ./lanecell compare, in the project's folder");
    }
}
