package io.lanecell;

import java.lang.foreign.MemorySegment;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * One caller's state over a model, for {@link #batch()} sequences that advance together. Cheap to make, nothing to close, used
 * by one thread at a time; any number of sessions may share a model. A call while another thread's is under way throws
 * {@link ConcurrentUseException} and changes nothing.
 *
 * <p>Numbers are of the precision that {@link Model#dtype()} says, row-major: {@code float[]} and {@link FloatBuffer} for a float32
 * model, {@code double[]} and {@link DoubleBuffer} for a float64 one; the other's calls are refused. In the shapes below N is the batch,
 * T the steps of a call, I the model's input size (1 where it takes tokens) and O its output size. A sequence is laid out as the model's
 * {@link ModelSpec#batchFirst()} says: (N, T, ·) or (T, N, ·); for one sequence that is the same. The output has
 * {@link Model#outputSteps} steps; where the chain leaves one row of each sequence, it is (N, O). A transpose as the first layer takes
 * (N, I, T), as the last it gives (N, O, T).
 *
 * <p>Every call starts from the session's state and leaves the state after it there: h0, c0 and h_n, c_n of PyTorch, and the last
 * steps that a causal convolution looks back on. Other layers over the steps take what one call gives them as whole sequences. Once
 * warm, {@code step} and {@code run} allocate nothing. Every one of them throws {@link InvalidInputException} if an array is
 * null or too short or of the other precision, a length or token is out of range, or the model can't do what is asked; then neither
 * state nor output has changed. Input and output must not overlap.
 */
public final class Session {
    /** In {@link #use}: at rest. A positive number is that of the {@link SharedCalls} which stay here; it is at rest, too. */
    private static final int AT_REST = 0;
    static final int IN_USE = -1;
    private static final AtomicIntegerFieldUpdater<Session> USE = AtomicIntegerFieldUpdater.newUpdater(Session.class, "use");

    private final Model model;
    private final int batch;
    private volatile int use;
    // The state, in the model's precision; the other is null.
    final float[][] state;
    final double[][] state64;
    // What does it, of this session's own; null where the model's are shared. The class of the other precision is never loaded.
    private final SessionCalls calls;
    private final SessionCalls64 calls64;

    Session(Model model, int batch, Workers workers) {
        this.model = model;
        this.batch = batch;
        boolean own = batch != 1 || workers != null;
        if (model.shared64() == null) {
            calls = own ? model.newCalls(batch, workers) : null;
            calls64 = null;
            state = (own ? calls.layout() : model.shared().layout()).newState();
            state64 = null;
        } else {
            calls = null;
            calls64 = own ? model.newCalls64(batch, workers) : null;
            state = null;
            state64 = (own ? calls64.layout() : model.shared64().layout()).newState();
        }
    }

    /** The model. */
    public Model model() {
        return model;
    }

    /** Sequences that advance together (N). */
    public int batch() {
        return batch;
    }

    /** One step: reads (N, I) from {@code in} and writes (N, O) to {@code out}. */
    public void step(float[] in, int inOffset, float[] out, int outOffset) {
        SessionCalls used = float32();
        try {
            used.step(state, batch, in, inOffset, out, outOffset);
        } finally {
            release(used.number);
        }
    }

    /** One step of a float64 model: reads (N, I) from {@code in} and writes (N, O) to {@code out}. */
    public void step(double[] in, int inOffset, double[] out, int outOffset) {
        SessionCalls64 used = float64();
        try {
            used.step(state64, batch, in, inOffset, out, outOffset);
        } finally {
            release(used.number);
        }
    }

    /** One step of a model that takes tokens: reads N token indices and writes (N, O). */
    public void step(int[] tokens, int tokenOffset, float[] out, int outOffset) {
        SessionCalls used = float32();
        try {
            used.step(state, batch, tokens, tokenOffset, out, outOffset);
        } finally {
            release(used.number);
        }
    }

    /** One step of a float64 model that takes tokens: reads N token indices and writes (N, O). */
    public void step(int[] tokens, int tokenOffset, double[] out, int outOffset) {
        SessionCalls64 used = float64();
        try {
            used.step(state64, batch, tokens, tokenOffset, out, outOffset);
        } finally {
            release(used.number);
        }
    }

    /** One step between buffers, heap or direct: reads and writes from their positions on, and advances both. */
    public void step(FloatBuffer in, FloatBuffer out) {
        SessionCalls used = float32();
        try {
            used.step(state, in, out);
        } finally {
            release(used.number);
        }
    }

    /** The same of a float64 model. */
    public void step(DoubleBuffer in, DoubleBuffer out) {
        SessionCalls64 used = float64();
        try {
            used.step(state64, in, out);
        } finally {
            release(used.number);
        }
    }

    /** One step between memory segments of float32, or of float64 as the model is, in native byte order, at byte offsets. */
    public void step(MemorySegment in, long inByteOffset, MemorySegment out, long outByteOffset) {
        if (state != null) {
            SessionCalls used = float32();
            try {
                used.step(state, in, inByteOffset, out, outByteOffset);
            } finally {
                release(used.number);
            }
        } else {
            SessionCalls64 used = float64();
            try {
                used.step(state64, in, inByteOffset, out, outByteOffset);
            } finally {
                release(used.number);
            }
        }
    }

    /** Sequences that all have {@code steps} steps. */
    public void run(float[] in, int inOffset, int steps, float[] out, int outOffset) {
        SessionCalls used = float32();
        try {
            used.run(state, in, inOffset, steps, null, out, outOffset);
        } finally {
            release(used.number);
        }
    }

    /** Sequences that all have {@code steps} steps, through a float64 model. */
    public void run(double[] in, int inOffset, int steps, double[] out, int outOffset) {
        SessionCalls64 used = float64();
        try {
            used.run(state64, in, inOffset, steps, null, out, outOffset);
        } finally {
            release(used.number);
        }
    }

    /**
     * Sequences of different lengths, as pack_padded_sequence and pad_packed_sequence(total_length=steps) give them, in the
     * caller's order: of sequence n only the first {@code lengths[n]} steps are read, every layer over the steps computes it as if
     * alone and gives 0 beyond, and its state is left as after its last step.
     *
     * @param lengths for each sequence 1 to {@code steps}; null if all have {@code steps}
     */
    public void run(float[] in, int inOffset, int steps, int[] lengths, float[] out, int outOffset) {
        SessionCalls used = float32();
        try {
            used.run(state, in, inOffset, steps, lengths, out, outOffset);
        } finally {
            release(used.number);
        }
    }

    /**
     * Sequences of different lengths through a float64 model; as {@link #run(float[], int, int, int[], float[], int)}.
     *
     * @param lengths for each sequence 1 to {@code steps}; null if all have {@code steps}
     */
    public void run(double[] in, int inOffset, int steps, int[] lengths, double[] out, int outOffset) {
        SessionCalls64 used = float64();
        try {
            used.run(state64, in, inOffset, steps, lengths, out, outOffset);
        } finally {
            release(used.number);
        }
    }

    /**
     * Sequences of token indices, (N, T) or (T, N).
     *
     * @param lengths for each sequence 1 to {@code steps}; null if all have {@code steps}
     */
    public void run(int[] tokens, int tokenOffset, int steps, int[] lengths, float[] out, int outOffset) {
        SessionCalls used = float32();
        try {
            used.run(state, tokens, tokenOffset, steps, lengths, out, outOffset);
        } finally {
            release(used.number);
        }
    }

    /**
     * Sequences of token indices, (N, T) or (T, N), through a float64 model.
     *
     * @param lengths for each sequence 1 to {@code steps}; null if all have {@code steps}
     */
    public void run(int[] tokens, int tokenOffset, int steps, int[] lengths, double[] out, int outOffset) {
        SessionCalls64 used = float64();
        try {
            used.run(state64, tokens, tokenOffset, steps, lengths, out, outOffset);
        } finally {
            release(used.number);
        }
    }

    /**
     * Sequences between buffers, heap or direct: reads and writes from their positions on, and advances both.
     *
     * @param lengths for each sequence 1 to {@code steps}; null if all have {@code steps}
     */
    public void run(FloatBuffer in, int steps, int[] lengths, FloatBuffer out) {
        SessionCalls used = float32();
        try {
            used.run(state, in, steps, lengths, out);
        } finally {
            release(used.number);
        }
    }

    /**
     * The same of a float64 model.
     *
     * @param lengths for each sequence 1 to {@code steps}; null if all have {@code steps}
     */
    public void run(DoubleBuffer in, int steps, int[] lengths, DoubleBuffer out) {
        SessionCalls64 used = float64();
        try {
            used.run(state64, in, steps, lengths, out);
        } finally {
            release(used.number);
        }
    }

    /**
     * Sequences between memory segments of float32, or of float64 as the model is, in native byte order, at byte offsets.
     *
     * @param lengths for each sequence 1 to {@code steps}; null if all have {@code steps}
     */
    public void run(MemorySegment in, long inByteOffset, int steps, int[] lengths, MemorySegment out, long outByteOffset) {
        if (state != null) {
            SessionCalls used = float32();
            try {
                used.run(state, in, inByteOffset, steps, lengths, out, outByteOffset);
            } finally {
                release(used.number);
            }
        } else {
            SessionCalls64 used = float64();
            try {
                used.run(state64, in, inByteOffset, steps, lengths, out, outByteOffset);
            } finally {
                release(used.number);
            }
        }
    }

    /** Makes the state zero, as at the start. */
    public void reset() {
        int number = claim();
        if (state != null) {
            StateLayout.reset(state);
        } else {
            StateLayout64.reset(state64);
        }
        release(number);
    }

    /**
     * Copies the state out: h as (L·D, N, P or H) and c as (L·D, N, H), PyTorch's h_n and c_n; several recurrent layers of a chain
     * follow one another, those in branches in the branches' order, and c is of the LSTMs alone. The steps that a convolution looks
     * back on are no part of it. Sizes are N times {@link Model#hiddenStateSize()} and {@link Model#cellStateSize()}.
     */
    public void getState(float[] h, int hOffset, float[] c, int cOffset) {
        SessionCalls used = float32();
        try {
            used.getState(state, h, hOffset, c, cOffset);
        } finally {
            release(used.number);
        }
    }

    /** Copies the state of a float64 model out, laid out likewise. */
    public void getState(double[] h, int hOffset, double[] c, int cOffset) {
        SessionCalls64 used = float64();
        try {
            used.getState(state64, h, hOffset, c, cOffset);
        } finally {
            release(used.number);
        }
    }

    /** Sets the state, PyTorch's h0 and c0, laid out as {@link #getState(float[], int, float[], int)} gives it. */
    public void setState(float[] h, int hOffset, float[] c, int cOffset) {
        SessionCalls used = float32();
        try {
            used.setState(state, h, hOffset, c, cOffset);
        } finally {
            release(used.number);
        }
    }

    /** Sets the state of a float64 model, laid out likewise. */
    public void setState(double[] h, int hOffset, double[] c, int cOffset) {
        SessionCalls64 used = float64();
        try {
            used.setState(state64, h, hOffset, c, cOffset);
        } finally {
            release(used.number);
        }
    }

    /**
     * The state as bytes, for {@link #restore} on any machine and kernel. Little-endian:
     *
     * <pre>
     *   offset
     *    0   8 bytes   LANECELS, in ASCII
     *    8   int       version, 1
     *   12   int       bytes in a number: 4, a float32 model's, or 8
     *   16   long      the model's fingerprint
     *   24   int       sequences (N)
     *   28   int       numbers in a sequence's state (S)
     *   32   N · S numbers: each sequence's state, that of every layer after the one before, branches in their order
     *          of an LSTM, GRU or RNN: for each of its layers, and direction within, h and then, of an LSTM, c
     *          of a causal convolution: the steps that it looks back on, the latest last; of several groups, the channels of a step lie
     *          as the kernel wants them: for each input of an output, that of every output
     *        int       CRC32C of all bytes before
     * </pre>
     */
    public byte[] snapshot() {
        return SessionTransfer.snapshot(this);
    }

    /**
     * Sets the state to that of a {@link #snapshot()}.
     *
     * @throws InvalidInputException if the bytes are null, no snapshot, of an unknown version, of another model (by its fingerprint),
     *                               precision or number of sequences, truncated or altered; then the state hasn't changed
     */
    public void restore(byte[] snapshot) {
        SessionTransfer.restore(this, Checks.notNull(snapshot, "the snapshot"));
    }

    /** Another session of the same model, with the same state and workers, that goes on by itself. */
    public Session copy() {
        return moveTo(model);
    }

    /**
     * A session of another model that goes on from this state, as a service needs that replaces its weights; this session stays as it is.
     *
     * @throws InvalidInputException if the other model's state is another: its precision, its recurrent layers or causal convolutions,
     *                               or their sizes
     */
    public Session moveTo(Model other) {
        return SessionTransfer.move(this, Checks.notNull(other, "the other model"));
    }

    /** Who shares its work; null for one thread. */
    Workers workers() {
        return calls != null ? calls.workers() : calls64 != null ? calls64.workers() : null;
    }

    /** Where its state stands; of a float32 session. */
    StateLayout layout() {
        return calls != null ? calls.layout() : model.shared().layout();
    }

    /** The same of a float64 one. */
    StateLayout64 layout64() {
        return calls64 != null ? calls64.layout() : model.shared64().layout();
    }

    /** Takes the session into use, with what its calls need; whoever asks {@link #release releases} it with their number. */
    private SessionCalls float32() {
        if (state == null) {
            throw new InvalidInputException(
                    "this model computes in float64, as its weights are, and was given float[] (or FloatBuffer):"
                            + " call the same method with double[] (or DoubleBuffer), or convert the weights to float32");
        }
        int number = claim();
        return number > 0 ? model.shared().get(number) : calls != null ? calls : findShared();
    }

    private SessionCalls64 float64() {
        if (state64 == null) {
            throw new InvalidInputException("this model computes in float32 and was given double[] (or DoubleBuffer):"
                    + " call the same method with float[] (or FloatBuffer); only weights that are all float64 are computed in float64");
        }
        int number = claim();
        return number > 0 ? model.shared64().get(number) : calls64 != null ? calls64 : findShared64();
    }

    private SessionCalls findShared() {
        SessionCalls found = null;
        try {
            found = model.shared().find(this);
            return found;
        } finally {
            if (found == null) { // no memory
                release(AT_REST);
            }
        }
    }

    private SessionCalls64 findShared64() {
        SessionCalls64 found = null;
        try {
            found = model.shared64().find(this);
            return found;
        } finally {
            if (found == null) {
                release(AT_REST);
            }
        }
    }

    /** Takes the session into use. Returns the number of the {@link SharedCalls} that stay with it, or 0, for {@link #release}. */
    int claim() {
        int number = tryClaim();
        if (number == IN_USE) {
            throw new ConcurrentUseException("this session is in use by another thread:"
                    + " let one thread at a time use a session, or give each thread one of its own");
        }
        return number;
    }

    /** Like {@link #claim}, but returns {@link #IN_USE} if another thread uses it. */
    int tryClaim() {
        return USE.getAndSet(this, IN_USE);
    }

    /** Ends the use. */
    void release(int number) {
        USE.lazySet(this, number);
    }

    /** Gives up the {@link SharedCalls} of that number, if they stay here and the session is at rest. */
    boolean giveUp(int number) {
        return use == number && USE.compareAndSet(this, number, AT_REST);
    }
}
