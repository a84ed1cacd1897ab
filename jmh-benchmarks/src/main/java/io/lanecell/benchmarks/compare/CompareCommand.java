package io.lanecell.benchmarks.compare;

import io.lanecell.LanecellException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lanecell compare}: our kernels, the reference and the peers on the same work in the same run. */
@Command(name = "lanecell compare", sortOptions = false, description = {
        "Times our kernels, the float64 reference and other engines on the same weights and inputs, each checked against the"
                + " reference first, and measures what this machine allows.",
        ""}, footer = {"", "Exit codes: 0 fine, 1 an engine disagrees with the reference, 2 bad usage or bad input."})
public final class CompareCommand implements Callable<Integer> {
    private static final int FINE = 0;
    private static final int CHECK_FAILED = 1;
    private static final int BAD_INPUT = 2;
    private static final int LONGEST = 3600;
    private static final List<String> LATENCY_CASES = List.of("step-128", "step-16x32");

    @Option(names = "--cases", split = ",", paramLabel = "CASE", completionCandidates = CaseNames.class, description = "cases to run, all"
            + " unless given: ${COMPLETION-CANDIDATES}")
    private List<String> cases = List.of();

    @Option(names = "--peers", split = ",", paramLabel = "PEER", description = "onnxruntime, libtorch, onednn, all unless given; or"
            + " none")
    private List<String> peers = Engines.PEERS;

    @Option(names = "--threads", paramLabel = "N", defaultValue = "1", description = "threads that each engine may use, 1 unless"
            + " given")
    private int threads;

    @Option(names = "--quick", description = "ends within five minutes: fewer cases unless they are named, shorter runs")
    private boolean quick;

    @Option(names = "--latency", description = "how long single calls take to the rarest instead, back to back and one a millisecond, all"
            + " engines in turns in one JVM; step-128 and step-16x32 unless cases are named")
    private boolean latency;

    @Option(names = "--seconds", paramLabel = "S", defaultValue = "20", description = "with --latency: of calls, each engine and way, ${DEFAULT-VALUE}"
            + " unless given")
    private double seconds;

    @Option(names = "--json", paramLabel = "FILE", description = "also writes the results as JSON")
    private Path json;

    @Option(names = "--plot", paramLabel = "FILE", description = "also draws them, a PNG")
    private Path plot;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "shows this")
    private boolean help;

    @Spec
    private CommandSpec spec;

    /** For the help. */
    private static final class CaseNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Geometry.all().stream().map(Geometry::name).iterator();
        }
    }

    private CompareCommand() {
    }

    /** Runs the command and ends the process with its exit code. */
    public static void main(String[] args) {
        PrintWriter out = new PrintWriter(System.out, false, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        int code;
        try {
            code = commandLine(out, err).execute(args);
        } catch (Error e) { // the parser's handlers see none
            code = report(err, message(e));
        }
        if (out.checkError() && code == FINE) {
            code = report(err, "can't write to standard output, the disk is full or the reader has gone");
        }
        System.exit(code); // peers leave threads of their own behind
    }

    static CommandLine commandLine(PrintWriter out, PrintWriter err) {
        return new CommandLine(new CompareCommand()).setOut(out).setErr(err).setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler((e, _) -> report(err, e.getMessage() + ", see 'lanecell compare --help'"))
                .setExecutionExceptionHandler((e, _, _) -> report(err, message(e)));
    }

    private static String message(Throwable failure) {
        if (failure instanceof LanecellException) {
            return failure.getMessage();
        }
        if (failure instanceof OutOfMemoryError) {
            return "not enough memory for this comparison: give the JVM more, for instance with JDK_JAVA_OPTIONS=-Xmx4g";
        }
        StackTraceElement[] trace = failure.getStackTrace();
        return "internal error, please report it with the command: " + failure + " at "
                + (trace.length > 0 ? trace[0] : "an unknown place");
    }

    private static int report(PrintWriter err, String message) {
        err.println("lanecell: " + message.replaceAll("\\s*\\R\\s*", " "));
        err.flush();
        return BAD_INPUT;
    }

    @Override
    public Integer call() {
        Comparison comparison = comparison();
        if (latency) {
            return compareLatency();
        }
        Results results = comparison.run();
        PrintWriter out = spec.commandLine().getOut();
        out.print(ResultTable.format(results));
        out.flush();
        if (json != null) {
            JsonReport.write(results, json);
        }
        if (plot != null) {
            Plot.write(results, plot);
        }
        return results.refused().isEmpty() ? FINE : CHECK_FAILED;
    }

    private int compareLatency() {
        if (!(seconds > 0 && seconds <= LONGEST)) {
            throw new CompareException("--seconds must be more than 0 and at most " + LONGEST + ", got " + seconds);
        }
        if (json != null || plot != null || threads != 1) {
            throw new CompareException(
                    "--latency prints a table of single-threaded calls, leave out --json, --plot and --threads");
        }
        List<EngineProvider> engines = new ArrayList<>(Engines.with(peers.equals(List.of("none")) ? List.of() : peers));
        engines.removeIf(engine -> !engine.name().equals("lanecell-vector") && !Engines.isPeer(engine.name()));
        List<String> refused = new ArrayList<>();
        List<Geometry> geometries = Geometry.named(cases.isEmpty() ? LATENCY_CASES : cases);
        List<LatencyComparison.Row> rows = new LatencyComparison(geometries, engines, seconds).run(refused);
        PrintWriter out = spec.commandLine().getOut();
        out.println(Machine.here().processor() + ", " + Machine.here().lanecell());
        out.print(LatencyComparison.format(rows));
        refused.forEach(out::println);
        out.flush();
        return refused.isEmpty() ? FINE : CHECK_FAILED;
    }

    /** What was asked for; whatever is wrong with it is said before anything is measured. */
    private Comparison comparison() {
        if (threads < 1) {
            throw new CompareException("--threads must be at least 1, got " + threads);
        }
        requireFolderOf(json, "--json");
        requireFolderOf(plot, "--plot");
        if (plot != null && !plot.toString().endsWith(".png")) {
            throw new CompareException("--plot draws a PNG, its file must end in .png, got " + plot);
        }
        List<Geometry> geometries = !cases.isEmpty() ? Geometry.named(cases) : quick ? Geometry.quick() : Geometry.all();
        List<EngineProvider> engines = Engines.with(peers.equals(List.of("none")) ? List.of() : peers);
        return new Comparison(geometries, engines, threads, quick ? Effort.QUICK : Effort.FULL);
    }

    private static void requireFolderOf(Path file, String option) {
        if (file != null && !file.toAbsolutePath().getParent().toFile().isDirectory()) {
            throw new CompareException("the folder of " + option + " " + file + " does not exist: make it first");
        }
    }
}
