package io.lanecell;

import io.lanecell.internal.events.Events;
import io.lanecell.internal.kernel.Kernels;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.FloatBuffer;

/**
 * What a {@link Session} does, in the precision of its model: checks the arguments, and runs the stages on the session's state. All that is
 * needed beside the state is here, so that sessions which don't call at the same time can share it ({@link SharedCalls}).
 */
final class SessionCalls {
    private final Model model;
    private final int batch;
    private final LayerChain layers;
    private final Workers workers;
    private final StageChain chain;
    private final SequenceShape sequence;
    private final StateLayout layout = new StateLayout();
    /** Its number among the {@link SharedCalls}, 0 for a session's own. */
    int number;
    // Allocated by the first call that needs them.
    private float[] tokenRows = new float[0];
    private float[] staging = new float[0];

    SessionCalls(Model model, int batch, LayerChain layers, Kernels kernels, Workers workers) {
        this.model = model;
        this.batch = batch;
        this.layers = layers;
        this.workers = workers;
        this.chain = new StageChain(layers, batch, kernels, workers, null);
        chain.placeState(layout);
        this.sequence = new SequenceShape(batch, model.spec().batchFirst());
    }

    /** One step of the first {@code rows} sequences: as many rows in and out. */
    void step(float[][] state, int rows, float[] in, int inOffset, float[] out, int outOffset) {
        Checks.range(Checks.notNull(in, "the input").length, inOffset, (long) rows * model.inputSize(), "the input of a step");
        Checks.range(Checks.notNull(out, "the output").length, outOffset, outputOfStep(rows), "the output of a step");
        requireStepping();
        if (model.vocabularySize() > 0) {
            for (int n = 0; n < rows; n++) {
                requireToken(in[inOffset + n], n, 0);
            }
        }
        computeStep(state, rows, in, inOffset, out, outOffset);
    }

    /** The same from token indices. */
    void step(float[][] state, int rows, int[] tokens, int tokenOffset, float[] out, int outOffset) {
        Checks.range(Checks.notNull(tokens, "the tokens").length, tokenOffset, rows, "the tokens of a step");
        Checks.range(Checks.notNull(out, "the output").length, outOffset, outputOfStep(rows), "the output of a step");
        requireStepping();
        requireVocabulary();
        tokenRows = atLeast(tokenRows, batch);
        for (int n = 0; n < rows; n++) {
            requireToken(tokens[tokenOffset + n], n, 0);
            tokenRows[n] = tokens[tokenOffset + n];
        }
        computeStep(state, rows, tokenRows, 0, out, outOffset);
    }

    private void computeStep(float[][] state, int rows, float[] in, int inOffset, float[] out, int outOffset) {
        if (rows > 0) {
            Object call = Events.beginCall(rows, 1);
            chain.step(state, rows, in, inOffset, out, outOffset);
            Events.end(call);
        }
    }

    /** The sequences whose shape was set. */
    private void computeRun(float[][] state, float[] in, int inOffset, float[] out, int outOffset) {
        Object call = Events.beginCall(batch, sequence.steps);
        chain.run(state, sequence, in, inOffset, out, outOffset);
        Events.end(call);
    }

    void step(float[][] state, FloatBuffer in, FloatBuffer out) {
        int inSize = stage(in, out, 1);
        step(state, batch, staging, 0, staging, inSize);
        unstage(in, inSize, out, 1);
    }

    void step(float[][] state, MemorySegment in, long inByteOffset, MemorySegment out, long outByteOffset) {
        int inSize = stage(in, inByteOffset, out, outByteOffset, 1);
        step(state, batch, staging, 0, staging, inSize);
        MemorySegment.copy(staging, inSize, out, ValueLayout.JAVA_FLOAT_UNALIGNED, outByteOffset, (int) outputSize(1));
    }

    void run(float[][] state, float[] in, int inOffset, int steps, float[] out, int outOffset) {
        run(state, in, inOffset, steps, null, out, outOffset);
    }

    void run(float[][] state, float[] in, int inOffset, int steps, int[] lengths, float[] out, int outOffset) {
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
        computeRun(state, in, inOffset, out, outOffset);
    }

    void run(float[][] state, int[] tokens, int tokenOffset, int steps, int[] lengths, float[] out, int outOffset) {
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
        computeRun(state, tokenRows, 0, out, outOffset);
    }

    void run(float[][] state, FloatBuffer in, int steps, int[] lengths, FloatBuffer out) {
        requireSteps(steps, lengths);
        int inSize = stage(in, out, steps);
        run(state, staging, 0, steps, lengths, staging, inSize);
        unstage(in, inSize, out, steps);
    }

    void run(float[][] state, MemorySegment in, long inByteOffset, int steps, int[] lengths, MemorySegment out,
            long outByteOffset) {
        requireSteps(steps, lengths);
        int inSize = stage(in, inByteOffset, out, outByteOffset, steps);
        run(state, staging, 0, steps, lengths, staging, inSize);
        MemorySegment.copy(staging, inSize, out, ValueLayout.JAVA_FLOAT_UNALIGNED, outByteOffset, (int) outputSize(steps));
    }

    void getState(float[][] state, float[] h, int hOffset, float[] c, int cOffset) {
        checkState(h, hOffset, c, cOffset);
        chain.getState(state, h, hOffset, c, cOffset);
    }

    void setState(float[][] state, float[] h, int hOffset, float[] c, int cOffset) {
        checkState(h, hOffset, c, cOffset);
        chain.setState(state, h, hOffset, c, cOffset);
    }

    /** Who shares the work; null for one thread. */
    Workers workers() {
        return workers;
    }

    StateLayout layout() {
        return layout;
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

    private long outputOfStep(int rows) {
        return (long) rows * model.outputSteps(1) * model.outputSize();
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
        Checks.range(Checks.notNull(in, "the input").byteSize(), inByteOffset, Float.BYTES * inputSize(steps),
                "the input segment");
        Checks.range(Checks.notNull(out, "the output").byteSize(), outByteOffset, Float.BYTES * outputSize(steps),
                "the output segment");
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
                    "this model can't go step by step: " + layers.steppingObstacle() + "; use run");
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
