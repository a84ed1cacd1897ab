package io.lanecell;

import io.lanecell.internal.kernel.Kernels;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.FloatBuffer;

/**
 * One caller's state over a model, for {@link #batch()} sequences that advance together. Cheap to make, nothing to close, used
 * by one thread at a time; any number of sessions may share a model.
 *
 * <p>Numbers are float32, row-major. In the shapes below N is the batch, T the steps of a call, I the model's input size
 * (1 where it takes tokens) and O its output size. A sequence is laid out as the model's {@link ModelSpec#batchFirst()} says:
 * (N, T, ·) or (T, N, ·); for one sequence that is the same. The output has {@link Model#outputSteps} steps; where the chain
 * leaves one row of each sequence, it is (N, O). A transpose as the first layer takes (N, I, T), as the last it gives (N, O, T).
 *
 * <p>Every call starts from the session's state and leaves the state after it there: h0, c0 and h_n, c_n of PyTorch, and the last
 * steps that a causal convolution looks back on. Other layers over the steps take what one call gives them as whole sequences. Once
 * warm, {@code step} and {@code run} allocate nothing. Every one of them throws {@link InvalidInputException} if an array is
 * null or too short, a length or token is out of range, or the model can't do what is asked; then neither state nor output
 * has changed. Input and output must not overlap.
 */
public final class Session {
    private final Model model;
    private final int batch;
    private final StageChain chain;
    private final SequenceShape sequence;
    // Allocated by the first call that needs them.
    private float[] tokenRows = new float[0];
    private float[] staging = new float[0];

    Session(Model model, int batch, Kernels kernels, Workers workers) {
        this.model = model;
        this.batch = batch;
        this.chain = new StageChain(model.chain(), batch, kernels, workers, null);
        this.sequence = new SequenceShape(batch, model.spec().batchFirst());
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
        Checks.range(Checks.notNull(in, "the input").length, inOffset, inputSize(1), "the input of a step");
        Checks.range(Checks.notNull(out, "the output").length, outOffset, outputSize(1), "the output of a step");
        requireStepping();
        if (model.vocabularySize() > 0) {
            for (int n = 0; n < batch; n++) {
                requireToken(in[inOffset + n], n, 0);
            }
        }
        chain.step(in, inOffset, out, outOffset);
    }

    /** One step of a model that takes tokens: reads N token indices and writes (N, O). */
    public void step(int[] tokens, int tokenOffset, float[] out, int outOffset) {
        Checks.range(Checks.notNull(tokens, "the tokens").length, tokenOffset, batch, "the tokens of a step");
        Checks.range(Checks.notNull(out, "the output").length, outOffset, outputSize(1), "the output of a step");
        requireStepping();
        requireVocabulary();
        tokenRows = atLeast(tokenRows, batch);
        for (int n = 0; n < batch; n++) {
            requireToken(tokens[tokenOffset + n], n, 0);
            tokenRows[n] = tokens[tokenOffset + n];
        }
        chain.step(tokenRows, 0, out, outOffset);
    }

    /** One step between buffers, heap or direct: reads and writes from their positions on, and advances both. */
    public void step(FloatBuffer in, FloatBuffer out) {
        int inSize = stage(in, out, 1);
        step(staging, 0, staging, inSize);
        unstage(in, inSize, out, 1);
    }

    /** One step between memory segments of float32 in native byte order, at byte offsets. */
    public void step(MemorySegment in, long inByteOffset, MemorySegment out, long outByteOffset) {
        int inSize = stage(in, inByteOffset, out, outByteOffset, 1);
        step(staging, 0, staging, inSize);
        MemorySegment.copy(staging, inSize, out, ValueLayout.JAVA_FLOAT_UNALIGNED, outByteOffset, (int) outputSize(1));
    }

    /** Sequences that all have {@code steps} steps. */
    public void run(float[] in, int inOffset, int steps, float[] out, int outOffset) {
        run(in, inOffset, steps, null, out, outOffset);
    }

