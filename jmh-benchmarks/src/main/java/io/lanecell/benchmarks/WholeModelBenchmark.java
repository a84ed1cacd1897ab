package io.lanecell.benchmarks;

import com.sun.management.ThreadMXBean;
import io.lanecell.Session;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
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
 * A convolution before an LSTM, and attention behind a bidirectional one: whole models over one sequence of 100 steps. {@code whole} is
 * all of it, {@code recurrent} the LSTM alone on the same features. Beside {@code whole}'s calls per millisecond stand
 * {@code shareOfHeads}, how much of the median call goes into everything but the LSTM, whose median is taken just before each iteration,
 * and {@code allocatedBytes}, counted around the calls alone: {@code -prof gc} counts the few kilobytes of JMH's own in each iteration too. The share differs
 * from fork to fork more than within one, hence five.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(value = 5, jvmArgsPrepend = {"--add-modules=jdk.incubator.vector", "-XX:+UseSerialGC"})
public class WholeModelBenchmark {
    private static final int HIDDEN = 128;
    private static final int STEPS = 100;
    private static final long BASELINE_NANOS = 500_000_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** The network. */
    @Param({"cnn_lstm", "attention"})
    public String model;

    private WholeModel workload;
    private Session whole;
    private Session recurrent;
    private float[] out;
    private float[] recurrentOut;
    private final Times baseline = new Times();
    private double recurrentMillis;

    /** The last calls' times. */
    private static final class Times {
        private final long[] nanos = new long[1 << 14];
        private int calls;
        private long sum;

        void add(long elapsed) {
            nanos[calls++ % nanos.length] = elapsed;
            sum += elapsed;
        }

        double medianMillis() {
            int count = Math.min(calls, nanos.length);
            Arrays.sort(nanos, 0, count);
            return nanos[count / 2] * 1e-6;
        }

        double sumMillis() {
            return sum * 1e-6;
        }

        void clear() {
            calls = 0;
            sum = 0;
        }
    }

    /** What is counted beside the calls; JMH divides it by the milliseconds. */
    @State(Scope.Thread)
    @AuxCounters
    public static class Rates {
        public double shareOfHeads;
        public double allocatedBytes;

        private final Times times = new Times();
        private double recurrentMillis;

        private void add(long nanos, long bytes, double recurrentPart) {
            times.add(nanos);
            allocatedBytes += bytes;
            recurrentMillis = recurrentPart;
        }

        /** The share, times what JMH will divide by. */
        @TearDown(Level.Iteration)
        public void finish() {
            shareOfHeads = (1 - recurrentMillis / times.medianMillis()) * times.sumMillis();
            times.clear();
        }
    }

    /** Checks that all engines agree before any is timed. */
    @Setup
    public void prepare() {
        workload = WholeModel.of(model, HIDDEN, STEPS);
        workload.checkThatEnginesAgree();
        whole = workload.vector.newSession();
        recurrent = workload.recurrent.newSession();
        out = new float[workload.vector.outputSize()];
        recurrentOut = new float[workload.recurrentSteps * workload.recurrent.outputSize()];
        WarmUp.untilCompiled(this::recurrent);
        WarmUp.untilCompiled(this::whole);
    }

    /** The LSTM by itself. */
    @Setup(Level.Iteration)
    public void timeRecurrentPart() {
        long end = System.nanoTime() + BASELINE_NANOS;
        for (long start = System.nanoTime(); start < end; start = System.nanoTime()) {
            recurrent();
            baseline.add(System.nanoTime() - start);
        }
        recurrentMillis = baseline.medianMillis();
        baseline.clear();
    }

    private void whole() {
        whole.reset();
        whole.run(workload.input, 0, STEPS, out, 0);
    }

    /** The whole model over a sequence. */
    @Benchmark
    public float[] whole(Rates rates) {
        long bytes = THREADS.getCurrentThreadAllocatedBytes();
        long start = System.nanoTime();
        whole();
        long nanos = System.nanoTime() - start;
        rates.add(nanos, THREADS.getCurrentThreadAllocatedBytes() - bytes, recurrentMillis);
        return out;
    }

    /** Its LSTM alone. */
    @Benchmark
    public float[] recurrent() {
        recurrent.reset();
        recurrent.run(workload.recurrentInput, 0, workload.recurrentSteps, recurrentOut, 0);
        return recurrentOut;
    }
}
