package io.lanecell;

import io.lanecell.internal.kernel.KernelSelection;
import io.lanecell.internal.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;

/** A {@link Binding} in float32. The build makes ChainBinding64 of it: see io.lanecell.internal.kernel64. */
record ChainBinding(LayerChain chain, Kernels chosen) implements Binding {
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
        return KernelDefaults.takesVectors(choice) ? KernelSelection.vector() : KernelSelection.scalar();
    }

    /** What a session of {@code batch} sequences does. */
    SessionCalls newCalls(Model model, int batch, Workers workers) {
        return new SessionCalls(model, batch, chain, chosen, workers);
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
