package io.lanecell.loader;

import io.lanecell.InvalidModelException;
import io.lanecell.KernelChoice;
import io.lanecell.LayerSpec;
import io.lanecell.Model;
import io.lanecell.ModelSpec;
import io.lanecell.Weights;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * What a file says of a model, before its weights are known.
 *
 * @param file    the file
 * @param weights the weight file it names, relative to it, if it names one
 */
record ModelDescription(Path file, Optional<String> weights, List<DescribedLayer> layers, Set<String> ignore,
        Optional<Vocabulary> vocabulary, List<String> labels) {

    /** Whether a layer can't do without tensors. */
    boolean needsWeights() {
        return layers.stream().flatMap(DescribedLayer::all).anyMatch(DescribedLayer::needsWeights);
    }

    /** Whether a layer has tensors if there are any. */
    boolean mayHaveWeights() {
        return layers.stream().flatMap(DescribedLayer::all)
                .anyMatch(layer -> layer.needsWeights() || layer.type().tensors() == LayerType.Tensors.OPTIONAL);
    }

    /** The chain of layers, all that the file says of sizes held against the weights. */
    ModelSpec bind(Weights tensors) {
        List<LayerSpec> specs = new ArrayList<>();
        for (DescribedLayer layer : layers) {
            layer.all().forEach(each -> LayerArguments.check(each, tensors));
            specs.add(LayerSpecs.of(layer, tensors));
        }
        checkLayout();
        ModelSpec spec = new ModelSpec(specs, ignore);
        checkVocabulary(specs.getFirst(), tensors);
        checkLabels(spec, tensors);
        checkIgnored(tensors);
        return spec;
    }

    /** An entry that names nothing is a slip, or meant for another file: the tensor it was to name would go unnoticed. */
    private void checkIgnored(Weights tensors) {
        for (String name : ignore) {
            if (!tensors.has(name)) {
                throw new ModelFileException(file, "key 'ignore' names the tensor " + Quote.of(name)
                        + ", which the weights don't hold: " + meant(name, tensors) + "take it off the list");
            }
        }
    }

    /** What of the weights an unknown name may stand for. */
    private static String meant(String name, Weights tensors) {
        List<String> inside = tensors.names().stream().filter(other -> other.startsWith(name + ".")).limit(2).toList();
        if (!inside.isEmpty()) {
            return "give each tensor's whole name, such as " + Quote.of(inside.getLast()) + ", or ";
        }
        return tensors.names().stream().filter(other -> other.endsWith("." + name)).findFirst()
                .or(() -> Nearest.to(name, tensors.names(), UnaryOperator.identity()))
                .map(near -> "write " + Quote.of(near) + " if that is meant, or ").orElse("");
    }

    private void checkLayout() {
        List<JsonObject> recurrent = layers.stream().flatMap(DescribedLayer::all).filter(DescribedLayer::isRecurrent)
                .map(DescribedLayer::json).toList();
        for (JsonObject layer : recurrent) {
            boolean first = recurrent.getFirst().truth("batch_first").orElse(false);
            if (layer.truth("batch_first").orElse(false) != first) {
                throw layer.error("batch_first is " + !first + " where " + recurrent.getFirst().place() + " has " + first
                        + ": a chain has one layout, give all the same value");
            }
        }
    }

    private void checkVocabulary(LayerSpec first, Weights tensors) {
        if (vocabulary.isEmpty()) {
            return;
        }
        if (!(first instanceof LayerSpec.Embedding embedding)) {
            throw new ModelFileException(file,
                    "key 'vocabulary' needs a chain that begins with an embedding, this one begins with " + first.type());
        }
        int rows = tensors.under(embedding.weights()).get("weight").dim(0);
        if (rows != vocabulary.get().size()) {
            throw new ModelFileException(file, "key 'vocabulary' has " + vocabulary.get().size()
                    + " tokens, expected one for each of the embedding's " + rows + " rows");
        }
    }

    /** Layers that don't fit each other are a greater error than labels that don't fit the last. */
    private void requireLayersFit(ModelSpec spec, Weights tensors) {
        try {
            Model.of(spec, tensors, KernelChoice.SCALAR);
        } catch (InvalidModelException e) {
            if (e.getMessage().startsWith("layers[")) {
                throw new ModelFileException(file, e.getMessage());
            }
        }
    }

    private void checkLabels(ModelSpec spec, Weights tensors) {
        OptionalInt outputs = OutputWidth.of(spec.layers(), tensors);
        if (!labels.isEmpty() && outputs.isPresent() && outputs.getAsInt() != labels.size()) {
            requireLayersFit(spec, tensors);
            throw new ModelFileException(file, "key 'labels' has " + labels.size() + " names, expected one for each of "
                    + outputs.getAsInt() + " outputs");
        }
    }
}
