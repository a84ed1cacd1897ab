package io.lanecell.benchmarks;

import io.lanecell.Session;
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
import org.openjdk.jmh.annotations.Warmup;

/** A sequence of 100 steps, batch 1, I = H. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsPrepend = "--add-modules=jdk.incubator.vector")
public class SequenceBenchmark {
    private static final int STEPS = 100;

    @Param({"32", "128", "512"})
    public int hidden;

    private Workload workload;
    private Session vector;
    private Session scalar;
    private float[] out;

    /** Checks that all engines agree before any is timed. */
    @Setup
    public void prepare() {
        workload = new Workload(hidden, hidden, STEPS);
        workload.checkThatEnginesAgree();
        vector = workload.vector.newSession();
        scalar = workload.scalar.newSession();
        out = new float[STEPS * hidden];
    }

    @Benchmark
    public float[] vector() {
        vector.run(workload.input, 0, STEPS, out, 0);
        return out;
    }

    @Benchmark
    public float[] scalar() {
        scalar.run(workload.input, 0, STEPS, out, 0);
        return out;
    }

    @Benchmark
    public double[] reference() {
        return workload.reference.run(workload.input64, 1, STEPS, null, null, null).output();
    }
}
