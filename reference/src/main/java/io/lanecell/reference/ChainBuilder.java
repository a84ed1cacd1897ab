package io.lanecell.reference;

import io.lanecell.InvalidModelException;
import io.lanecell.LayerSpec;
import io.lanecell.ModelSpec;
import io.lanecell.Weights;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Binds a chain's layers to their weights one by one, knowing what the layers so far give. */
final class ChainBuilder {
    private final Weights weights;
    private final Set<String> used = new HashSet<>();
    private final List<ReferenceLayer> layers = new ArrayList<>();
    private ReferenceEmbedding embedding;
    private int inputSize = Chain.ANY;
    private int width = Chain.ANY;
    private boolean sequence = true;

    private ChainBuilder(Weights weights) {
        this.weights = weights;
    }

    /** The whole chain, every tensor of the weights used or ignored on purpose. */
    static Chain build(ModelSpec spec, Weights weights) {
        if (spec.layers().isEmpty()) {
            throw new InvalidModelException("the chain has no layers: give at least one");
        }
        ChainBuilder builder = new ChainBuilder(weights);
        for (int position = 0; position < spec.layers().size(); position++) {
            builder.add(position, spec.layers().get(position));
        }
        builder.refuseSurplus(spec.ignore());
        return new Chain(builder.embedding, List.copyOf(builder.layers), builder.inputSize, builder.width, builder.sequence);
    }

    private void add(int position, LayerSpec spec) {
        String where = "layer " + position + " (" + spec.type() + ")";
        switch (spec) {
            case LayerSpec.Embedding e -> {
                if (position > 0) {
                    throw new InvalidModelException(where + " takes tokens, which only the chain's first layer is given:"
                            + " move it to the front");
                }
                embedding = ReferenceEmbedding.of(under(e.weights()));
                inputSize = embedding.embeddingDim();
                width = inputSize;
            }
            case LayerSpec.Lstm l -> {
                needSequence(where);
                ReferenceLstm lstm = ReferenceLstm.of(under(l.weights()));
                takes(where, lstm.inputSize(), lstm.outputSize());
                layers.add(lstm);
            }
            case LayerSpec.Linear l -> {
                ReferenceLinear linear = ReferenceLinear.of(under(l.weights()));
                takes(where, linear.inFeatures(), linear.outFeatures());
                layers.add(linear);
            }
            case LayerSpec.Softmax _ -> layers.add(ReferenceSoftmax.SOFTMAX);
            case LayerSpec.LogSoftmax _ -> layers.add(ReferenceSoftmax.LOG_SOFTMAX);
            case LayerSpec.LastStep _ -> {
                needSequence(where);
                layers.add(ReferenceLayer.Selection.LAST_STEP);
                sequence = false;
            }
            case LayerSpec.FinalHidden _ -> {
                if (layers.isEmpty() || !(layers.getLast() instanceof ReferenceLstm)) {
                    throw new InvalidModelException(where + " takes the final hidden state of the lstm right before it, and"
                            + " there is none: put it after an lstm");
                }
                layers.add(ReferenceLayer.Selection.FINAL_HIDDEN);
                sequence = false;
            }
            case LayerSpec.Dropout _ -> {
                // nothing at inference
            }
            default -> throw new AssertionError(spec);
        }
    }

    private LayerWeights under(String prefix) {
        return new LayerWeights(weights.under(prefix), used);
    }

    private void takes(String where, int in, int out) {
        if (width == Chain.ANY) {
            inputSize = in;
        } else if (width != in) {
            throw new InvalidModelException(where + " takes " + in + " features per step but the layers before it give "
                    + width + ": check the order of the layers and their weights");
        }
        width = out;
    }

    private void needSequence(String where) {
        if (!sequence) {
            throw new InvalidModelException(where + " takes a sequence but a layer before it has selected a single step: put"
                    + " it before that layer");
        }
    }

    private void refuseSurplus(Set<String> ignore) {
        List<String> surplus = weights.names().stream().filter(name -> !used.contains(name) && !ignore.contains(name))
                .toList();
        if (!surplus.isEmpty()) {
            throw new InvalidModelException("no layer of the chain uses "
                    + surplus.stream().limit(6).collect(Collectors.joining("', '", "'", "'"))
                    + (surplus.size() > 6 ? " and " + (surplus.size() - 6) + " more tensors" : "")
                    + ": describe the layer it belongs to, or list it under 'ignore'");
        }
    }
}
