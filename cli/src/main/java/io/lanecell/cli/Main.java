package io.lanecell.cli;

import io.lanecell.Lanecell;
import io.lanecell.LanecellException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line's entry point. */
@Command(name = "lanecell", mixinStandardHelpOptions = true, versionProvider = Main.Version.class, subcommands = {
        InspectCommand.class, VerifyCommand.class, RunCommand.class,
        GenerateCommand.class,
        BenchCommand.class, SoakCommand.class, ConvertCommand.class,
        CompareCommand.class}, description = "PyTorch's LSTM inside a Java process: looks into weight files, proves models right, runs them.", footer = {
                "", "Exit codes: 0 fine, 1 a check failed, 2 bad usage or bad input."})
public final class Main implements Runnable {
    /** Everything went well. */
    static final int FINE = 0;
    /** A check failed. */
    static final int CHECK_FAILED = 1;
    /** Bad usage or bad input. */
    static final int BAD_INPUT = 2;

    private static final String COMMANDS = "inspect, verify, run, generate, bench, soak, convert or compare";

    @Spec
    private CommandSpec spec;

    private Main() {
    }

    /** Runs the command line and ends the process with its exit code. */
    public static void main(String[] args) {
        PrintWriter out = writer(System.out);
        PrintWriter err = writer(System.err);
        int code;
        try {
            code = commandLine(out, err).execute(args);
        } catch (RuntimeException | Error e) { // the parser's handlers see only what commands throw, and no errors
            code = report(err, message(e));
        }
        if (out.checkError() && code == FINE) {
            code = report(err, "can't write to standard output, the disk is full or the reader has gone");
        }
        System.exit(code);
    }

    /** The parser and its commands, printing to these writers. */
    static CommandLine commandLine(PrintWriter out, PrintWriter err) {
        return new CommandLine(new Main()).setOut(out).setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler((e, _) -> report(err, usageMessage(e)))
                .setExecutionExceptionHandler((e, _, _) -> report(err, message(e)));
    }

    private static String message(Throwable failure) {
        if (failure instanceof ExceptionInInitializerError && failure.getCause() != null) {
            return message(failure.getCause());
        }
        if (failure instanceof LanecellException) {
            return failure.getMessage();
        }
        if (failure instanceof OutOfMemoryError) {
            return "not enough memory for this input: give the JVM more, for instance with JDK_JAVA_OPTIONS=-Xmx8g";
        }
        StackTraceElement[] trace = failure.getStackTrace();
        return "internal error, please report it with the command and its input: " + failure + " at "
                + (trace.length > 0 ? trace[0] : "an unknown place");
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(),
                "no command given, expected " + COMMANDS);
    }

    private static String usageMessage(ParameterException e) {
        boolean noCommand = e instanceof UnmatchedArgumentException && e.getCommandLine().getParent() == null;
        return e.getMessage() + (noCommand ? ", expected " + COMMANDS : "") + ", see '"
                + e.getCommandLine().getCommandSpec().qualifiedName() + " --help'";
    }

    private static int report(PrintWriter err, String message) {
        err.println("lanecell: " + OneLine.of(message));
        err.flush();
        return BAD_INPUT;
    }

    /** Models speak UTF-8, whatever the terminal's locale says. */
    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, false, StandardCharsets.UTF_8);
    }

    /** What {@code --version} prints. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[]{Lanecell.describe()};
        }
    }
}
