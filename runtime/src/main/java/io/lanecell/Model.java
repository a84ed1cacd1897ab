package io.lanecell;

/**
 * A chain of layers bound to weights. Immutable and thread-safe; sessions share it, and there is nothing to close.
 */
public final class Model {
    private final ModelSpec spec;

    private Model(ModelSpec spec) {
        this.spec = spec;
    }

    /**
     * Binds a chain to its weights: infers every geometry, checks every shape, and packs the weights once.
     *
     * @throws InvalidModelException if a tensor is missing, surplus or of the wrong shape, or neighbours don't fit
     */
    public static Model of(ModelSpec spec, Weights weights) {
        return of(spec, weights, KernelChoice.AUTO);
    }

    /** Like {@link #of(ModelSpec, Weights)}, with a named kernel. */
    public static Model of(ModelSpec spec, Weights weights, KernelChoice kernels) {
        return new Model(spec);
    }

    /** The chain this model was made from. */
    public ModelSpec spec() {
        return spec;
    }

    /** Features per step that the model takes; 1 where it takes tokens. */
    public int inputSize() {
        return 0;
    }

    /** Features per step that the model gives. */
    public int outputSize() {
        return 0;
    }

    /** Steps of output that {@code steps} steps of input give: as many, or 1 where the chain selects one. */
    public int outputSteps(int steps) {
        return 0;
    }

    /** Number of tokens the chain's embedding knows, or 0 where the model takes features. */
    public int vocabularySize() {
        return 0;
    }

    /** Whether the model can go step by step: false where it has a bidirectional layer. */
    public boolean canStep() {
        return true;
    }

    /** Floats in the hidden states of one sequence: over all recurrent layers and directions. */
    public int hiddenStateSize() {
        return 0;
    }

    /** Floats in the cell states of one sequence: over all recurrent layers and directions. */
    public int cellStateSize() {
        return 0;
    }

    /** A session for one sequence, its state zero. */
    public Session newSession() {
        return newSession(1);
    }

    /** A session for {@code batch} sequences that advance together, their states zero. */
    public Session newSession(int batch) {
        return new Session(this, batch);
    }
}
