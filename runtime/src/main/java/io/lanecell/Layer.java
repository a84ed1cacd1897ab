package io.lanecell;

import io.lanecell.internal.kernel.Kernels;
import java.util.List;

/** One layer bound to its weights: immutable, shared by every session. */
abstract class Layer {
    /** Features per step that the layer takes. */
    abstract int inputSize();

    /** Features per step that the layer gives. */
    abstract int outputSize();

    /** Adds what tells this layer from others: what it is, its settings, its weights. */
    abstract void addTo(Fingerprint fingerprint);

    /** The layer's part of a session. {@code before} is the stage that feeds it, null for the first; {@code workers} null for one thread. */
    abstract Stage newStage(int batch, Kernels kernels, Workers workers, Stage before);

    /** Steps that it gives for that many; 0 where they are too few. */
    int outputSteps(int steps) {
        return steps;
    }

    /** Whether it gives one row for each sequence rather than steps. */
    boolean leavesOneRow() {
        return false;
    }

    /** Why it can't go step by step, to follow its name; null if it can. */
    String steppingObstacle() {
        return null;
    }

    /** The chains within it. */
    List<LayerChain> branches() {
        return List.of();
    }
}
