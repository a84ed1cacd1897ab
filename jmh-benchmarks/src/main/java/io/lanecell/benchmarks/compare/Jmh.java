package io.lanecell.benchmarks.compare;

import io.lanecell.benchmarks.kernel.FmaPeakBenchmark;
import io.lanecell.benchmarks.kernel.ReadBandwidthBenchmark;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs one fork of a benchmark, silently. */
final class Jmh {
    /** The serial collector, so that no collector's threads share the core with what is timed. */
    private static final String[] FORK_ARGUMENTS = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC"};

    /**
     * What one fork gave.
     *
     * @param iterations JMH's results
     */
    private record Fork(List<IterationResult> iterations) {
        double[] micros() {
            return iterations.stream().mapToDouble(iteration -> iteration.getPrimaryResult().getScore()).toArray();
        }

        double best() {
            return Arrays.stream(micros()).min().orElseThrow();
        }

        double[] allocatedBytes() {
            return iterations.stream()
                    .mapToDouble(iteration -> iteration.getSecondaryResults().get("allocatedBytesPerCall").getScore())
                    .toArray();
        }
    }

    private Jmh() {
    }

    /** Times an engine on a case in a fork. */
    static Samples time(Geometry geometry, EngineProvider engine, int threads, Effort effort) {
        Fork fork = run(options(TimedCall.class, "call", effort).param("geometry", geometry.name())
                .param("engine", engine.name()).param("threads", Integer.toString(threads)),
                engine.name() + " on " + geometry.name());
        return new Samples(fork.micros(), fork.allocatedBytes());
    }

    /** GB/s at which one core reads an array of that size, the best iteration. */
    static double readGigabytesPerSecond(int kibibytes, Effort effort) {
        Fork fork = run(options(ReadBandwidthBenchmark.class, "read", effort).param("kibibytes",
                Integer.toString(kibibytes)), "the read bandwidth at " + kibibytes + " KiB");
        return kibibytes * 1024 / (fork.best() * 1e3);
    }

    /** GFLOP/s of fused multiply-adds in registers, one core, the best iteration. */
    static double fmaGigaflops(Effort effort) {
        return FmaPeakBenchmark.FLOPS_PER_CALL
                / (run(options(FmaPeakBenchmark.class, "fma", effort), "the multiply-add peak").best() * 1e3);
    }

    private static ChainedOptionsBuilder options(Class<?> benchmark, String method, Effort effort) {
        return new OptionsBuilder().include("^" + benchmark.getName().replace(".", "\\.") + "\\." + method + "$").forks(1)
                .jvmArgs(FORK_ARGUMENTS).warmupIterations(effort.warmupIterations())
                .warmupTime(TimeValue.milliseconds(effort.warmupMillis())).measurementIterations(effort.measuredIterations())
                .measurementTime(TimeValue.milliseconds(effort.measuredMillis())).shouldFailOnError(true);
    }

    private static Fork run(ChainedOptionsBuilder options, String what) {
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        Collection<RunResult> results;
        try (PrintStream stream = new PrintStream(log, true, StandardCharsets.UTF_8)) {
            results = new Runner(options.build(), OutputFormatFactory.createFormatInstance(stream, VerboseMode.NORMAL)).run();
        } catch (RunnerException e) {
            throw new CompareException("timing " + what + " failed: " + reason(log.toString(StandardCharsets.UTF_8), e), e);
        }
        if (results.size() != 1) {
            throw new CompareException("timing " + what + " gave " + results.size() + " results instead of one");
        }
        return new Fork(results.iterator().next().getBenchmarkResults().stream().map(BenchmarkResult::getIterationResults)
                .flatMap(Collection::stream).toList());
    }

    /** The line of the fork's log that names the failure, or JMH's own message. */
    private static String reason(String log, RunnerException e) {
        return log.lines().map(String::strip).filter(line -> line.matches("([a-z]\\w*\\.)+\\w*(Exception|Error)\\b.*"))
                .findFirst().orElse(String.valueOf(e.getMessage()));
    }
}
