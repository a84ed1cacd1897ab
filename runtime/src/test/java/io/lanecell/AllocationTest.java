package io.lanecell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Once warm, no call of a session allocates a byte. */
class AllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    /** C2 compiles the kernels after some hundreds of calls; vectors are boxed until then. */
    private static final int QUIET_CALLS = 1_000;
    private static final long CAP_NANOS = 30_000_000_000L;
    /** Recompilation of a caller has been seen to bring boxing back after 20,000 to 80,000 calls. */
    private static final int SETTLE_CALLS = 50_000;
    private static final int WINDOWS = 10;
    private static final int WINDOW_CALLS = 1_000;

    static Stream<Named<Runnable>> hotCalls() {
        Random random = new Random(1);
        Model lstm = Model.lstm(RandomModels.lstm(random, RandomModels.plain(24, 40)), true);
        Model deep = Model.lstm(
                RandomModels.lstm(random, new RecurrentGeometry(RecurrentGeometry.Kind.LSTM, 9, 17, 2, true, true, 5, false)),
                true);
        Model tokens = RandomModels.tokens(random, 11, 6, 20, 70, true);
        float[] in = Seeds.floats(random, 4 * 6 * 24, 1f);
        float[] out = new float[4 * 6 * 70];
        int[] indices = random.ints(4 * 6, 0, 11).toArray();
        int[] lengths = {6, 1, 4, 4};
        Session one = lstm.newSession();
        Session four = lstm.newSession(4);
        Session deepFour = deep.newSession(4);
        Session tokenOne = tokens.newSession();
        Session tokenFour = tokens.newSession(4);
        Model gru = RandomModels.model(random, RandomModels.plain(RecurrentGeometry.Kind.GRU, 24, 40), true);
        Model rnn = RandomModels.model(random, RandomModels.plain(RecurrentGeometry.Kind.RNN, 24, 40), true);
        Session gruOne = gru.newSession();
        Session gruFour = gru.newSession(4);
        Session rnnOne = rnn.newSession();
        Session rnnFour = rnn.newSession(4);
        Session options = RecurrentMeaningTest.model(RandomModels.lstm(random, RandomModels.plain(24, 40)),
                new LstmOptions(ActivationFunction.HARD_SIGMOID, ActivationFunction.TANH, ActivationFunction.RELU, false, 1,
                        LstmOptions.PYTORCH.normEpsilon()))
                .newSession(4);
        Session scalar = lstm.with(KernelChoice.SCALAR).newSession();
        FloatBuffer direct = ByteBuffer.allocateDirect(Float.BYTES * 24).order(java.nio.ByteOrder.nativeOrder()).asFloatBuffer();
        FloatBuffer heap = FloatBuffer.allocate(40);
        MemorySegment segmentIn = Arena.ofAuto().allocate(Float.BYTES * 24, 64);
        MemorySegment segmentOut = MemorySegment.ofArray(new float[40]);
        Workers workers = Workers.of(2); // for the life of the test JVM
        Session shared = lstm.newSession(1, workers);
        Session sharedFour = lstm.newSession(4, workers);
        StepBatch gathered = lstm.newStepBatch(4);
        StepBatch gatheredTokens = tokens.newStepBatch(4);
        Session[] sessions = {lstm.newSession(), lstm.newSession(), lstm.newSession(), lstm.newSession()};
        Session[] tokenSessions = {tokens.newSession(), tokens.newSession(), tokens.newSession()};
        float[] h = new float[40];
        float[] c = new float[40];
        return Stream.of(Named.of("step", () -> one.step(in, 0, out, 0)),
                Named.of("step, scalar", () -> scalar.step(in, 0, out, 0)),
                Named.of("step of a batch", () -> four.step(in, 0, out, 0)),
                Named.of("step of a token model", () -> tokenOne.step(indices, 0, out, 0)),
                Named.of("step between buffers", () -> one.step(direct.position(0), heap.position(0))),
                Named.of("step between segments", () -> one.step(segmentIn, 0, segmentOut, 0)),
                Named.of("run between buffers", () -> one.run(direct.position(0), 1, null, heap.position(0))),
                Named.of("run between segments", () -> one.run(segmentIn, 0, 1, null, segmentOut, 0)),
                Named.of("run", () -> one.run(in, 0, 6, out, 0)),
                Named.of("run of a batch", () -> four.run(in, 0, 6, lengths, out, 0)),
                Named.of("run of a deep bidirectional projected batch", () -> deepFour.run(in, 0, 6, lengths, out, 0)),
                Named.of("run of a token model", () -> tokenFour.run(indices, 0, 6, lengths, out, 0)),
                Named.of("run of one sequence on two threads", () -> shared.run(in, 0, 6, out, 0)),
                Named.of("run of a batch on two threads", () -> sharedFour.run(in, 0, 6, lengths, out, 0)),
                Named.of("step of a GRU", () -> gruOne.step(in, 0, out, 0)),
                Named.of("run of a GRU", () -> gruOne.run(in, 0, 6, out, 0)),
                Named.of("run of a batch through a GRU", () -> gruFour.run(in, 0, 6, lengths, out, 0)),
                Named.of("step of an RNN", () -> rnnOne.step(in, 0, out, 0)),
                Named.of("run of a batch through an RNN", () -> rnnFour.run(in, 0, 6, lengths, out, 0)),
                Named.of("run of a batch through an LSTM with options", () -> options.run(in, 0, 6, lengths, out, 0)),
                Named.of("step of four sessions as a batch", () -> gathered.step(sessions, 4, in, 0, out, 0)),
                Named.of("step of sessions that take tokens as a batch",
                        () -> gatheredTokens.step(tokenSessions, 3, indices, 0, out, 0)),
                Named.of("steps of several sessions in turn", () -> {
                    sessions[0].step(in, 0, out, 0);
                    sessions[1].step(in, 0, out, 0);
                    sessions[2].step(in, 0, out, 0);
                }),
                Named.of("state out and in, reset", () -> {
                    one.getState(h, 0, c, 0);
                    one.setState(h, 0, c, 0);
                    one.reset();
                }));
    }

    @ParameterizedTest
    @MethodSource("hotCalls")
    void aWarmCallAllocatesNothing(Runnable call) {
        assertAllocatesNothing(call);
    }

    static void assertAllocatesNothing(Runnable call) {
        warm(call);
        for (int window = 0; window < WINDOWS; window++) {
            assertEquals(0, allocatedBy(call, WINDOW_CALLS), "bytes allocated in window " + window);
        }
    }

    /** Calls until that allocates nothing any more, and has settled. */
    static void warm(Runnable call) {
        long deadline = System.nanoTime() + CAP_NANOS;
        int quiet = 0;
        while (quiet < QUIET_CALLS) {
            quiet = allocatedBy(call, 1) == 0 ? quiet + 1 : 0;
            assertTrue(System.nanoTime() < deadline, "the call still allocates after 30 seconds of warming");
        }
        allocatedBy(call, SETTLE_CALLS);
    }

    /** Bytes that this thread allocates in so many calls. */
    static long allocatedBy(Runnable call, int calls) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < calls; i++) {
            call.run();
        }
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }
}
