package io.lanecell.cli;

import io.lanecell.DType;
import io.lanecell.InvalidModelException;
import io.lanecell.KernelChoice;
import io.lanecell.LayerSpec;
import io.lanecell.Model;
import io.lanecell.ModelSpec;
import io.lanecell.Weights;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A model with the description, weights and choice of kernels it was made from, and what follows from these for the shapes of
 * its inputs and outputs.
 */
record Chain(ModelSpec spec, Weights weights, Model model, KernelChoice kernels) {
    /**
     * Binds a chain to its weights.
     *
     * @throws InvalidModelException if they don't fit each other
     */
    static Chain of(ModelSpec spec, Weights weights, KernelChoice kernels) {
        return new Chain(spec, weights, Model.of(spec, weights, kernels), kernels);
    }

    /** Whether there is a recurrent layer. */
    boolean isRecurrent() {
        return spec.layers().stream().anyMatch(LayerTraits::recurrent);
    }

    /** Whether there is a recurrent layer with a cell state, an LSTM. */
    boolean hasCellState() {
        return model.cellStateSize() > 0;
    }

    /** Whether each position is computed alone, so that the input may have any leading dimensions. */
    boolean isPositionWise() {
        return spec.layers().stream().allMatch(LayerTraits::rowWise);
    }

    /** Whether the output has no time dimension. */
    boolean leavesOneRow() {
        return spec.layers().stream().anyMatch(LayerTraits::leavesOneRow);
    }

    /** Whether the output has every step of the input. */
    boolean keepsSteps() {
        return spec.layers().stream().allMatch(LayerTraits::keepsSteps);
    }

    /** Whether the input is (N, C, T). */
    boolean takesChannelsFirst() {
        return spec.layers().getFirst() instanceof LayerSpec.Transpose;
    }

    /** Whether the output is (N, C, T). */
    boolean givesChannelsFirst() {
        return spec.layers().size() > 1 && spec.layers().getLast() instanceof LayerSpec.Transpose;
    }

    /** Whether the output is a recurrent layer's own. */
    boolean endsWithRecurrent() {
        List<LayerSpec> layers = spec.layers();
        return lastRecurrent() >= 0 && layers.subList(lastRecurrent() + 1, layers.size()).stream()
                .allMatch(LayerSpec.Dropout.class::isInstance);
    }

    /** What the runtime computes it in. */
    Arithmetic arithmetic() {
        boolean wide = weights.tensors().values().stream().anyMatch(tensor -> tensor.dtype() == DType.F64);
        return model.dtype() == DType.F64 ? Arithmetic.FLOAT64 : wide ? Arithmetic.NARROWED : Arithmetic.FLOAT32;
    }

    /** The chain up to and with its last recurrent layer, unless that stands in a branch. */
    Optional<Chain> upToRecurrent() {
        int last = lastRecurrent();
        List<LayerSpec> layers = spec.layers();
        if (last < 0 || layers.subList(last + 1, layers.size()).stream().anyMatch(LayerTraits::recurrent)) {
            return Optional.empty();
        }
        List<LayerSpec> part = layers.subList(0, last + 1);
        return Optional.of(of(new ModelSpec(part, unusedBy(part)), weights, kernels));
    }

    private int lastRecurrent() {
        return IntStream.range(0, spec.layers().size()).filter(i -> spec.layers().get(i) instanceof LayerSpec.Recurrent).max()
                .orElse(-1);
    }

    /** The tensors that belong to other layers: a tensor without a layer would be refused as surplus. */
    private Set<String> unusedBy(List<LayerSpec> part) {
        List<String> used = part.stream().flatMap(LayerTraits::tensorNames).toList();
        Set<String> unused = new HashSet<>(weights.names());
        unused.removeIf(
                name -> used.stream().anyMatch(own -> own.isEmpty() || name.equals(own) || name.startsWith(own + ".")));
        unused.addAll(spec.ignore());
        return unused;
    }
}