    /**
     * Sequences of different lengths, as pack_padded_sequence and pad_packed_sequence(total_length=steps) give them, in the
     * caller's order: of sequence n only the first {@code lengths[n]} steps are read, every layer over the steps computes it as if
     * alone and gives 0 beyond, and its state is left as after its last step.
     *
     * @param lengths for each sequence 1 to {@code steps}; null if all have {@code steps}
     */
    public void run(float[] in, int inOffset, int steps, int[] lengths, float[] out, int outOffset) {
        requireSteps(steps, lengths);
        Checks.range(Checks.notNull(in, "the input").length, inOffset, inputSize(steps), "the input of a run");
        Checks.range(Checks.notNull(out, "the output").length, outOffset, outputSize(steps), "the output of a run");
        sequence.set(steps, lengths);
        if (model.vocabularySize() > 0) {
            for (int n = 0; n < batch; n++) {
                for (int t = 0; t < sequence.length(n); t++) {
                    requireToken(in[inOffset + sequence.row(n, t)], n, t);
                }
            }
        }
        chain.run(sequence, in, inOffset, out, outOffset);
    }

    /**
     * Sequences of token indices, (N, T) or (T, N).
     *
     * @param lengths for each sequence 1 to {@code steps}; null if all have {@code steps}
     */
    public void run(int[] tokens, int tokenOffset, int steps, int[] lengths, float[] out, int outOffset) {
        requireSteps(steps, lengths);
        Checks.range(Checks.notNull(tokens, "the tokens").length, tokenOffset, (long) batch * steps, "the tokens of a run");
        Checks.range(Checks.notNull(out, "the output").length, outOffset, outputSize(steps), "the output of a run");
        requireVocabulary();
        sequence.set(steps, lengths);
        tokenRows = atLeast(tokenRows, batch * steps);
        for (int n = 0; n < batch; n++) {
            for (int t = 0; t < sequence.length(n); t++) {
                int row = sequence.row(n, t);
                requireToken(tokens[tokenOffset + row], n, t);
                tokenRows[row] = tokens[tokenOffset + row];
            }
        }
        chain.run(sequence, tokenRows, 0, out, outOffset);
    }

    /**
     * Sequences between buffers, heap or direct: reads and writes from their positions on, and advances both.
     *
     * @param lengths for each sequence 1 to {@code steps}; null if all have {@code steps}
     */
    public void run(FloatBuffer in, int steps, int[] lengths, FloatBuffer out) {
        requireSteps(steps, lengths);
        int inSize = stage(in, out, steps);
        run(staging, 0, steps, lengths, staging, inSize);
        unstage(in, inSize, out, steps);
    }

    /**
     * Sequences between memory segments of float32 in native byte order, at byte offsets.
     *
     * @param lengths for each sequence 1 to {@code steps}; null if all have {@code steps}
     */
    public void run(MemorySegment in, long inByteOffset, int steps, int[] lengths, MemorySegment out, long outByteOffset) {
        requireSteps(steps, lengths);
        int inSize = stage(in, inByteOffset, out, outByteOffset, steps);
        run(staging, 0, steps, lengths, staging, inSize);
        MemorySegment.copy(staging, inSize, out, ValueLayout.JAVA_FLOAT_UNALIGNED, outByteOffset, (int) outputSize(steps));
    }

    /** Makes the state zero, as at the start. */
    public void reset() {
        chain.reset();
    }

    /**
     * Copies the state out: h as (L·D, N, P or H) and c as (L·D, N, H), PyTorch's h_n and c_n; several recurrent layers of a chain
     * follow one another, those in branches in the branches' order, and c is of the LSTMs alone. The steps that a convolution looks
     * back on are no part of it. Sizes are N times {@link Model#hiddenStateSize()} and {@link Model#cellStateSize()}.
     */
    public void getState(float[] h, int hOffset, float[] c, int cOffset) {
        checkState(h, hOffset, c, cOffset);
        chain.getState(h, hOffset, c, cOffset);
    }

    /** Sets the state, PyTorch's h0 and c0, laid out as {@link #getState} gives it. */
    public void setState(float[] h, int hOffset, float[] c, int cOffset) {
        checkState(h, hOffset, c, cOffset);
        chain.setState(h, hOffset, c, cOffset);
    }

