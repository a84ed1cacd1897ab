package io.lanecell.loader;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Fuzzes every reader with Jazzer, guided by coverage, each in a JVM of its own with {@code -Xmx256m}, as many at once as there
 * are processors, and prints how many inputs were run, what they covered and what was found. The system properties
 * {@code fuzz.inputs} (over all readers), {@code fuzz.seed}, {@code fuzz.readers} (separated by commas) and {@code fuzz.jobs}
 * (JVMs at once) say how much; the corpora and findings are kept in {@code target/fuzz}.
 */
final class FuzzCampaign {
    private static final Path FOLDER = Path.of("target/fuzz");
    /** A line of libFuzzer: inputs so far, edges and features covered, inputs a second. */
    private static final Pattern STATUS = Pattern.compile("#(\\d+)\\s.* cov: (\\d+) ft: (\\d+) .*exec/s: (\\d+) .*");
    private static final int SECONDS_TO_HANG = 20;
    /** The fuzzer's own classes that go over every byte: to search their branches would slow it down for nothing. */
    private static final String NOT_SEARCHED = Stream.of(Checksums.class, Damage.class, FuzzOracle.class, FuzzTarget.class)
            .map(Class::getName).collect(Collectors.joining(":"));

    /** What one reader's run came to. */
    private record Outcome(long inputs, List<String> findings) {
    }

    private final long inputs = Long.getLong("fuzz.inputs", 1_000_000);
    private final long seed = Long.getLong("fuzz.seed", 1);
    private final List<String> readers = System.getProperty("fuzz.readers", "").isBlank()
            ? ReaderFuzz.NAMES
            : List.of(System.getProperty("fuzz.readers").split(","));
    private final int atOnce = Integer.getInteger("fuzz.jobs", Runtime.getRuntime().availableProcessors());
    private final boolean terminal = System.console() != null && System.console().isTerminal();

    private FuzzCampaign() {
    }

    public static void main(String[] args) throws InterruptedException {
        if (!new FuzzCampaign().run()) {
            System.exit(1);
        }
    }

    private boolean run() throws InterruptedException {
        List<FuzzTarget> targets = readers.stream().map(ReaderFuzz::target).toList();
        int shares = targets.stream().mapToInt(FuzzTarget::share).sum();
        List<Future<Outcome>> outcomes = new ArrayList<>();
        System.out.printf("%-17s %11s %7s %9s %8s %6s  %s%n", "reader", "inputs", "edges", "features", "inputs/s", "seed",
                "findings");
        long start = System.nanoTime();
        try (ExecutorService jobs = Executors.newFixedThreadPool(atOnce)) {
            for (int i = 0; i < targets.size(); i++) {
                String reader = readers.get(i);
                FuzzTarget target = targets.get(i);
                long runs = Math.ceilDiv(inputs * target.share(), shares);
                outcomes.add(jobs.submit(() -> fuzz(reader, target, runs)));
            }
        }
        long all = 0;
        int findings = 0;
        for (Future<Outcome> outcome : outcomes) {
            try {
                all += outcome.get().inputs;
                findings += outcome.get().findings.size();
            } catch (ExecutionException e) {
                throw new IllegalStateException("a reader could not be fuzzed", e.getCause());
            }
        }
        print("all", all, "", "", Duration.ofNanos(System.nanoTime() - start).toSeconds(),
                findings == 0 ? "none" : findings + "");
        return findings == 0;
    }

    private synchronized void print(String reader, long run, String edges, String features, long seconds, String findings) {
        System.out.printf("%-17s %,11d %7s %9s %,8d %6d  %s%n", reader, run, edges, features, run / Math.max(1, seconds), seed,
                findings);
    }

    private Outcome fuzz(String reader, FuzzTarget target, long runs) throws IOException, InterruptedException {
        Path folder = FOLDER.resolve(reader).toAbsolutePath();
        Path corpus = Files.createDirectories(folder.resolve("corpus"));
        List<byte[]> seeds = target.seeds();
        for (int i = 0; i < seeds.size(); i++) {
            Files.write(corpus.resolve("seed-" + i), seeds.get(i));
        }
        long start = System.nanoTime();
        Process process = new ProcessBuilder(command(reader, target, runs, corpus)).directory(folder.toFile())
                .redirectErrorStream(true).start();
        long run = 0;
        int edges = 0;
        int features = 0;
        List<String> findings = new ArrayList<>();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
                var log = Files.newBufferedWriter(folder.resolve("log"))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                log.write(line + "\n");
                Matcher status = STATUS.matcher(line);
                if (status.matches()) {
                    run = Long.parseLong(status.group(1));
                    edges = Integer.parseInt(status.group(2));
                    features = Integer.parseInt(status.group(3));
                    progress(reader, run, runs, status.group(4));
                } else if (line.startsWith("== Java Exception") || line.contains("ERROR: libFuzzer")) {
                    findings.add(line);
                }
            }
        }
        int exit = process.waitFor();
        if (exit != 0 && findings.isEmpty()) {
            findings.add("Jazzer ended with " + exit + ", see " + folder.resolve("log"));
        }
        progress("", 0, 0, "");
        long seconds = Duration.ofNanos(System.nanoTime() - start).toSeconds();
        print(reader, run, Integer.toString(edges), Integer.toString(features), seconds,
                findings.isEmpty() ? "none" : String.join(" | ", findings));
        return new Outcome(run, findings);
    }

    private List<String> command(String reader, FuzzTarget target, long runs, Path corpus) {
        return List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m", "-XX:+UseSerialGC",
                "-XX:+EnableDynamicAgentLoading", "--enable-native-access=ALL-UNNAMED", "--add-modules", "jdk.incubator.vector",
                "-Dfuzz.golden=" + FuzzSeeds.GOLDEN, "-cp", absoluteClassPath(), "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + ReaderFuzz.class.getName(), "--target_method=" + reader,
                "--instrumentation_includes=io.lanecell.**:io.jhdf.**", "--instrumentation_excludes=" + NOT_SEARCHED,
                "-runs=" + runs, "-seed=" + seed,
                "-max_len=" + target.length(), "-timeout=" + SECONDS_TO_HANG, corpus.toString());
    }

    private static String absoluteClassPath() {
        List<String> parts = new ArrayList<>();
        for (String part : System.getProperty("java.class.path").split(System.getProperty("path.separator"))) {
            parts.add(Path.of(part).toAbsolutePath().toString());
        }
        return String.join(System.getProperty("path.separator"), parts);
    }

    /** One line that is written again and again, on terminals only. */
    private synchronized void progress(String reader, long run, long runs, String speed) {
        if (terminal) {
            System.out.printf(runs == 0 ? "\r%80s\r" : "\r%s: %,d of %,d inputs, %s/s   ", reader, run, runs, speed);
            System.out.flush();
        }
    }
}
