package io.lanecell;

/**
 * One layer's part of a session: its state, if it has one, and its scratch. Rows of numbers go in and come out; offsets
 * and sizes were checked by the {@link Session}.
 */
abstract class Stage {
    /** One step of every sequence of the batch: N rows in, N rows out. */
    abstract void step(float[] in, int inOffset, float[] out, int outOffset);

    /**
     * The shape of what {@link #run} will give for sequences of {@code shape}, and room for computing it. Called before every run,
     * of all stages before any computes.
     *
     * @throws InvalidInputException if these sequences can't be computed
     */
    SequenceShape plan(SequenceShape shape) {
        return shape;
    }

    /** The sequences of {@code shape}, in its layout. */
    abstract void run(SequenceShape shape, float[] in, int inOffset, float[] out, int outOffset);

    /** Whether a run looks at rows beyond a sequence's length. */
    boolean readsPadding() {
        return false;
    }

    /** Makes the state zero. */
    void reset() {
    }

    /** Floats of all hidden states, of the whole batch. */
    int hiddenStateSize() {
        return 0;
    }

    /** Floats of all cell states, of the whole batch. */
    int cellStateSize() {
        return 0;
    }

    /** Copies h out as (L·D, N, P or H) and c as (L·D, N, H), of its recurrent layers one after another. */
    void getState(float[] h, int hOffset, float[] c, int cOffset) {
    }

    /** Copies the state in, laid out as {@link #getState} gives it. */
    void setState(float[] h, int hOffset, float[] c, int cOffset) {
    }

    /** Of a recurrent layer: writes the last layer's hidden state, its directions side by side, (N, D · (P or H)). */
    void finalHidden(float[] to, int toOffset) {
        throw new AssertionError("not a recurrent layer");
    }
}
