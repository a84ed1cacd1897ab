package io.lanecell;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;

/** Once warm, and after a swap again, no call of a session that follows a model allocates a byte. */
class LiveAllocationTest {
    private static final int INPUT = 24;
    private static final int HIDDEN = 40;
    private static final int BATCH = 4;
    private static final int STEPS = 6;
    private static final int COUNTED_CALLS = 20_000;
    /** The JVM makes a class' string constants, on the caller's thread, when it first compiles one of its methods. */
    private static final int BYTES_OF_CONSTANTS = 10_000;

    private static List<Named<Runnable>> calls(LiveModel live) {
        float[] in = Seeds.floats(new Random(2), BATCH * STEPS * INPUT, 1f);
        float[] out = new float[BATCH * STEPS * HIDDEN];
        float[] h = new float[HIDDEN];
        float[] c = new float[HIDDEN];
        FloatBuffer direct = ByteBuffer.allocateDirect(Float.BYTES * INPUT).order(ByteOrder.nativeOrder()).asFloatBuffer();
        FloatBuffer heap = FloatBuffer.allocate(HIDDEN);
        MemorySegment segmentIn = Arena.ofAuto().allocate(Float.BYTES * INPUT, 64);
        MemorySegment segmentOut = MemorySegment.ofArray(new float[HIDDEN]);
        LiveSession one = live.newSession();
        LiveSession four = live.newSession(BATCH);
        LiveSession shared = live.newSession(1, Workers.of(2)); // for the life of the test JVM
        return List.of(Named.of("step", () -> one.step(in, 0, out, 0)),
                Named.of("step of a batch", () -> four.step(in, 0, out, 0)),
                Named.of("step between buffers", () -> one.step(direct.position(0), heap.position(0))),
                Named.of("step between segments", () -> one.step(segmentIn, 0, segmentOut, 0)),
                Named.of("run of a batch", () -> four.run(in, 0, STEPS, null, out, 0)),
                Named.of("run between buffers", () -> one.run(direct.position(0), 1, null, heap.position(0))),
                Named.of("run between segments", () -> one.run(segmentIn, 0, 1, null, segmentOut, 0)),
                Named.of("run on two threads", () -> shared.run(in, 0, STEPS, null, out, 0)),
                Named.of("state out and in", () -> {
                    one.getState(h, 0, c, 0);
                    one.setState(h, 0, c, 0);
                }), Named.of("question for the model", one::model));
    }

    private static List<Named<Runnable>> float64Calls(LiveModel live) {
        double[] in = Seeds.doubles(new Random(2), STEPS * INPUT, 1);
        double[] out = new double[STEPS * HIDDEN];
        double[] h = new double[HIDDEN];
        double[] c = new double[HIDDEN];
        DoubleBuffer bufferIn = DoubleBuffer.allocate(INPUT);
        DoubleBuffer bufferOut = DoubleBuffer.allocate(HIDDEN);
        LiveSession one = live.newSession();
        return List.of(Named.of("step in float64", () -> one.step(in, 0, out, 0)),
                Named.of("step between buffers of doubles", () -> one.step(bufferIn.position(0), bufferOut.position(0))),
                Named.of("run in float64", () -> one.run(in, 0, STEPS, null, out, 0)),
                Named.of("state in float64 out and in", () -> {
                    one.getState(h, 0, c, 0);
                    one.setState(h, 0, c, 0);
                }));
    }

    @Test
    void aSessionThatMovesAllocatesNothingOnceItHasMoved() {
        Random random = new Random(1);
        LiveModel live = LiveModel.of(RandomModels.model(random, RandomModels.plain(INPUT, HIDDEN), true), SwapPolicy.MOVE);
        List<Named<Runnable>> calls = calls(live);
        assertAllocatesNothing(calls.getFirst());
        live.swap(RandomModels.model(random, RandomModels.plain(INPUT, HIDDEN), true));
        calls.forEach(LiveAllocationTest::assertAllocatesNothing);
    }

    @Test
    void aSessionThatFinishesOnAnOldModelAllocatesNothing() {
        Random random = new Random(1);
        LiveModel live = LiveModel.of(RandomModels.model(random, RandomModels.plain(INPUT, HIDDEN), true), SwapPolicy.FINISH);
        Named<Runnable> step = calls(live).getFirst();
        live.swap(RandomModels.model(random, RandomModels.plain(INPUT, HIDDEN), true));
        assertAllocatesNothing(step);
    }

    @Test
    void soItIsInFloat64() {
        Random random = new Random(1);
        LiveModel live = LiveModel.of(RandomModels64.model(random, RandomModels.plain(INPUT, HIDDEN), true), SwapPolicy.MOVE);
        List<Named<Runnable>> calls = float64Calls(live);
        live.swap(RandomModels64.model(random, RandomModels.plain(INPUT, HIDDEN), true));
        calls.forEach(LiveAllocationTest::assertAllocatesNothing);
    }

    private static void assertAllocatesNothing(Named<Runnable> call) {
        AllocationTest.warm(call.getPayload());
        long bytes = AllocationTest.allocatedBy(call.getPayload(), COUNTED_CALLS);
        assertTrue(bytes < BYTES_OF_CONSTANTS, bytes + " bytes allocated in " + COUNTED_CALLS + " calls: " + call.getName());
    }
}
