package io.lanecell;

import java.util.List;

/**
 * How a {@link StepQueue} computes, in its model's precision. The first three are any thread's, the others the queue's own.
 *
 * @param <A> float[] or double[]
 */
interface BatchStepper<A> {
    /**
     * A copy of a caller's input.
     *
     * @throws InvalidInputException if it isn't one step's, or no token of the vocabulary
     */
    A inputOf(A input);

    /**
     * A token as input.
     *
     * @throws InvalidInputException if the model takes no tokens, or not this one
     */
    A inputOf(int token);

    /** Room for one step's output. */
    A newOutput();

    /**
     * Steps them as one batch.
     *
     * @throws LanecellException if one can't be; then none was
     */
    void step(List<QueuedStep<A>> calls);

    /** Steps one. */
    void stepAlone(QueuedStep<A> call);
}
