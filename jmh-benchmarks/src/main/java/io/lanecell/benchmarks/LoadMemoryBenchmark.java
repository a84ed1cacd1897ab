package io.lanecell.benchmarks;

import io.lanecell.loader.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
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

/**
 * A weight file of 1074 MB turned into a model inside a heap of 1.2 times that, the JVM and JMH included: it either fits, or
 * ends with an OutOfMemoryError.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 0)
@Measurement(iterations = 1)
@Fork(value = 2, jvmArgsPrepend = {"-Xmx1229m", "-XX:MaxDirectMemorySize=32m", "--add-modules=jdk.incubator.vector"})
public class LoadMemoryBenchmark {
    private static final int LAYERS = 8;

    /** How the file is stored. */
    @Param({"safetensors", "pt"})
    public String format;

    private Path file;

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

    /** Loads and packs it; gives its output's width alone, because JMH keeps what it is given. */
    @Benchmark
    public int model() {
        return ModelFile.open(file).model().outputSize();
    }
}
