package io.lanecell;

/**
 * One caller's state over a model. Cheap to make; used by one thread at a time. Inputs and outputs are row-major float32;
 * N is {@link #batch()}, I the model's input size, O its output size.
 */
public final class Session {
    private final Model model;
    private final int batch;

    Session(Model model, int batch) {
        this.model = model;
        this.batch = batch;
    }

    /** The model. */
    public Model model() {
        return model;
    }

    /** Sequences that advance together. */
    public int batch() {
        return batch;
    }

    /** One step: reads (N, I) from {@code in}, writes (N, O) to {@code out}, and advances the state. */
    public void step(float[] in, int inOffset, float[] out, int outOffset) {
        throw new IllegalStateException();
    }

    /** One step of token indices (N). */
    public void step(int[] tokens, int tokenOffset, float[] out, int outOffset) {
        throw new IllegalStateException();
    }

    /** A sequence from the current state, which it advances: (N, T, I) or (T, N, I) to (N, T', O) or (T', N, O), or (N, O) where the chain selects a step. */
    public void run(float[] in, int inOffset, int steps, float[] out, int outOffset) {
        throw new IllegalStateException();
    }

    /** Like run, sequence n having only its first lengths[n] steps; padding is not read, and LSTM outputs there are 0. */
    public void run(float[] in, int inOffset, int steps, int[] lengths, float[] out, int outOffset) {
        throw new IllegalStateException();
    }

    /** A sequence of token indices. {@code lengths} may be null. */
    public void run(int[] tokens, int tokenOffset, int steps, int[] lengths, float[] out, int outOffset) {
        throw new IllegalStateException();
    }

    /** Makes the state zero. */
    public void reset() {
        throw new IllegalStateException();
    }

    /** Copies the state out: h as (L·D, N, P or H) and c as (L·D, N, H), layers in order, PyTorch's layout. */
    public void getState(float[] h, int hOffset, float[] c, int cOffset) {
        throw new IllegalStateException();
    }

    /** Sets the state, in the layout of {@link #getState}. */
    public void setState(float[] h, int hOffset, float[] c, int cOffset) {
        throw new IllegalStateException();
    }
}
