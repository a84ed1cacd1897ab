package io.lanecell.benchmarks;

import io.lanecell.QueueOptions;
import io.lanecell.Session;
import io.lanecell.StepQueue;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One LSTM step, I = H, from submit to the result in the caller's hands, where one thread or eight each submit the next step of a session of
 * their own once they have the last one's result; beside it the same step without a queue. Times are of one call, its percentiles too.
 */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsPrepend = "--add-modules=jdk.incubator.vector")
public class StepQueueBenchmark {
    /** The queue, which all callers share. */
    @State(Scope.Benchmark)
    public static class Shared {
        @Param("128")
        public int hidden;

        @Param("0")
        public int gatherMicros;

        private Workload workload;
        private StepQueue<float[]> queue;

        /** Opens the queue. */
        @Setup
        public void open() {
            workload = new Workload(hidden, hidden, 1);
            queue = StepQueue.of(workload.vector, QueueOptions.DEFAULT.withGatherMicros(gatherMicros));
        }

        /** Closes it. */
        @TearDown
        public void close() {
            queue.close();
        }
    }

    /** A thread with a session of its own. */
    @State(Scope.Thread)
    public static class Caller {
        private Session session;
        private float[] out;

        /** Checks that both ways agree to the bit before either is timed. */
        @Setup
        public void prepare(Shared shared) throws InterruptedException {
            session = shared.workload.vector.newSession();
            out = new float[shared.hidden];
            Session queued = shared.workload.vector.newSession();
            for (int step = 0; step < 10; step++) {
                session.step(shared.workload.input, 0, out, 0);
                if (!Arrays.equals(out, shared.queue.submit(queued, shared.workload.input).join())) {
                    throw new AssertionError("the queue gives other results than single steps");
                }
            }
        }
    }

    @Benchmark
    public float[] noQueue(Shared shared, Caller caller) {
        caller.session.step(shared.workload.input, 0, caller.out, 0);
        return caller.out;
    }

    @Benchmark
    @Threads(1)
    public float[] oneCaller(Shared shared, Caller caller) throws InterruptedException {
        return shared.queue.submit(caller.session, shared.workload.input).join();
    }

    @Benchmark
    @Threads(8)
    public float[] eightCallers(Shared shared, Caller caller) throws InterruptedException {
        return shared.queue.submit(caller.session, shared.workload.input).join();
    }
}
