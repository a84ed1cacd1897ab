package io.lanecell;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Binds layers one by one, each to the output of the one before. */
final class ChainBuilder {
    private final Weights weights;
    private final List<Layer> layers = new ArrayList<>();
    private final Set<String> used = new HashSet<>();
    private int place;
    private boolean selected;

    ChainBuilder(Weights weights) {
        this.weights = weights;
    }

    void add(LayerSpec spec) {
        String where = "layers[" + place + "] '" + spec.type() + "'";
        place++;
        if (spec instanceof LayerSpec.Dropout) {
            return;
        }
        Layer layer;
        try {
            layer = bind(spec);
        } catch (InvalidModelException e) {
            throw new InvalidModelException(where + ": " + e.getMessage());
        }
        if (!layers.isEmpty() && layer.inputSize() != layers.getLast().outputSize()) {
            throw new InvalidModelException(
                    where + " takes " + layer.inputSize() + " features where the layer before it gives "
                            + layers.getLast().outputSize() + ": check the order of the layers and their weights");
        }
        layers.add(layer);
    }

    private Layer bind(LayerSpec spec) {
        return switch (spec) {
            case LayerSpec.Recurrent recurrent -> {
                refuse(selected, "a recurrent layer can't follow the selection of one step");
                yield new RecurrentLayer(recurrent, take(recurrent.weights()));
            }
            case LayerSpec.Embedding embedding -> {
                refuse(!layers.isEmpty(), "an embedding takes tokens and must be the first layer");
                yield new Embedding(take(embedding.weights()));
            }
            case LayerSpec.Linear linear -> new Linear(take(linear.weights()));
            case LayerSpec.Softmax softmax -> new Softmax(sizeBefore(), false);
            case LayerSpec.LogSoftmax softmax -> new Softmax(sizeBefore(), true);
            case LayerSpec.LastStep last -> select(false);
            case LayerSpec.FinalHidden hidden -> {
                refuse(layers.isEmpty() || !(layers.getLast() instanceof RecurrentLayer), "it must follow a recurrent layer");
                yield select(true);
            }
            default -> throw new AssertionError(spec);
        };
    }

    private Layer select(boolean finalHidden) {
        refuse(selected, "one step is selected already");
        selected = true;
        return new Selection(sizeBefore(), finalHidden);
    }

    private int sizeBefore() {
        refuse(layers.isEmpty(), "it can't be the first layer, its size follows from the one before");
        return layers.getLast().outputSize();
    }

    private static void refuse(boolean wrong, String why) {
        if (wrong) {
            throw new InvalidModelException(why);
        }
    }

    private Weights take(String prefix) {
        Weights inside = weights.under(prefix);
        for (String name : inside.names()) {
            used.add(inside.fullName(name));
        }
        return inside;
    }

    List<Layer> finish() {
        if (layers.isEmpty()) {
            throw new InvalidModelException(
                    "a model needs at least one layer that computes something, the description names none");
        }
        for (String name : weights.names()) {
            if (!used.contains(weights.fullName(name))) {
                throw new InvalidModelException(
                        "tensor '" + weights.fullName(name) + "' is used by no layer of the chain: add the layer,"
                                + " or name the tensor under \"ignore\" if that is meant");
            }
        }
        return List.copyOf(layers);
    }
}
