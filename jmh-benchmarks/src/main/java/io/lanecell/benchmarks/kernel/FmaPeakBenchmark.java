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
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How many fused multiply-adds one core does when nothing is read from memory: the limit of a batch. Ten chains, since two units
 * of four cycles' latency need eight.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsPrepend = "--add-modules=jdk.incubator.vector")
public class FmaPeakBenchmark {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int ROUNDS = 10_000;
    private static final int CHAINS = 10;

    /** Floating-point operations of one call: two for each lane of each multiply-add. */
    public static final double FLOPS_PER_CALL = 2.0 * ROUNDS * CHAINS * SPECIES.length();

    private float factor;
    private float summand;

    /** Numbers that the compiler can't know and that keep the sums near one. */
    @Setup
    public void choose() {
        factor = 0.5f;
        summand = 0.5f;
    }

    @Benchmark
    public float fma() {
        FloatVector m = FloatVector.broadcast(SPECIES, factor);
        FloatVector s = FloatVector.broadcast(SPECIES, summand);
        FloatVector a0 = FloatVector.zero(SPECIES);
        FloatVector a1 = a0;
        FloatVector a2 = a0;
        FloatVector a3 = a0;
        FloatVector a4 = a0;
        FloatVector a5 = a0;
        FloatVector a6 = a0;
        FloatVector a7 = a0;
        FloatVector a8 = a0;
        FloatVector a9 = a0;
        for (int i = 0; i < ROUNDS; i++) {
            a0 = a0.fma(m, s);
            a1 = a1.fma(m, s);
            a2 = a2.fma(m, s);
            a3 = a3.fma(m, s);
            a4 = a4.fma(m, s);
            a5 = a5.fma(m, s);
            a6 = a6.fma(m, s);
            a7 = a7.fma(m, s);
            a8 = a8.fma(m, s);
            a9 = a9.fma(m, s);
        }
        return a0.add(a1).add(a2.add(a3)).add(a4.add(a5).add(a6.add(a7))).add(a8.add(a9)).lane(0);
    }
}
