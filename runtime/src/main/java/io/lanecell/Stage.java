package io.lanecell;

/**
 * One layer's part in what {@link SessionCalls} do: its scratch, and where its state stands among the arrays that every session has
 * of its own and that are handed in, {@code state}, as {@link StateLayout} says. Rows of numbers go in and come out; offsets and
 * sizes were checked before.
 */
abstract class Stage {
    /** Claims its place in the state; called once, before anything else. */
    void placeState(StateLayout layout) {
    }

    /** One step of the first {@code rows} sequences of the batch: as many rows in and out. */
    abstract void step(float[][] state, int rows, float[] in, int inOffset, float[] out, int outOffset);

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
    abstract void run(float[][] state, SequenceShape shape, float[] in, int inOffset, float[] out, int outOffset);

    /** Whether a run looks at rows beyond a sequence's length. */
    boolean readsPadding() {
        return false;
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
    void getState(float[][] state, float[] h, int hOffset, float[] c, int cOffset) {
    }

    /** Copies the state in, laid out as {@link #getState} gives it. */
    void setState(float[][] state, float[] h, int hOffset, float[] c, int cOffset) {
    }

    /** Of a recurrent layer: writes the last layer's hidden state, its directions side by side, (N, D · (P or H)). */
    void finalHidden(float[][] state, float[] to, int toOffset) {
        throw new AssertionError("not a recurrent layer");
    }
}
