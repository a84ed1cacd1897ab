package io.lanecell.cli;

import io.lanecell.DType;
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
    /** The chain's recurrent layers, input first. */
    List<RecurrentGeometry> recurrent() {
        return spec.layers().stream().filter(LayerSpec.Lstm.class::isInstance).map(LayerSpec.Lstm.class::cast)
                .map(lstm -> RecurrentGeometry.of(weights, lstm.weights()))
                .flatMap(Optional::stream)
                .toList();
    }

    /** Whether each position is computed alone, so that the input may have any leading dimensions. */
    boolean isPositionWise() {
        return spec.layers().stream().noneMatch(layer -> layer instanceof LayerSpec.Lstm || selects(layer));
    }

    /** Whether the output has no time dimension. */
    boolean selectsStep() {
        return spec.layers().stream().anyMatch(Chain::selects);
    }

    /** Whether the output is a recurrent layer's own. */
    boolean endsWithRecurrent() {
        return lastRecurrent() >= 0 && IntStream.range(lastRecurrent() + 1, spec.layers().size())
                .allMatch(i -> spec.layers().get(i) instanceof LayerSpec.Dropout);
    }

    /** Whether the runtime, which computes in float32, has less precision than the weights. */
    boolean hasFloat64Weights() {
        return weights.tensors().values().stream().anyMatch(tensor -> tensor.dtype() == DType.F64);
    }

    private static boolean selects(LayerSpec layer) {
        return layer instanceof LayerSpec.LastStep || layer instanceof LayerSpec.FinalHidden;
    }

    private int lastRecurrent() {
        return IntStream.range(0, spec.layers().size()).filter(i -> spec.layers().get(i) instanceof LayerSpec.Lstm).max()
                .orElse(-1);
    }

    /** The chain up to and with its last recurrent layer, and the weights that need. */
    Optional<ModelSpec> upToRecurrent() {
        return lastRecurrent() < 0 ? Optional.empty()
                : Optional.of(new ModelSpec(spec.layers().subList(0, lastRecurrent() + 1), spec.ignore()));
    }

    /** The weights that the layers of {@code part} use. */
    Weights weightsOf(ModelSpec part) {
        Map<String, Tensor> used = new LinkedHashMap<>();
        for (LayerSpec layer : part.layers()) {
            String prefix = switch (layer) {
                case LayerSpec.Lstm lstm -> lstm.weights();
                case LayerSpec.Embedding embedding -> embedding.weights();
                case LayerSpec.Linear linear -> linear.weights();
                default -> null;
            };
            if (prefix != null) {
                weights.under(prefix).tensors()
                        .forEach((name, tensor) -> used.put(prefix.isEmpty() ? name : prefix + "." + name, tensor));
            }
        }
        return Weights.of(used);
    }
}
