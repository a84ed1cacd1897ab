package io.lanecell.benchmarks.compare;

/** One engine bound to one case, ready to be timed. Used by one thread, the one that opened it. */
public interface Engine extends AutoCloseable {
    /** Takes the input of the calls that follow, (T, N, I). */
    void setInput(float[] input, int offset);

    /** The call that is timed: one step from the state the last call left, or whole sequences from a zero state. */
    void call();

    /** Copies the last call's output, (T, N, D·H). */
    void getOutput(float[] output, int offset);

    /** Makes the carried state zero. */
    void reset();

    /** Frees native memory and ends threads. */
    @Override
    void close();
}
