package io.lanecell.benchmarks.kernel;

import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * How fast one core reads from each level of this machine's memory: the limit of a step at batch 1, which reads every weight
 * once. Time to read an array once; KiB ÷ µs × 1.024 is GB/s. It uses the Vector API, because a plain loop over floats is not
 * vectorised and would measure the adder instead of the memory.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsPrepend = "--add-modules=jdk.incubator.vector")
public class ReadBandwidthBenchmark {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();
    /** Floats in a cache line. */
    private static final int LINE = 16;
    /** KiB that lie in any first-level cache. */
    private static final int FIRST_LEVEL = 32;
    private static final int TRIALS = 160;
    private static final int READS = 200;

    /** 24 KiB lies in the first-level cache, 128 and 256 in the second, 512 is a step of I = H = 128, 8192 lies in the third. */
    @Param({"24", "128", "256", "512", "8192"})
    public int kibibytes;

    private float[] numbers;
    private int start;
    private int end;
    /** Keeps the trials from being optimised away. */
    private float sink;

    /**
     * Makes the array. In the first-level cache loads that straddle cache lines take twice as long, and an array begins at any
     * multiple of eight bytes: there the start that reads fastest is found by trying, elsewhere it hardly matters.
     */
    @Setup
    public void fill() {
        int size = kibibytes * 256;
        numbers = new float[size + LINE];
        int fastest = 0;
        long least = Long.MAX_VALUE;
        for (int trial = 0; trial < (kibibytes <= FIRST_LEVEL ? TRIALS : 0); trial++) {
            start = trial * 2 % LINE;
            end = start + size;
            long began = System.nanoTime();
            for (int i = 0; i < READS; i++) {
                sink += read();
            }
            long nanos = System.nanoTime() - began;
            if (nanos < least) {
                least = nanos;
                fastest = start;
            }
        }
        start = fastest;
        end = start + size;
    }

    @Benchmark
    public float read() {
        FloatVector a0 = FloatVector.zero(SPECIES);
        FloatVector a1 = a0;
        FloatVector a2 = a0;
        FloatVector a3 = a0;
        FloatVector a4 = a0;
        FloatVector a5 = a0;
        FloatVector a6 = a0;
        FloatVector a7 = a0;
        for (int i = start; i < end; i += 8 * LANES) {
            a0 = a0.add(FloatVector.fromArray(SPECIES, numbers, i));
            a1 = a1.add(FloatVector.fromArray(SPECIES, numbers, i + LANES));
            a2 = a2.add(FloatVector.fromArray(SPECIES, numbers, i + 2 * LANES));
            a3 = a3.add(FloatVector.fromArray(SPECIES, numbers, i + 3 * LANES));
            a4 = a4.add(FloatVector.fromArray(SPECIES, numbers, i + 4 * LANES));
            a5 = a5.add(FloatVector.fromArray(SPECIES, numbers, i + 5 * LANES));
            a6 = a6.add(FloatVector.fromArray(SPECIES, numbers, i + 6 * LANES));
            a7 = a7.add(FloatVector.fromArray(SPECIES, numbers, i + 7 * LANES));
        }
        return a0.add(a1).add(a2.add(a3)).add(a4.add(a5).add(a6.add(a7))).lane(0);
    }
}
