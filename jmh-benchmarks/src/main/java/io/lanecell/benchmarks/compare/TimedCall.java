package io.lanecell.benchmarks.compare;

import io.lanecell.benchmarks.WarmUp;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What JMH times in its forks: one engine on one case. Agreement with the reference was checked before the fork began. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class TimedCall {
    /** The case's name. */
    @Param("step-128")
    public String geometry;

    /** The engine's name. */
    @Param("lanecell-vector")
    public String engine;

    /** Threads that the engine may use. */
    @Param("1")
    public int threads;

    private Engine opened;

    /** In the thread that will call it. */
    @Setup
    public void open() {
        Task task = new Task(Geometry.named(List.of(geometry)).getFirst());
        opened = Engines.named(engine).open(task, threads);
        opened.setInput(task.input(), 0);
        opened.reset();
        WarmUp.untilCompiled(opened::call);
    }

    /** What the calls after an iteration allocated, which JMH carries to the parent process. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.EVENTS)
    public static class Heap {
        public double allocatedBytesPerCall;

        /** Calls beyond those that are timed. */
        @TearDown(Level.Iteration)
        public void count(TimedCall timed) {
            allocatedBytesPerCall = Allocation.perCall(timed.opened::call);
        }
    }

    @Benchmark
    public void call(Heap heap) {
        opened.call();
    }

    /** Ends what the engine holds. */
    @TearDown
    public void close() {
        opened.close();
    }
}
