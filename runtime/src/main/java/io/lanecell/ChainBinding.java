package io.lanecell;

import io.lanecell.internal.kernel.KernelSelection;
import io.lanecell.internal.kernel.Kernels;
import io.lanecell.internal.warmup.WarmUpThread;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A {@link Binding} in float32. The build makes ChainBinding64 of it: see io.lanecell.internal.kernel64. */
record ChainBinding(LayerChain chain, Kernels chosen) implements Binding {
    /** What loading spends on calls, so that the first one of a user finds the scalar kernel compiled. */
    private static final int PRIMING_CALLS = 40;
    private static final long PRIMING_NANOS = 7_000_000;
    /** What a model's own way through the layers gets once the kernels are compiled. */
    private static final int WARMING_CALLS = 2_000;
    private static final long WARMING_NANOS = 25_000_000;
    private static final int BACKGROUND_CALLS = 6_000;
    /** Who loads models by the hundred has the layers compiled by the first of them. */
    private static final int MODELS_ENOUGH = 8;
    private static final AtomicInteger MODELS = new AtomicInteger();

    /**
     * Binds a chain to the weights that it uses.
     *
     * @throws InvalidModelException if a tensor is missing, surplus or of the wrong shape, or neighbours don't fit
     */
    static ChainBinding of(ModelSpec spec, Weights weights, KernelChoice choice) {
        Kernels kernels = choose(choice);
        return new ChainBinding(ChainBuilder.model(spec, weights), kernels);
    }

    private static Kernels choose(KernelChoice choice) {
        return switch (KernelDefaults.mode(choice)) {
            case SCALAR -> KernelSelection.scalar();
            case VECTOR -> KernelSelection.vector();
            case WARMING -> KernelSelection.warming();
        };
    }

    /** What a session of {@code batch} sequences does. */
    SessionCalls newCalls(Model model, int batch, Workers workers) {
        return new SessionCalls(model, batch, chain, chosen, workers);
    }

    @Override
    public void prime(Model model) {
        if (chosen == KernelSelection.warming() && model.canStep()) {
            // Once by the way that users take, for its classes.
            Layers layers = new Layers(model.newSession(), new float[model.inputSize()], new float[model.outputSize()]);
            layers.step();
            scratch(model, chosen, 1, 1).call(PRIMING_CALLS, PRIMING_NANOS);
            if (MODELS.getAndIncrement() < MODELS_ENOUGH) {
                // After the kernels, of which these calls have asked for the warming.
                WarmUpThread.add(layers);
            }
        }
    }

    /** Has the layers around the kernels compiled: C2 takes a method on after 5,000 calls, which at one a millisecond are five seconds. */
    private record Layers(Session session, float[] in, float[] out) implements Runnable {
        void step() {
            session.step(in, 0, out, 0);
        }

        @Override
        public void run() {
            long end = System.nanoTime() + WARMING_NANOS;
            // Whoever waits for the warming makes such calls afterwards.
            for (int call = 0; call < BACKGROUND_CALLS && System.nanoTime() < end && !WarmUpThread.isAwaited(); call++) {
                step();
            }
        }
    }

    @Override
    public void warmUp(Model model, int batch, int steps) throws InterruptedException {
        if (chosen != KernelSelection.scalar()) {
            // Also where vectors were chosen by name: a call on the kernels that warm tells which operations it needs.
            scratch(model, KernelSelection.warming(), batch, steps).call(1, 0);
            WarmUpThread.await();
        }
        scratch(model, chosen, batch, steps).call(WARMING_CALLS, WARMING_NANOS);
    }

    private ScratchSession scratch(Model model, Kernels kernels, int batch, int steps) {
        return new ScratchSession(model, new SessionCalls(model, batch, chain, kernels, null), batch, steps);
    }

    @Override
    public DType dtype() {
        return DType.F32;
    }

    @Override
    public String kernels() {
        return chosen.name();
    }

    @Override
    public ChainBinding with(KernelChoice choice) {
        return new ChainBinding(chain, choose(choice));
    }

    @Override
    public boolean sharesWeightsWith(Binding other) {
        return other instanceof ChainBinding same && same.chain == chain;
    }

    @Override
    public long fingerprint() {
        Fingerprint fingerprint = new Fingerprint();
        chain.addTo(fingerprint);
        return fingerprint.value();
    }

    @Override
    public int inputSize() {
        return chain.inputSize();
    }

    @Override
    public int outputSize() {
        return chain.outputSize();
    }

    @Override
    public int outputSteps(int steps) {
        return chain.outputSteps(steps);
    }

    @Override
    public String steppingObstacle() {
        return chain.steppingObstacle();
    }

    @Override
    public int vocabularySize() {
        return chain.layers().getFirst() instanceof Embedding embedding ? embedding.rowCount() : 0;
    }

    @Override
    public List<RecurrentGeometry> geometries() {
        List<RecurrentLayer> recurrent = new ArrayList<>();
        chain.collect(RecurrentLayer.class, recurrent);
        List<RecurrentGeometry> geometries = new ArrayList<>();
        for (RecurrentLayer layer : recurrent) {
            geometries.add(layer.geometry());
        }
        return List.copyOf(geometries);
    }
}
