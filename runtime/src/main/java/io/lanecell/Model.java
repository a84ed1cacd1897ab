package io.lanecell;

import io.lanecell.internal.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;

/**
 * A chain of layers bound to weights: what PyTorch calls a module in {@code eval()} mode. Immutable and thread-safe; any
 * number of sessions share it, and there is nothing to close. All arithmetic is float32; other weights are converted once.
 */
public final class Model {
    private final ModelSpec spec;
    private final LayerChain chain;
    private final Kernels kernels;
    private final List<RecurrentGeometry> geometries;
    // Asked for on every call of a session, so found once.
    private final int vocabularySize;
    private final int hiddenStateSize;
    private final int cellStateSize;

    private Model(ModelSpec spec, LayerChain chain, Kernels kernels) {
        this.spec = spec;
        this.chain = chain;
        this.kernels = kernels;
        List<RecurrentLayer> recurrent = new ArrayList<>();
        chain.collect(RecurrentLayer.class, recurrent);
        List<RecurrentGeometry> found = new ArrayList<>();
        int hidden = 0;
        int cell = 0;
        for (RecurrentLayer layer : recurrent) {
            RecurrentGeometry g = layer.geometry();
            found.add(g);
            hidden += g.numLayers() * g.directions() * g.outputSizePerDirection();
            cell += g.numLayers() * g.directions() * g.cellSizePerDirection();
        }
        geometries = List.copyOf(found);
        vocabularySize = chain.layers().getFirst() instanceof Embedding embedding ? embedding.rowCount() : 0;
        hiddenStateSize = hidden;
        cellStateSize = cell;
    }

    /**
     * Binds a chain to its weights: infers every geometry, checks every shape, and packs the weights once.
     *
     * @throws InvalidModelException if a tensor is missing, surplus or of the wrong shape, or neighbours don't fit
     */
    public static Model of(ModelSpec spec, Weights weights) {
        return of(spec, weights, KernelChoice.AUTO);
    }

    /**
     * Like {@link #of(ModelSpec, Weights)}, with a named kernel.
     *
     * @throws KernelUnavailableException if that kernel can't run here
     */
    public static Model of(ModelSpec spec, Weights weights, KernelChoice choice) {
        Checks.notNull(spec, "the model's description");
        Checks.notNull(weights, "the weights");
        Kernels kernels = KernelDefaults.resolve(choice);
        return new Model(spec, ChainBuilder.model(spec, weights.without(spec.ignore())), kernels);
    }

    /**
     * A lone torch.nn.LSTM, or torch.nn.LSTMCell.
     *
     * @param weights    its tensors under PyTorch's names; of a larger model's, take {@link Weights#under weights.under("lstm")}
     * @param batchFirst whether sequences are (N, T, I) rather than (T, N, I)
     * @throws InvalidModelException if a tensor is missing, surplus or of the wrong shape
     */
    public static Model lstm(Weights weights, boolean batchFirst) {
        return of(ModelSpec.of(new LayerSpec.Lstm("", batchFirst)), weights);
    }

    /**
     * A lone torch.nn.GRU, or torch.nn.GRUCell; see {@link #lstm}.
     *
     * @throws InvalidModelException if a tensor is missing, surplus or of the wrong shape
     */
    public static Model gru(Weights weights, boolean batchFirst) {
        return of(ModelSpec.of(new LayerSpec.Gru("", batchFirst)), weights);
    }

    /**
     * A lone torch.nn.RNN, or torch.nn.RNNCell; see {@link #lstm}.
     *
     * @param nonlinearity TANH, PyTorch's default, or RELU
     * @throws InvalidModelException if a tensor is missing, surplus or of the wrong shape
     */
    public static Model rnn(Weights weights, boolean batchFirst, ActivationFunction nonlinearity) {
        return of(ModelSpec.of(new LayerSpec.Rnn("", batchFirst, nonlinearity)), weights);
    }

    /** The same model, sharing its weights, on a named kernel. */
    public Model with(KernelChoice choice) {
        return new Model(spec, chain, KernelDefaults.resolve(choice));
    }

    /** The kernel it runs on: {@code vector} or {@code scalar}. */
    public String kernels() {
        return kernels.name();
    }

    /** The chain this model was made from. */
    public ModelSpec spec() {
        return spec;
    }

    /** Features per step that the model takes (I); 1 where it takes tokens. */
    public int inputSize() {
        return chain.inputSize();
    }

    /** Features that the model gives for each step, or for each sequence where the chain leaves one row of it (O). */
    public int outputSize() {
        return chain.outputSize();
    }

    /**
     * Steps of output that {@code steps} steps of input give: as many, unless convolutions and pools change their number; 1 where the
     * chain leaves one row of each sequence, 0 where the steps are too few.
     */
    public int outputSteps(int steps) {
        return chain.outputSteps(steps);
    }

    /** Number of tokens that the model knows, or 0 where it takes features. */
    public int vocabularySize() {
        return vocabularySize;
    }

    /**
     * Whether the model can go step by step: false where a layer needs more than the steps so far, as a bidirectional one does, or
     * changes their number.
     */
    public boolean canStep() {
        return chain.steppingObstacle() == null;
    }

    /** Floats in the hidden states of one sequence: L · D · (P or H), summed over the recurrent layers of the chain. */
    public int hiddenStateSize() {
        return hiddenStateSize;
    }

    /** Floats in the cell states of one sequence: L · D · H, summed over the chain's LSTMs; other layers have none. */
    public int cellStateSize() {
        return cellStateSize;
    }

    /** The geometry of each recurrent layer of the chain, input first. */
    public List<RecurrentGeometry> geometries() {
        return geometries;
    }

    /** A session for one sequence, its state zero. */
    public Session newSession() {
        return newSession(1);
    }

    /**
     * A session for {@code batch} sequences that advance together, their states zero.
     *
     * @throws InvalidInputException if {@code batch} is negative
     */
    public Session newSession(int batch) {
        return session(batch, null);
    }

    /**
     * A session whose recurrent layers are computed by several threads: the sequences of a batch are shared out, or the two directions, or
     * for a single sequence the hidden units, so that each core keeps its share of the weights in its own cache. Every result
     * has the bits it has on one thread.
     *
     * @throws InvalidInputException if {@code batch} is negative or {@code workers} is null
     */
    public Session newSession(int batch, Workers workers) {
        return session(batch, Checks.notNull(workers, "the workers"));
    }

    private Session session(int batch, Workers workers) {
        if (batch < 0) {
            throw new InvalidInputException("a batch can't be negative, got " + batch);
        }
        return new Session(this, batch, kernels, workers);
    }

    LayerChain chain() {
        return chain;
    }
}
