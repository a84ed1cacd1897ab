package io.lanecell;

import io.lanecell.internal.events.Events;
import io.lanecell.internal.events.ModelLoadEvent;
import java.util.List;

/**
 * A chain of layers bound to weights: what PyTorch calls a module in {@code eval()} mode. Immutable and thread-safe; any
 * number of sessions share it, and there is nothing to close. Arithmetic is float32,
 * or float64 where the weights are: see {@link #dtype()}.
 */
public final class Model {
    /** Steps beyond which nobody's convolution needs for its first output. */
    private static final int LONGEST_WARM_UP = 1 << 12;

    private final ModelSpec spec;
    private final Binding binding;
    /** Found when it is first asked for. */
    private volatile Long fingerprint;
    private final List<RecurrentGeometry> geometries;
    // What sessions of one sequence share, in the model's precision; the other is null, and its class never loaded.
    private final SharedCalls shared;
    private final SharedCalls64 shared64;
    // Asked for on every call of a session, so found once.
    private final int vocabularySize;
    private final int hiddenStateSize;
    private final int cellStateSize;

    private Model(ModelSpec spec, Binding binding) {
        this.spec = spec;
        this.binding = binding;
        int hidden = 0;
        int cell = 0;
        geometries = binding.geometries();
        for (RecurrentGeometry g : geometries) {
            hidden += g.numLayers() * g.directions() * g.outputSizePerDirection();
            cell += g.numLayers() * g.directions() * g.cellSizePerDirection();
        }
        vocabularySize = binding.vocabularySize();
        hiddenStateSize = hidden;
        cellStateSize = cell;
        if (binding instanceof ChainBinding chain) {
            shared = new SharedCalls(this, chain);
            shared64 = null;
        } else {
            shared = null;
            shared64 = new SharedCalls64(this, (ChainBinding64) binding);
        }
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
        Checks.notNull(choice, "the choice of kernels");
        if (!Events.recordsModelLoads()) {
            return load(spec, weights, choice);
        }
        ModelLoadEvent event = new ModelLoadEvent();
        event.begin();
        Model model = load(spec, weights, choice);
        event.end();
        event.layers = spec.layers().size();
        for (Tensor tensor : weights.tensors().values()) {
            event.weights += tensor.size();
        }
        event.precision = model.dtype().toString();
        event.kernel = model.kernels();
        event.commit();
        return model;
    }

    private static Model load(ModelSpec spec, Weights weights, KernelChoice choice) {
        Weights used = weights.without(spec.ignore());
        Model model = new Model(spec, bind(spec, used, choice));
        model.binding.prime(model);
        return model;
    }

    // No conditional expression: to verify it the JVM would load both classes.
    private static Binding bind(ModelSpec spec, Weights weights, KernelChoice choice) {
        if (isFloat64(weights)) {
            return ChainBinding64.of(spec, weights, choice);
        }
        return ChainBinding.of(spec, weights, choice);
    }

    /** Whether all floating-point tensors are float64, and there is one. */
    private static boolean isFloat64(Weights weights) {
        boolean any = false;
        for (Tensor tensor : weights.tensors().values()) {
            if (tensor.dtype().isFloating() && tensor.dtype() != DType.F64) {
                return false;
            }
            any |= tensor.dtype() == DType.F64;
        }
        return any;
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
        return new Model(spec, binding.with(Checks.notNull(choice, "the choice of kernels")));
    }

    /**
     * Returns when single steps of one sequence take their warm time, or short runs where the model can't go step by step; see
     * {@link #warmUp(int, int)}.
     *
     * @throws InterruptedException if the thread is interrupted while it waits; the warming goes on
     */
    public void warmUp() throws InterruptedException {
        int steps = 1;
        while (!canStep() && outputSteps(steps) < 1 && steps < LONGEST_WARM_UP) {
            steps *= 2;
        }
        warmUp(1, steps);
    }

    /**
     * Returns when calls of such a shape take their warm time, for who would rather wait at start than have slower calls in the first
     * second: some 0.6 s in a new process, some 25 ms for a model whose kernels are warm. Any thread may call it, more than once.
     *
     * <p>Nobody needs to: without it the scalar kernel serves from the first call on while a daemon thread warms the vector kernel, and
     * calls go over to that, with the same bits, once it is compiled. The system property {@code lanecell.warmup=off} has the vector kernel
     * serve at once instead, thousands of times slower until it is compiled.
     *
     * @param batch sequences of a call
     * @param steps steps of a call: 1 for {@code step}, more for {@code run}
     * @throws InvalidInputException if the model can't make such a call
     * @throws InterruptedException  if the thread is interrupted while it waits; the warming goes on
     */
    public void warmUp(int batch, int steps) throws InterruptedException {
        if (batch < 1 || steps < 1) {
            throw new InvalidInputException(
                    "a call to warm has a batch of " + batch + " and " + steps + " steps, expected 1 or more of each");
        }
        binding.warmUp(this, batch, steps);
    }

