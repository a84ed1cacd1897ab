package io.lanecell;

import java.lang.foreign.MemorySegment;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;

/**
 * One caller's state over a model, for {@link #batch()} sequences that advance together. Cheap to make, nothing to close, used
 * by one thread at a time; any number of sessions may share a model.
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
    private final Model model;
    private final int batch;
    // What does it, in the model's precision; the other is null, and its class never loaded.
    private final SessionCalls calls;
    private final SessionCalls64 calls64;

    Session(Model model, int batch, Binding binding, Workers workers) {
        this.model = model;
        this.batch = batch;
        if (binding instanceof ChainBinding chain) {
            calls = chain.newCalls(model, batch, workers);
            calls64 = null;
        } else {
            calls = null;
            calls64 = ((ChainBinding64) binding).newCalls(model, batch, workers);
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
        float32().step(in, inOffset, out, outOffset);
    }

    /** One step of a float64 model: reads (N, I) from {@code in} and writes (N, O) to {@code out}. */
    public void step(double[] in, int inOffset, double[] out, int outOffset) {
        float64().step(in, inOffset, out, outOffset);
    }

    /** One step of a model that takes tokens: reads N token indices and writes (N, O). */
    public void step(int[] tokens, int tokenOffset, float[] out, int outOffset) {
        float32().step(tokens, tokenOffset, out, outOffset);
    }

    /** One step of a float64 model that takes tokens: reads N token indices and writes (N, O). */
    public void step(int[] tokens, int tokenOffset, double[] out, int outOffset) {
        float64().step(tokens, tokenOffset, out, outOffset);
    }

    /** One step between buffers, heap or direct: reads and writes from their positions on, and advances both. */
    public void step(FloatBuffer in, FloatBuffer out) {
        float32().step(in, out);
    }

    /** The same of a float64 model. */
    public void step(DoubleBuffer in, DoubleBuffer out) {
        float64().step(in, out);
    }

    /** One step between memory segments of float32, or of float64 as the model is, in native byte order, at byte offsets. */
    public void step(MemorySegment in, long inByteOffset, MemorySegment out, long outByteOffset) {
        if (calls != null) {
            calls.step(in, inByteOffset, out, outByteOffset);
        } else {
            calls64.step(in, inByteOffset, out, outByteOffset);
        }
    }

    /** Sequences that all have {@code steps} steps. */
    public void run(float[] in, int inOffset, int steps, float[] out, int outOffset) {
        float32().run(in, inOffset, steps, null, out, outOffset);
    }

    /** Sequences that all have {@code steps} steps, through a float64 model. */
    public void run(double[] in, int inOffset, int steps, double[] out, int outOffset) {
        float64().run(in, inOffset, steps, null, out, outOffset);
    }

    /**
     * Sequences of different lengths, as pack_padded_sequence and pad_packed_sequence(total_length=steps) give them, in the
     * caller's order: of sequence n only the first {@code lengths[n]} steps are read, every layer over the steps computes it as if
     * alone and gives 0 beyond, and its state is left as after its last step.
     *
     * @param lengths for each sequence 1 to {@code steps}; null if all have {@code steps}
     */
    public void run(float[] in, int inOffset, int steps, int[] lengths, float[] out, int outOffset) {
        float32().run(in, inOffset, steps, lengths, out, outOffset);
    }

    /**
     * Sequences of different lengths through a float64 model; as {@link #run(float[], int, int, int[], float[], int)}.
     *
     * @param lengths for each sequence 1 to {@code steps}; null if all have {@code steps}
     */
    public void run(double[] in, int inOffset, int steps, int[] lengths, double[] out, int outOffset) {
        float64().run(in, inOffset, steps, lengths, out, outOffset);
    }

    /**
     * Sequences of token indices, (N, T) or (T, N).
     *
     * @param lengths for each sequence 1 to {@code steps}; null if all have {@code steps}
     */
    public void run(int[] tokens, int tokenOffset, int steps, int[] lengths, float[] out, int outOffset) {
        float32().run(tokens, tokenOffset, steps, lengths, out, outOffset);
    }

    /**
     * Sequences of token indices, (N, T) or (T, N), through a float64 model.
     *
     * @param lengths for each sequence 1 to {@code steps}; null if all have {@code steps}
     */
    public void run(int[] tokens, int tokenOffset, int steps, int[] lengths, double[] out, int outOffset) {
        float64().run(tokens, tokenOffset, steps, lengths, out, outOffset);
    }

    /**
     * Sequences between buffers, heap or direct: reads and writes from their positions on, and advances both.
     *
     * @param lengths for each sequence 1 to {@code steps}; null if all have {@code steps}
     */
    public void run(FloatBuffer in, int steps, int[] lengths, FloatBuffer out) {
        float32().run(in, steps, lengths, out);
    }

    /**
     * The same of a float64 model.
     *
     * @param lengths for each sequence 1 to {@code steps}; null if all have {@code steps}
     */
    public void run(DoubleBuffer in, int steps, int[] lengths, DoubleBuffer out) {
        float64().run(in, steps, lengths, out);
    }

    /**
     * Sequences between memory segments of float32, or of float64 as the model is, in native byte order, at byte offsets.
     *
     * @param lengths for each sequence 1 to {@code steps}; null if all have {@code steps}
     */
    public void run(MemorySegment in, long inByteOffset, int steps, int[] lengths, MemorySegment out, long outByteOffset) {
        if (calls != null) {
            calls.run(in, inByteOffset, steps, lengths, out, outByteOffset);
        } else {
            calls64.run(in, inByteOffset, steps, lengths, out, outByteOffset);
        }
    }

    /** Makes the state zero, as at the start. */
    public void reset() {
        if (calls != null) {
            calls.reset();
        } else {
            calls64.reset();
        }
    }

    /**
     * Copies the state out: h as (L·D, N, P or H) and c as (L·D, N, H), PyTorch's h_n and c_n; several recurrent layers of a chain
     * follow one another, those in branches in the branches' order, and c is of the LSTMs alone. The steps that a convolution looks
     * back on are no part of it. Sizes are N times {@link Model#hiddenStateSize()} and {@link Model#cellStateSize()}.
     */
    public void getState(float[] h, int hOffset, float[] c, int cOffset) {
        float32().getState(h, hOffset, c, cOffset);
    }

    /** Copies the state of a float64 model out, laid out likewise. */
    public void getState(double[] h, int hOffset, double[] c, int cOffset) {
        float64().getState(h, hOffset, c, cOffset);
    }

    /** Sets the state, PyTorch's h0 and c0, laid out as {@link #getState(float[], int, float[], int)} gives it. */
    public void setState(float[] h, int hOffset, float[] c, int cOffset) {
        float32().setState(h, hOffset, c, cOffset);
    }

    /** Sets the state of a float64 model, laid out likewise. */
    public void setState(double[] h, int hOffset, double[] c, int cOffset) {
        float64().setState(h, hOffset, c, cOffset);
    }

    private SessionCalls float32() {
        if (calls == null) {
            throw new InvalidInputException(
                    "this model computes in float64, as its weights are, and was given float[] (or FloatBuffer):"
                            + " call the same method with double[] (or DoubleBuffer), or convert the weights to float32");
        }
        return calls;
    }

    private SessionCalls64 float64() {
        if (calls64 == null) {
            throw new InvalidInputException("this model computes in float32 and was given double[] (or DoubleBuffer):"
                    + " call the same method with float[] (or FloatBuffer); only weights that are all float64 are computed in float64");
        }
        return calls64;
    }
}
