package io.lanecell.cli;

import io.lanecell.DType;
import io.lanecell.InvalidModelException;
import io.lanecell.KernelChoice;
import io.lanecell.LayerSpec;
import io.lanecell.Model;
import io.lanecell.ModelSpec;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A model with the description and weights it was made from, and what follows from these for the shapes of its inputs and
 * outputs.
 */
record Chain(ModelSpec spec, Weights weights, Model model) {
    /**
     * Binds a chain to its weights.
     *
     * @throws InvalidModelException if they don't fit each other
     */
    static Chain of(ModelSpec spec, Weights weights, KernelChoice kernels) {
        return new Chain(spec, weights, Model.of(spec, weights, kernels));
    }

    /** Whether there is a recurrent layer. */
    boolean isRecurrent() {
        return lastRecurrent() >= 0;
    }

    /** Whether each position is computed alone, so that the input may have any leading dimensions. */
    boolean isPositionWise() {
        return !isRecurrent() && !selectsStep();
    }

    /** Whether the output has no time dimension. */
    boolean selectsStep() {
        return spec.layers().stream().anyMatch(layer -> layer instanceof LayerSpec.LastStep
                || layer instanceof LayerSpec.FinalHidden);
    }

    /** Whether the output is a recurrent layer's own. */
    boolean endsWithRecurrent() {
        List<LayerSpec> layers = spec.layers();
        return isRecurrent() && layers.subList(lastRecurrent() + 1, layers.size()).stream()
                .allMatch(LayerSpec.Dropout.class::isInstance);
    }

    /** Whether the runtime, which computes in float32, has less precision than the weights. */
    boolean hasFloat64Weights() {
        return weights.tensors().values().stream().anyMatch(tensor -> tensor.dtype() == DType.F64);
    }

    /** The chain up to and with its last recurrent layer. */
    Optional<Chain> upToRecurrent() {
        if (!isRecurrent()) {
            return Optional.empty();
        }
        ModelSpec part = new ModelSpec(spec.layers().subList(0, lastRecurrent() + 1), spec.ignore());
        return Optional
                .of(of(part, weightsOf(part), model.kernels().equals("scalar") ? KernelChoice.SCALAR : KernelChoice.VECTOR));
    }

    private int lastRecurrent() {
        return IntStream.range(0, spec.layers().size()).filter(i -> spec.layers().get(i) instanceof LayerSpec.Lstm).max()
                .orElse(-1);
    }

    /** The weights that the layers of {@code part} use: a tensor without a layer would be refused as surplus. */
    private Weights weightsOf(ModelSpec part) {
        Map<String, Tensor> used = new LinkedHashMap<>();
        for (LayerSpec layer : part.layers()) {
            String prefix = switch (layer) {
                case LayerSpec.Lstm lstm -> lstm.weights();
                case LayerSpec.Embedding embedding -> embedding.weights();
                case LayerSpec.Linear linear -> linear.weights();
                default -> null;
            };
            if (prefix != null) {
                Weights inside = weights.under(prefix);
                inside.tensors().forEach((name, tensor) -> used.put(inside.fullName(name), tensor));
            }
        }
        return Weights.of(used);
    }
}
