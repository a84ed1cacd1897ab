package io.lanecell.benchmarks;

import io.lanecell.Session;
import io.lanecell.StepBatch;
import java.util.Arrays;
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

/**
 * One LSTM step of each of many sessions, I = H, one by one and as one batch; beside them the same work by one session of as many
 * sequences, whose states needn't be gathered: what the kernel alone can do. Times are of one step of all of them.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsPrepend = "--add-modules=jdk.incubator.vector")
public class StepBatchBenchmark {
    @Param({"128", "256"})
    public int hidden;

    @Param({"64"})
    public int sessions;

    private Session[] one;
    private Session[] gathered;
    private Session together;
    private StepBatch batch;
    private float[] in;
    private float[] out;

    /** Checks that both ways agree to the bit before either is timed. */
    @Setup
    public void prepare() {
        Workload workload = new Workload(hidden, hidden, sessions);
        in = workload.input;
        out = new float[sessions * hidden];
        one = new Session[sessions];
        gathered = new Session[sessions];
        for (int n = 0; n < sessions; n++) {
            one[n] = workload.vector.newSession();
            gathered[n] = workload.vector.newSession();
        }
        together = workload.vector.newSession(sessions);
        batch = workload.vector.newStepBatch(sessions);
        for (int step = 0; step < 10; step++) {
            float[] expected = oneByOne().clone();
            if (!Arrays.equals(expected, asOneBatch()) || !Arrays.equals(expected, oneSessionOfAll())) {
                throw new AssertionError("the batch gives other results than single steps");
            }
        }
    }

    @Benchmark
    public float[] oneByOne() {
        for (int n = 0; n < sessions; n++) {
            one[n].step(in, n * hidden, out, n * hidden);
        }
        return out;
    }

    @Benchmark
    public float[] asOneBatch() {
        batch.step(gathered, sessions, in, 0, out, 0);
        return out;
    }

    @Benchmark
    public float[] oneSessionOfAll() {
        together.step(in, 0, out, 0);
        return out;
    }
}
