package io.lanecell.loader;

import io.lanecell.InvalidModelException;
import io.lanecell.LayerSpec;
import io.lanecell.ModelSpec;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a file says of a model, before its weights are known.
 *
 * @param file    the file
 * @param weights the weight file it names, relative to it, if it names one
 */
record ModelDescription(Path file, Optional<String> weights, List<Layer> layers, Set<String> ignore,
        Optional<Vocabulary> vocabulary, List<String> labels) {
    /**
     * One layer.
     *
     * @param arguments what the file says of its sizes, to be held against the weights
     */
    record Layer(LayerSpec spec, JsonObject arguments) {
    }

    /** Whether a layer needs tensors. */
    boolean needsWeights() {
        return layers.stream().anyMatch(layer -> LayerType.of(layer.spec).hasWeights());
    }

    /** Holds everything that the file says of sizes against the weights. */
    void check(Weights tensors) {
        for (Layer layer : layers) {
            LayerArguments.check(layer.spec, layer.arguments, tensors);
        }
        checkVocabulary(tensors);
        checkLabels(tensors);
    }

    /** The chain of layers. */
    ModelSpec spec() {
        try {
            return new ModelSpec(layers.stream().map(Layer::spec).toList(), ignore);
        } catch (InvalidModelException e) {
            throw new ModelFileException(file, e.getMessage());
        }
    }

    private void checkVocabulary(Weights tensors) {
        if (vocabulary.isEmpty()) {
            return;
        }
        if (!(layers.getFirst().spec instanceof LayerSpec.Embedding embedding)) {
            throw new ModelFileException(file,
                    "key 'vocabulary' needs a chain that begins with an embedding, this one begins with "
                            + layers.getFirst().spec.type());
        }
        int rows = tensors.under(embedding.weights()).get("weight").dim(0);
        if (rows != vocabulary.get().size()) {
            throw new ModelFileException(file, "key 'vocabulary' has " + vocabulary.get().size()
                    + " tokens, expected one for each of the embedding's " + rows + " rows");
        }
    }

    private void checkLabels(Weights tensors) {
        if (labels.isEmpty()) {
            return;
        }
        for (Layer layer : layers.reversed()) {
            switch (layer.spec) {
                case LayerSpec.Linear linear -> {
                    Tensor weight = tensors.under(linear.weights()).get("weight");
                    if (weight.dim(0) != labels.size()) {
                        throw new ModelFileException(file,
                                "key 'labels' has " + labels.size() + " names, expected one for each of "
                                        + weight.dim(0) + " outputs");
                    }
                    return;
                }
                case LayerSpec.Softmax softmax -> {
                }
                case LayerSpec.LogSoftmax softmax -> {
                }
                case LayerSpec.Dropout dropout -> {
                }
                default -> {
                    return;
                }
            }
        }
    }
}
