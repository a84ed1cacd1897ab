package io.lanecell;

import io.lanecell.internal.kernel.Kernels;

/** One layer bound to its weights: immutable, shared by every session. */
abstract class Layer {
    /** Features per step that the layer takes. */
    abstract int inputSize();

    /** Features per step that the layer gives. */
    abstract int outputSize();

    /** The layer's part of a session. {@code before} is the stage that feeds it, null for the first; {@code workers} null for one thread. */
    abstract Stage newStage(int batch, Kernels kernels, Workers workers, Stage before);
}
