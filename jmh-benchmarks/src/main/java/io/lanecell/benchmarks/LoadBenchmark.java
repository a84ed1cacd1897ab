package io.lanecell.benchmarks;

import io.lanecell.Tensor;
import io.lanecell.loader.WeightFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * A state dict of 403 MB from the page cache: opened, checked (a {@code .pt} file's checksums, too), and every number of it
 * turned into a float. {@code gigabytes} is how many are through in a second.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 2, jvmArgsPrepend = "-Xmx2g")
public class LoadBenchmark {
    private static final int LAYERS = 3;

    /** How the file is stored. */
    @Param({"safetensors", "pt", "npz"})
    public String format;

    private Path file;

    /** What is counted beside the calls; JMH divides it by the seconds. */
    @State(Scope.Thread)
    @AuxCounters
    public static class Rates {
        public double gigabytes;
    }

    /** Writes the file, which leaves it in the page cache. */
    @Setup
    public void write() throws IOException {
        file = LargeStateDict.write(format, LAYERS);
    }

    /** Removes it. */
    @TearDown
    public void delete() throws IOException {
        Files.delete(file);
    }

    /** Loads every tensor. */
    @Benchmark
    public void load(Rates rates, Blackhole sink) {
        for (Tensor tensor : WeightFile.load(file).tensors().values()) {
            sink.consume(tensor.toFloats());
            rates.gigabytes += tensor.byteSize() / 1e9;
        }
    }
}
