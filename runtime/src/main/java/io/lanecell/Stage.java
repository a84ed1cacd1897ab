package io.lanecell;

/**
 * One layer's part of a session: its state, if it has one, and its scratch. Rows of numbers go in and come out; offsets
 * and sizes were checked by the {@link Session}.
 */
abstract class Stage {
    /** One step of every sequence of the batch: N rows in, N rows out. */
    abstract void step(float[] in, int inOffset, float[] out, int outOffset);

    /** The sequences of {@code shape}, in its layout. */
    abstract void run(SequenceShape shape, float[] in, int inOffset, float[] out, int outOffset);

    /** Makes the state zero. */
    void reset() {
    }
}