    private void checkState(float[] h, int hOffset, float[] c, int cOffset) {
        Checks.range(Checks.notNull(h, "the hidden state").length, hOffset, (long) batch * model.hiddenStateSize(),
                "the hidden state");
        Checks.range(Checks.notNull(c, "the cell state").length, cOffset, (long) batch * model.cellStateSize(), "the cell state");
    }

    private long inputSize(int steps) {
        return (long) batch * steps * model.inputSize();
    }

    private long outputSize(int steps) {
        return (long) batch * model.outputSteps(steps) * model.outputSize();
    }

    private int stage(FloatBuffer in, FloatBuffer out, int steps) {
        Checks.range(Checks.notNull(in, "the input").limit(), in.position(), inputSize(steps), "the input buffer");
        Checks.range(Checks.notNull(out, "the output").limit(), out.position(), outputSize(steps), "the output buffer");
        Checks.writable(!out.isReadOnly(), "the output buffer");
        int inSize = reserveStaging(steps);
        in.get(in.position(), staging, 0, inSize);
        return inSize;
    }

    private void unstage(FloatBuffer in, int inSize, FloatBuffer out, int steps) {
        int outSize = (int) outputSize(steps);
        out.put(out.position(), staging, inSize, outSize);
        in.position(in.position() + inSize);
        out.position(out.position() + outSize);
    }

    private int stage(MemorySegment in, long inByteOffset, MemorySegment out, long outByteOffset, int steps) {
        Checks.range(Checks.notNull(in, "the input").byteSize(), inByteOffset, 4 * inputSize(steps), "the input segment");
        Checks.range(Checks.notNull(out, "the output").byteSize(), outByteOffset, 4 * outputSize(steps), "the output segment");
        Checks.writable(!out.isReadOnly(), "the output segment");
        int inSize = reserveStaging(steps);
        MemorySegment.copy(in, ValueLayout.JAVA_FLOAT_UNALIGNED, inByteOffset, staging, 0, inSize);
        return inSize;
    }

    private int reserveStaging(int steps) {
        long size = inputSize(steps) + outputSize(steps);
        if (size > Integer.MAX_VALUE - 64) {
            throw new InvalidInputException("input and output of " + steps + " steps are " + size
                    + " floats, too many for one call: run the sequence in parts, the state carries over");
        }
        staging = atLeast(staging, (int) size);
        return (int) inputSize(steps);
    }

    private void requireStepping() {
        if (!model.canStep()) {
            throw new InvalidInputException(
                    "this model can't go step by step: " + model.chain().steppingObstacle() + "; use run");
        }
    }

    private void requireVocabulary() {
        if (model.vocabularySize() == 0) {
            throw new InvalidInputException(
                    "this model takes " + model.inputSize() + " features a step and no tokens: pass a float[]");
        }
    }

    private void requireSteps(int steps, int[] lengths) {
        if (steps < 1) {
            throw new InvalidInputException("a sequence needs at least one step, got " + steps);
        }
        if (lengths == null) {
            return;
        }
        if (lengths.length != batch) {
            throw new InvalidInputException(
                    "lengths has " + lengths.length + " entries where the batch has " + batch + " sequences");
        }
        for (int n = 0; n < batch; n++) {
            if (lengths[n] < 1 || lengths[n] > steps) {
                throw new InvalidInputException(
                        "lengths[" + n + "] is " + lengths[n] + " where 1 to " + steps + " (the steps given) is expected");
            }
        }
    }

    /** Written so that NaN fails it. Tokens beyond 2^24, which float can't tell apart, are outside every vocabulary. */
    private void requireToken(float token, int n, int t) {
        if (!(token >= 0 && token < model.vocabularySize() && token == (int) token)) {
            throw new InvalidInputException("the token of sequence " + n + " at step " + t + " is "
                    + (token == (int) token ? String.valueOf((int) token) : String.valueOf(token))
                    + " where a whole number from 0 to " + (model.vocabularySize() - 1) + " is expected");
        }
    }

    private static float[] atLeast(float[] array, int size) {
        return array.length < size ? new float[size] : array;
    }
}
