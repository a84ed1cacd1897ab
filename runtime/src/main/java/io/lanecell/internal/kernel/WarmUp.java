package io.lanecell.internal.kernel;

import io.lanecell.internal.warmup.WarmUpThread;

/**
 * Calls one operation's vector form on scratch data until the compiler is done with it. Vectors are boxed and thousands of times
 * slower in the interpreter, so nobody's call should be the one that makes them warm.
 */
final class WarmUp {
    /** Bursts and rests leave the compiler its time and another thread its core. */
    private static final int BURST_CALLS = 100;
    private static final int REST_MILLIS = 5;
    /** After some thousand calls of a method, its loops' turns counted, HotSpot gives it to C2; a scratch call makes two or more of each. */
    private static final int CALLS_TO_BE_COMPILED = 700;
    private static final int MOST_SCALAR_CALLS = 3_000;
    private static final int SCALAR_CALLS_WITHOUT_GAIN = 300;
    private static final int FAST_CALLS_IN_A_ROW = 20;
    /** Whoever isn't compiled by then never will be. */
    private static final long CAP_NANOS = 20_000_000_000L;

    private WarmUp() {
    }

    /** Whether the operation became fast in the time that is allowed. */
    static boolean warm(Operation operation, Kernels scalar, Kernels vector) {
        long deadline = System.nanoTime() + CAP_NANOS;
        ScratchCalls scratch = new ScratchCalls(operation);
        // First what the compiler is asked to compile, so that it is at work while the twin is timed.
        for (int call = 0; call < CALLS_TO_BE_COMPILED && System.nanoTime() < deadline; call++) {
            scratch.call(operation, vector);
        }
        long enough = (long) (operation.ofScalarTime * scalarNanos(operation, scratch, scalar));
        int fast = 0;
        while (System.nanoTime() < deadline) {
            for (int call = 0; call < BURST_CALLS; call++) {
                long begin = System.nanoTime();
                scratch.call(operation, vector);
                fast = System.nanoTime() - begin < enough ? fast + 1 : 0;
                if (fast == FAST_CALLS_IN_A_ROW) {
                    return true;
                }
            }
            WarmUpThread.rest(REST_MILLIS);
        }
        return false;
    }

    /** The twin's time once C2 has compiled it, which must be awaited: against a slow twin boxed vectors would look fast. */
    private static long scalarNanos(Operation operation, ScratchCalls scratch, Kernels scalar) {
        long best = Long.MAX_VALUE;
        int withoutGain = 0;
        for (int call = 0; call < MOST_SCALAR_CALLS && withoutGain < SCALAR_CALLS_WITHOUT_GAIN; call++) {
            long begin = System.nanoTime();
            scratch.call(operation, scalar);
            long took = System.nanoTime() - begin;
            withoutGain = took < 0.9 * best ? 0 : withoutGain + 1;
            best = Math.min(best, took);
        }
        return best;
    }
}
