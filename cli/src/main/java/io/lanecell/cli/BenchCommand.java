package io.lanecell.cli;

import io.lanecell.InvalidInputException;
import io.lanecell.KernelChoice;
import io.lanecell.Lanecell;
import io.lanecell.Model;
import io.lanecell.loader.ModelFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bench}: how long one warm call takes on this machine, to the rarest; or how long it takes to start. */
@Command(name = "bench", mixinStandardHelpOptions = true, description = "Times single calls of a model on this machine, back to back and paced, and prints percentiles to the 99.99th.", footer = {
        "",
        "A call is one step of one sequence, or a run of 100 steps where the model can't go step by step.",
        "The control is a loop without memory that takes as long, timed in turns with the calls: what it",
        "suffers is the machine's own jitter."})
final class BenchCommand implements Callable<Integer> {
    private static final double LONGEST = 3600;
    private static final int FASTEST_NEIGHBOUR = 100_000;

    @ArgGroup(multiplicity = "1")
    private Subject subject;

    /** What to time. */
    static final class Subject {
        @Parameters(paramLabel = "MODEL", description = "A case directory, a model.json or a weight file.")
        private Path model;

        @Option(names = "--lstm", paramLabel = "I,H[,layers[,bi]]", description = "An LSTM of this geometry with random weights instead.")
        private String lstm;
    }

    @Option(names = "--seconds", paramLabel = "S", description = "How long to time each way of calling (5 unless given, with --cold 2 a launch).")
    private Double wantedSeconds;

    @Option(names = "--every", defaultValue = "1000", paramLabel = "MICROS", description = "Time from one paced call to the next (default: ${DEFAULT-VALUE}).")
    private double everyMicros;

    @Option(names = "--neighbour", defaultValue = "0", paramLabel = "MB/S", description = "Beside the calls a thread allocates so much, as the rest of a service does.")
    private int neighbour;

    @Option(names = "--plot", paramLabel = "FILE.png", description = "Draws latency over percentile, or with --cold over time.")
    private Path plot;

    @Option(names = "--json", description = "Prints one JSON object instead of the table.")
    private boolean json;

    @Mixin
    private KernelsOption kernels;

    @Mixin
    private ColdOptions cold;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        double seconds = wantedSeconds != null ? wantedSeconds : cold.wanted() ? 2 : 5;
        require(seconds > 0 && seconds <= LONGEST, "--seconds", seconds, "more than 0 and at most " + (int) LONGEST);
        require(everyMicros >= 1 && everyMicros <= 1e6 * seconds / 2, "--every", everyMicros,
                "at least 1 and time for two calls in --seconds");
        require(neighbour >= 0 && neighbour <= FASTEST_NEIGHBOUR, "--neighbour", neighbour, "0 to " + FASTEST_NEIGHBOUR);
        if (plot != null && !plot.toString().endsWith(".png")) {
            throw new InvalidInputException("--plot is " + plot + ", expected a file name that ends in .png");
        }
        long everyNanos = Math.round(1000 * everyMicros);
        if (cold.wanted()) {
            timeStarts(cold.bench(kernels.choice(), seconds, everyNanos));
        } else {
            timeCalls(seconds, everyNanos);
        }
        return Main.FINE;
    }

    private void timeStarts(ColdBench bench) {
        List<ColdFigure> figures = subject.model != null
                ? bench.run(subject.model)
                : bench.run(LstmGeometry.parse(subject.lstm));
        String title = subject.model != null ? subject.model.toString() : "an LSTM " + subject.lstm;
        if (plot != null) {
            ColdPlot.write("Start-up of " + title + " on this machine", bench.typicalBackToBack(), bench.typicalPaced(), plot);
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            Map<String, Object> all = new LinkedHashMap<>();
            all.put("environment", Lanecell.describe());
            all.put("model", title);
            all.put("jvm", cold.describe());
            all.put("everyMicros", everyMicros);
            all.put("results", figures.stream().map(ColdFigure::asMap).toList());
            JsonOutput.print(out, all);
            return;
        }
        out.println(Lanecell.describe());
        out.println("start-up of " + title + ", " + cold.describe() + ":");
        out.println(ColdFigure.header());
        figures.forEach(figure -> out.println(figure.line()));
        out.flush();
    }

    private void timeCalls(double seconds, long everyNanos) {
        BenchSubject call = BenchSubject.of(model(kernels.choice()));
        LatencyBench bench = new LatencyBench(call, seconds, everyNanos);
        List<Latency> latencies;
        try (AllocatingNeighbour _ = new AllocatingNeighbour(neighbour)) {
            latencies = bench.run();
        }
        if (plot != null) {
            LatencyPlot.write(call.toString(), latencies, plot);
        }
        print(call, latencies, bench.allocatedBytesPerCall());
    }

    private Model model(KernelChoice choice) {
        return subject.model != null
                ? ModelFile.open(subject.model).model(choice)
                : Model.of(RandomLstm.SPEC, RandomLstm.weights(LstmGeometry.parse(subject.lstm)), choice);
    }

    private static void require(boolean right, String option, double value, String expected) {
        if (!right) {
            throw new InvalidInputException(option + " is " + value + ", expected " + expected);
        }
    }

    private void print(BenchSubject call, List<Latency> latencies, double bytesPerCall) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            Map<String, Object> all = new LinkedHashMap<>();
            all.put("environment", Lanecell.describe());
            all.put("call", call.toString());
            all.put("kernels", call.kernels());
            all.put("everyMicros", everyMicros);
            all.put("neighbourMegabytesPerSecond", neighbour);
            all.put("results", latencies.stream().map(Latency::asMap).toList());
            all.put("allocatedBytesPerCall", bytesPerCall);
            JsonOutput.print(out, all);
            return;
        }
        out.println(Lanecell.describe());
        out.println(call + ", " + call.kernels() + " kernel"
                + (neighbour == 0 ? "" : ", beside a thread that allocates " + neighbour + " MB/s")
                + "; µs per call:");
        out.println(Latency.header());
        latencies.forEach(latency -> out.println(latency.line()));
        out.printf("%s bytes allocated per call; control: a loop as long, timed in turns with the calls%n",
                bytesPerCall == Math.rint(bytesPerCall) ? String.valueOf((long) bytesPerCall) : String.valueOf(bytesPerCall));
        out.flush();
    }
}
