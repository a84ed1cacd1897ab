package io.lanecell.cli;

import io.lanecell.InvalidInputException;
import io.lanecell.Lanecell;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code soak}: uses the library for an hour as a service does, and sees whether anything goes wrong or grows. */
@Command(name = "soak", mixinStandardHelpOptions = true, description = "Creates, steps, batches, queues, snapshots, restores, copies, moves and drops sessions while models are swapped and queues closed, from several threads, and holds a sample of the results against the float64 reference; heap and threads must not grow.", footer = {
        "", "Exit codes: 0 fine, 1 a result was wrong or something grew, 2 bad usage."})
final class SoakCommand implements Callable<Integer> {
    private static final double LONGEST = 60 * 24 * 30;
    private static final double SHORTEST = 0.01;
    private static final int MOST_THREADS = 256;

    @Option(names = "--minutes", defaultValue = "60", paramLabel = "M", description = "How long (default: ${DEFAULT-VALUE}).")
    private double minutes;

    @Option(names = "--threads", defaultValue = "2", paramLabel = "N", description = "Threads that use sessions (default: ${DEFAULT-VALUE}).")
    private int threads;

    @Option(names = "--seed", paramLabel = "S", description = "Draws the same actions again in each thread; drawn from the clock unless given.")
    private long seed = System.nanoTime();

    @Option(names = "--json", description = "Prints one JSON object instead.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (!(minutes >= SHORTEST && minutes <= LONGEST)) {
            throw new InvalidInputException("--minutes is " + minutes + ", expected " + SHORTEST + " to " + (int) LONGEST);
        }
        if (threads < 1 || threads > MOST_THREADS) {
            throw new InvalidInputException("--threads is " + threads + ", expected 1 to " + MOST_THREADS);
        }
        Soak soak = new Soak(minutes, threads, seed);
        soak.run();
        List<String> failures = soak.failures();
        if (json) {
            JsonOutput.print(spec.commandLine().getOut(), asMap(soak, failures));
        } else {
            print(soak, failures);
        }
        return failures.isEmpty() ? Main.FINE : Main.CHECK_FAILED;
    }

    private void print(Soak soak, List<String> failures) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(Lanecell.describe());
        out.printf(Locale.ROOT, "%s minutes, %d threads, seed %d%n", minutes, threads, seed);
        soak.counts().forEach((action, count) -> out.printf(Locale.ROOT, "%,15d %s%n", count, name(action)));
        out.printf(Locale.ROOT, "worst distance from the reference %.1e, allowed %.0e%n", soak.worstError(),
                SoakSession.TOLERANCE);
        SoakMemory memory = soak.memory();
        out.printf(Locale.ROOT, "heap after collections %s at first, %s at last; threads %d and %d%n",
                SoakMemory.megabytes(memory.firstHeap()), SoakMemory.megabytes(memory.lastHeap()), memory.firstThreads(),
                memory.lastThreads());
        failures.forEach(failure -> out.println("FAIL " + failure));
        if (failures.isEmpty()) {
            out.println("ok");
        }
        out.flush();
    }

    private Map<String, Object> asMap(Soak soak, List<String> failures) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("environment", Lanecell.describe());
        all.put("minutes", minutes);
        all.put("threads", threads);
        all.put("seed", seed);
        Map<String, Object> counts = new LinkedHashMap<>();
        soak.counts().forEach((action, count) -> counts.put(name(action), count));
        all.put("counts", counts);
        all.put("worstError", soak.worstError());
        all.put("tolerance", SoakSession.TOLERANCE);
        SoakMemory memory = soak.memory();
        all.put("firstHeapBytes", memory.firstHeap());
        all.put("lastHeapBytes", memory.lastHeap());
        all.put("firstThreads", memory.firstThreads());
        all.put("lastThreads", memory.lastThreads());
        all.put("failures", failures);
        return all;
    }

    private static String name(SoakWorker.Action action) {
        return action.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
