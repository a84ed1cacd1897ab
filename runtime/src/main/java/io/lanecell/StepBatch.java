package io.lanecell;

import io.lanecell.internal.events.Events;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * Steps many sessions as one batch, so that the weights are read once for all of them: for a service in which some of its sessions have
 * an input now. Each session keeps its own state; any subset may be stepped each time, in any order, and between two calls a session
 * may be used by itself or by another batch. Every result has the bits that the session's own {@link Session#step} gives.
 *
 * <p>Row r of the input and output is that of {@code sessions[r]}. In the shapes below I is the model's input size (1 where it takes
 * tokens) and O its output size. Input and output must not overlap.
 *
 * <p>Made by {@link Model#newStepBatch}; nothing to close; used by one thread at a time, as a session is. Once warm, a call allocates
 * nothing. Every call throws {@link InvalidInputException} if {@code count} is less than 0 or more than {@link #most()}, an array is
 * null or too short or of the other precision, a token is out of range, or a session is null,
 * given twice, of another model or of another batch than 1; and {@link ConcurrentUseException} if a session is in use by another
 * thread, or this batch is. Then neither a state nor the output has changed.
 */
public final class StepBatch {
    private static final int AT_REST = 0;
    private static final int IN_USE = -1;
    private static final AtomicIntegerFieldUpdater<StepBatch> USE = AtomicIntegerFieldUpdater.newUpdater(StepBatch.class, "use");

    private final Model model;
    private final int most;
    private volatile int use;
    /** What each claimed session is released with. */
    private final int[] numbers;
    // What does it, and the states side by side, in the model's precision; the other's are null.
    private final SessionCalls calls;
    private final float[][] state;
    private final SessionCalls64 calls64;
    private final double[][] state64;

    StepBatch(Model model, int most) {
        this.model = model;
        this.most = most;
        numbers = new int[most];
        if (model.dtype() == DType.F32) {
            calls = model.newCalls(most, null);
            state = calls.layout().newState();
            calls64 = null;
            state64 = null;
        } else {
            calls = null;
            state = null;
            calls64 = model.newCalls64(most, null);
            state64 = calls64.layout().newState();
        }
    }

    /** The model. Sessions of {@link Model#with} on another kernel, which share its weights, may be stepped as well. */
    public Model model() {
        return model;
    }

    /** The most sessions that one call can step. */
    public int most() {
        return most;
    }

    /**
     * One step of {@code sessions[0]} to {@code sessions[count - 1]}: reads (count, I) from {@code in} and writes (count, O) to
     * {@code out}.
     */
    public void step(Session[] sessions, int count, float[] in, int inOffset, float[] out, int outOffset) {
        requireFloat32();
        claim(sessions, count);
        try {
            Object event = Events.beginStepBatch(count, most);
            gather(sessions, count);
            calls.step(state, count, in, inOffset, out, outOffset);
            scatter(sessions, count);
            Events.end(event);
        } finally {
            release(sessions, count);
        }
    }

    /** One step of sessions whose model takes tokens: reads {@code count} token indices and writes (count, O). */
    public void step(Session[] sessions, int count, int[] tokens, int tokenOffset, float[] out, int outOffset) {
        requireFloat32();
        claim(sessions, count);
        try {
            Object event = Events.beginStepBatch(count, most);
            gather(sessions, count);
            calls.step(state, count, tokens, tokenOffset, out, outOffset);
            scatter(sessions, count);
            Events.end(event);
        } finally {
            release(sessions, count);
        }
    }

    /** One step of a float64 model's sessions: reads (count, I) from {@code in} and writes (count, O) to {@code out}. */
    public void step(Session[] sessions, int count, double[] in, int inOffset, double[] out, int outOffset) {
        requireFloat64();
        claim(sessions, count);
        try {
            Object event = Events.beginStepBatch(count, most);
            gather64(sessions, count);
            calls64.step(state64, count, in, inOffset, out, outOffset);
            scatter64(sessions, count);
            Events.end(event);
        } finally {
            release(sessions, count);
        }
    }

    /** One step of sessions whose float64 model takes tokens: reads {@code count} token indices and writes (count, O). */
    public void step(Session[] sessions, int count, int[] tokens, int tokenOffset, double[] out, int outOffset) {
        requireFloat64();
        claim(sessions, count);
        try {
            Object event = Events.beginStepBatch(count, most);
            gather64(sessions, count);
            calls64.step(state64, count, tokens, tokenOffset, out, outOffset);
            scatter64(sessions, count);
            Events.end(event);
        } finally {
            release(sessions, count);
        }
    }

    private void gather(Session[] sessions, int count) {
        for (int r = 0; r < count; r++) {
            StateLayout.gather(sessions[r].state, state, r);
        }
    }

    private void scatter(Session[] sessions, int count) {
        for (int r = 0; r < count; r++) {
            StateLayout.scatter(state, r, sessions[r].state);
        }
    }

    private void gather64(Session[] sessions, int count) {
        for (int r = 0; r < count; r++) {
            StateLayout64.gather(sessions[r].state64, state64, r);
        }
    }

    private void scatter64(Session[] sessions, int count) {
        for (int r = 0; r < count; r++) {
            StateLayout64.scatter(state64, r, sessions[r].state64);
        }
    }

    /** Takes this batch and the sessions into use: all of them, or none if one is refused. */
    private void claim(Session[] sessions, int count) {
        if (USE.getAndSet(this, IN_USE) == IN_USE) {
            throw new ConcurrentUseException("this step batch is in use by another thread:"
                    + " let one thread at a time use it, or give each thread one of its own");
        }
        int claimed = 0;
        boolean all = false;
        try {
            check(sessions, count);
            while (claimed < count) {
                numbers[claimed] = claimOne(sessions, claimed);
                claimed++;
            }
            all = true;
        } finally {
            if (!all) {
                release(sessions, claimed);
            }
        }
    }

    private void check(Session[] sessions, int count) {
        Checks.notNull(sessions, "the sessions");
        if (count < 0 || count > most || count > sessions.length) {
            throw new InvalidInputException("count is " + count + " where 0 to " + Math.min(most, sessions.length)
                    + " is expected: this batch steps at most " + most + " sessions, and was given " + sessions.length);
        }
        for (int r = 0; r < count; r++) {
            Session session = sessions[r];
            if (session == null) {
                throw new InvalidInputException("sessions[" + r + "] is null: give " + count + " sessions");
            }
            if (!model.sharesWeightsWith(session.model())) {
                throw new InvalidInputException("sessions[" + r + "] is of another model than this batch:"
                        + " make a batch with newStepBatch for each model");
            }
            if (session.batch() != 1) {
                throw new InvalidInputException("sessions[" + r + "] is of " + session.batch()
                        + " sequences where 1 is expected: make the sessions with newSession()");
            }
        }
    }

    private static int claimOne(Session[] sessions, int r) {
        int number = sessions[r].tryClaim();
        if (number != Session.IN_USE) {
            return number;
        }
        for (int earlier = 0; earlier < r; earlier++) {
            if (sessions[earlier] == sessions[r]) {
                throw new InvalidInputException("sessions[" + earlier + "] and sessions[" + r
                        + "] are the same session, which can go one step in a call: leave one of them out");
            }
        }
        throw new ConcurrentUseException(
                "sessions[" + r + "] is in use by another thread: let one thread at a time use a session");
    }

    /** Ends the use of the first {@code count} sessions and of this batch. */
    private void release(Session[] sessions, int count) {
        for (int r = 0; r < count; r++) {
            sessions[r].release(numbers[r]);
        }
        USE.lazySet(this, AT_REST);
    }

    private void requireFloat32() {
        if (calls == null) {
            throw new InvalidInputException("this model computes in float64 and was given float[]: call step with double[]");
        }
    }

    private void requireFloat64() {
        if (calls64 == null) {
            throw new InvalidInputException("this model computes in float32 and was given double[]: call step with float[]");
        }
    }
}
