package io.lanecell.benchmarks;

import io.lanecell.Session;
import io.lanecell.reference.ReferenceModel;
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

/** One LSTM step of one sequence, I = H, the state carried on: the call of a live stream. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsPrepend = "--add-modules=jdk.incubator.vector")
public class StepBenchmark {
    @Param({"32", "128", "512"})
    public int hidden;

    private Workload workload;
    private Session vector;
    private Session scalar;
    private float[] out;
    private double[] h;
    private double[] c;

    /** Checks that all engines agree before any is timed. */
    @Setup
    public void prepare() {
        new Workload(hidden, hidden, 20).checkThatEnginesAgree();
        workload = new Workload(hidden, hidden, 1);
        vector = workload.vector.newSession();
        scalar = workload.scalar.newSession();
        out = new float[hidden];
        h = new double[hidden];
        c = new double[hidden];
    }

    @Benchmark
    public float[] vector() {
        vector.step(workload.input, 0, out, 0);
        return out;
    }

    @Benchmark
    public float[] scalar() {
        scalar.step(workload.input, 0, out, 0);
        return out;
    }

    @Benchmark
    public double[] reference() {
        ReferenceModel.Result result = workload.reference.run(workload.input64, 1, 1, null, h, c);
        h = result.hN();
        c = result.cN();
        return result.output();
    }
}