    /**
     * The kernel it runs on: {@code vector}, which the scalar one serves for until it is warm, or {@code scalar}. Where vectors hold fewer
     * than 128 bits ({@code -XX:MaxVectorSize=8}), which only loading them tells, it is {@code vector} until the warming in the background has
     * found that out; {@link Lanecell#describe()} waits for it.
     */
    public String kernels() {
        return binding.kernels();
    }

    /**
     * What it computes in: {@link DType#F64} where all floating-point tensors that its layers use are float64, else {@link DType#F32},
     * to which other weights were converted. A session takes and gives numbers of this type.
     */
    public DType dtype() {
        return binding.dtype();
    }

    /**
     * Sixteen hexadecimal digits that tell this model from others: they depend on what its layers are and on every weight as it was
     * converted to {@link #dtype()}; not on the kernel, the machine, or the names and order of tensors in a file. Two models with equal
     * digits are the same but for an accident of one in four thousand million; it is no protection against forgery. The first call reads
     * all weights, some milliseconds for each 10 MB; a release that lays weights out in another way would give other digits.
     */
    public String fingerprint() {
        return SessionSnapshot.hex(fingerprintBits());
    }

    long fingerprintBits() {
        Long known = fingerprint;
        if (known == null) {
            known = binding.fingerprint();
            fingerprint = known;
        }
        return known;
    }

    /** The chain this model was made from. */
    public ModelSpec spec() {
        return spec;
    }

    /** Features per step that the model takes (I); 1 where it takes tokens. */
    public int inputSize() {
        return binding.inputSize();
    }

    /** Features that the model gives for each step, or for each sequence where the chain leaves one row of it (O). */
    public int outputSize() {
        return binding.outputSize();
    }

    /**
     * Steps of output that {@code steps} steps of input give: as many, unless convolutions and pools change their number; 1 where the
     * chain leaves one row of each sequence, 0 where the steps are too few.
     */
    public int outputSteps(int steps) {
        return binding.outputSteps(steps);
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
        return binding.steppingObstacle() == null;
    }

    /** Numbers in the hidden states of one sequence: L · D · (P or H), summed over the recurrent layers of the chain. */
    public int hiddenStateSize() {
        return hiddenStateSize;
    }

    /** Numbers in the cell states of one sequence: L · D · H, summed over the chain's LSTMs; other layers have none. */
    public int cellStateSize() {
        return cellStateSize;
    }

    /** The geometry of each recurrent layer of the chain, input first. */
    public List<RecurrentGeometry> geometries() {
        return geometries;
    }

    /**
     * A session for one sequence, its state zero. It takes little more memory than that state, for what its calls need beside it is shared
     * by those of the model's sessions that don't call at the same time: of an LSTM of I = H = 128 in float32 some 1,120 bytes, 1,024 of
     * them h and c, of a GRU 592 (64-bit HotSpot, heap under 32 GB). What calls need is kept for up to 64 of them at once; with it the
     * model keeps the session that used it last.
     */
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

    /**
     * What steps up to {@code most} of this model's sessions as one batch.
     *
     * @throws InvalidInputException if {@code most} is less than 1, or the model can't go step by step
     */
    public StepBatch newStepBatch(int most) {
        if (most < 1) {
            throw new InvalidInputException("a step batch needs room for at least 1 session, got " + most);
        }
        if (!canStep()) {
            throw new InvalidInputException("this model can't go step by step: " + binding.steppingObstacle()
                    + "; give each session its sequence with run");
        }
        return new StepBatch(this, most);
    }

    private Session session(int batch, Workers workers) {
        if (batch < 0) {
            throw new InvalidInputException("a batch can't be negative, got " + batch);
        }
        return new Session(this, batch, workers);
    }

    /** Whether the other is this model, on whichever kernel. */
    boolean sharesWeightsWith(Model other) {
        return other == this || binding.sharesWeightsWith(other.binding);
    }

    /** What sessions of one sequence share; null in float64. */
    SharedCalls shared() {
        return shared;
    }

    /** The same in float64; null in float32. */
    SharedCalls64 shared64() {
        return shared64;
    }

    /** What a session of its own needs. */
    SessionCalls newCalls(int batch, Workers workers) {
        return ((ChainBinding) binding).newCalls(this, batch, workers);
    }

    /** The same in float64. */
    SessionCalls64 newCalls64(int batch, Workers workers) {
        return ((ChainBinding64) binding).newCalls(this, batch, workers);
    }
}
