package io.lanecell;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Binds layers one by one, each to the output of the one before; branches and heads with builders of their own. A layer without weights
 * has the size of what it is given; at the beginning of a chain it waits for the first layer whose weights tell.
 */
final class ChainBuilder {
    private static final int UNKNOWN = -1;

    /** A layer that waits for its size. */
    private record Waiting(LayerSpec spec, String where) {
    }

    private final Weights weights;
    /** Names of the tensors taken, by all builders of a model. */
    private final Set<String> used;
    /** What its layers are called in messages, before their number: {@code layers}, or {@code layers[1] 'add' branches[0]}. */
    private final String list;
    /** The layer that feeds a branch; null where there is none, and for a whole model. */
    private final Layer before;
    private final List<Layer> layers = new ArrayList<>();
    private final List<Waiting> waiting = new ArrayList<>();
    private int place;
    private int inputSize;
    /** Features that the next layer is given. */
    private int size;
    /** Whether the next layer is given one row of each sequence. */
    private boolean oneRow;
    private String lastTranspose;
    /** Where the layer before stands that computes something; null for the first. */
    private String previous;
    private String steppingObstacle;

    private ChainBuilder(Weights weights, Set<String> used, String list, Layer before, int inputSize, boolean oneRow) {
        this.weights = weights;
        this.used = used;
        this.list = list;
        this.before = before;
        this.inputSize = inputSize;
        this.size = inputSize;
        this.oneRow = oneRow;
    }

    /**
     * A whole model.
     *
     * @throws InvalidModelException if a tensor is missing, surplus or of the wrong shape, or neighbours don't fit
     */
    static LayerChain model(ModelSpec spec, Weights weights) {
        ChainBuilder builder = new ChainBuilder(weights, new HashSet<>(), "layers", null, UNKNOWN, false);
        for (LayerSpec layer : spec.layers()) {
            builder.add(layer);
        }
        if (builder.inputSize == UNKNOWN) {
            for (Waiting first : builder.waiting) {
                throw new InvalidModelException(
                        first.where + ": it can't be the first layer, its size follows from its neighbours'"
                                + " and no layer of the chain has weights that tell");
            }
            throw new InvalidModelException(
                    "a model needs at least one layer that computes something, the description names none");
        }
        for (String name : weights.names()) {
            if (!builder.used.contains(weights.fullName(name))) {
                throw new InvalidModelException(
                        "tensor '" + weights.fullName(name) + "' is used by no layer of the chain: add the layer,"
                                + " or name the tensor under \"ignore\" if that is meant");
            }
        }
        return builder.finish();
    }

    private LayerChain finish() {
        return new LayerChain(List.copyOf(layers), inputSize, steppingObstacle);
    }

    private void add(LayerSpec spec) {
        String where = list + "[" + place + "] '" + spec.type() + "'";
        place++;
        if (spec instanceof LayerSpec.Dropout) {
            return;
        }
        try {
            checkPlace(spec);
            if (size == UNKNOWN && isSizedByNeighbours(spec)) {
                waiting.add(new Waiting(spec, where));
            } else {
                append(bind(spec, where), where);
            }
            oneRow |= leavesOneRow(spec);
            previous = where;
        } catch (InvalidModelException e) {
            throw new InvalidModelException(placed(where, ": ", e.getMessage()));
        }
    }

    /** The message behind the place, unless it is about a layer within and begins with the place. */
    private static String placed(String where, String between, String message) {
        return message.startsWith(where) ? message : where + between + message;
    }

    private void checkPlace(LayerSpec spec) {
        boolean model = list.equals("layers");
        boolean first = model && place == 1;
        refuse(lastTranspose != null,
                "it follows " + lastTranspose + ", which gives (N, C, T) and can only be the first or last layer");
        refuse(oneRow && needsSteps(spec), "it needs the steps of the sequences, and a layer before it leaves one row of each");
        if (spec instanceof LayerSpec.Embedding) {
            refuse(!first, "an embedding takes tokens and must be the first layer");
        } else if (spec instanceof LayerSpec.FinalHidden) {
            refuse(!(lastLayer() instanceof RecurrentLayer), "it must follow a recurrent layer, " + standing());
        } else if (spec instanceof LayerSpec.AttentionDecoder) {
            refuse(!(lastLayer() instanceof RecurrentLayer), "it must follow an LSTM or GRU of one direction, " + standing());
        } else if (spec instanceof LayerSpec.Transpose) {
            refuse(!model, "it can only be the first or last layer of the model");
            lastTranspose = first ? null : list + "[" + (place - 1) + "] 'transpose'";
        }
    }

    private String standing() {
        return previous != null
                ? "and follows " + previous
                : before == null ? "and stands first" : "and stands first in a branch";
    }

    private static boolean needsSteps(LayerSpec spec) {
        return spec instanceof LayerSpec.Recurrent || spec instanceof LayerSpec.Conv1d || spec instanceof LayerSpec.MaxPool1d
                || spec instanceof LayerSpec.AvgPool1d || spec instanceof LayerSpec.Transpose
                || spec instanceof LayerSpec.AttentionDecoder || leavesOneRow(spec);
    }

    private static boolean leavesOneRow(LayerSpec spec) {
        return spec instanceof LayerSpec.LastStep || spec instanceof LayerSpec.FinalHidden
                || spec instanceof LayerSpec.MeanOverTime
                || spec instanceof LayerSpec.MaxOverTime || spec instanceof LayerSpec.AttentionOverTime;
    }

    /** Whether the layer has the size of whatever it is given. */
    private boolean isSizedByNeighbours(LayerSpec spec) {
        return spec instanceof LayerSpec.Softmax || spec instanceof LayerSpec.LogSoftmax || spec instanceof LayerSpec.Activation
                || spec instanceof LayerSpec.MaxPool1d || spec instanceof LayerSpec.AvgPool1d
                || spec instanceof LayerSpec.Transpose
                || spec instanceof LayerSpec.LayerNorm norm && !hasWeights(norm) || leavesOneRow(spec)
                        && !(spec instanceof LayerSpec.AttentionOverTime);
    }

    private Layer bind(LayerSpec spec, String where) {
        // The commonest outside the switch, whose bootstrap would cost their models' start several milliseconds.
        if (spec instanceof LayerSpec.Recurrent recurrent) {
            return new RecurrentLayer(recurrent, take(recurrent.weights()));
        }
        if (spec instanceof LayerSpec.Linear linear) {
            return new Linear(take(linear.weights()));
        }
        return switch (spec) {
            case LayerSpec.Embedding embedding -> new Embedding(take(embedding.weights()));
            case LayerSpec.Softmax _ -> new Softmax(size, false);
            case LayerSpec.LogSoftmax _ -> new Softmax(size, true);
            case LayerSpec.LastStep _ -> new Selection(size, false);
            case LayerSpec.FinalHidden _ -> new Selection(size, true);
            case LayerSpec.Conv1d conv -> new Conv1d(take(conv.weights()), conv, where);
            case LayerSpec.MaxPool1d pool -> Pool1d.max(pool, size, where);
            case LayerSpec.AvgPool1d pool -> Pool1d.mean(pool, size, where);
            case LayerSpec.BatchNorm1d norm -> new BatchNorm1d(take(norm.weights()), norm.epsilon());
            case LayerSpec.LayerNorm norm -> hasWeights(norm)
                    ? new LayerNorm(take(norm.weights()), norm.epsilon())
                    : new LayerNorm(size, norm.epsilon());
            case LayerSpec.Activation activation -> new Activation(size, activation.function(),
                    SpecNumbers.toFloat(activation.parameter()));
            case LayerSpec.MeanOverTime _ -> new PoolOverTime(size, true);
            case LayerSpec.MaxOverTime _ -> new PoolOverTime(size, false);
            case LayerSpec.AttentionOverTime attention -> attention(attention.weights());
            case LayerSpec.Transpose _ -> new Transpose(size, lastTranspose == null);
            case LayerSpec.Concat concat -> branches(concat.branches(), false, where);
            case LayerSpec.Add add -> branches(add.branches(), true, where);
            case LayerSpec.AttentionDecoder decoder -> decoder(decoder, where);
            case LayerSpec.Recurrent _,LayerSpec.Linear _,LayerSpec.Dropout _ -> throw new AssertionError(spec);
        };
    }

    private Layer attention(String name) {
        String tensor = name.isEmpty() ? "weight" : weights.has(name) ? name : name + ".weight";
        Tensor vector = TensorChecks.floating(weights, tensor);
        used.add(weights.fullName(tensor));
        return new AttentionOverTime(vector, weights.fullName(tensor));
    }

    private Layer decoder(LayerSpec.AttentionDecoder spec, String where) {
        RecurrentLayer encoder = (RecurrentLayer) lastLayer();
        RecurrentLayer cell = RecurrentLayer.byItsTensors(take(spec.cell()));
        AttentionDecoder.requirePair(encoder.geometry(), cell.geometry());
        ChainBuilder head = new ChainBuilder(weights, used, where + " head", null, 2 * cell.outputSize(), true);
        for (LayerSpec layer : spec.head()) {
            head.add(layer);
        }
        return new AttentionDecoder(encoder, new Embedding(take(spec.embedding())), cell, head.finish(),
                spec.start(),
                spec.steps());
    }

    private Layer branches(List<List<LayerSpec>> specs, boolean sum, String where) {
        refuse(specs.isEmpty(), "it has no branches, expected at least one");
        List<ChainBuilder> builders = new ArrayList<>();
        int known = size;
        for (List<LayerSpec> spec : specs) {
            ChainBuilder builder = new ChainBuilder(weights, used, where + " branches[" + builders.size() + "]", lastLayer(),
                    size,
                    oneRow);
            for (LayerSpec layer : spec) {
                builder.add(layer);
            }
            builders.add(builder);
            known = known == UNKNOWN ? builder.inputSize : known;
        }
        refuse(known == UNKNOWN,
                "it can't be the first layer, its size follows from its neighbours' and no layer in it has weights that tell");
        List<LayerChain> chains = new ArrayList<>();
        for (int i = 0; i < builders.size(); i++) {
            ChainBuilder builder = builders.get(i);
            if (builder.inputSize == UNKNOWN) {
                builder.resolve(known);
            }
            refuse(builder.inputSize != known, "branches[" + i + "] takes " + builder.inputSize + " features where another takes "
                    + known + ", all are given the same");
            chains.add(builder.finish());
        }
        Branches layer = new Branches(chains, sum, where);
        oneRow |= layer.leavesOneRow();
        return layer;
    }

    /** Takes the size that the layers wait for. */
    private void resolve(int features) {
        inputSize = features;
        size = features;
        for (Waiting first : waiting) {
            try {
                append(bind(first.spec, first.where), first.where);
            } catch (InvalidModelException e) {
                throw new InvalidModelException(placed(first.where, ": ", e.getMessage()));
            }
        }
    }

    private void append(Layer layer, String where) {
        if (size == UNKNOWN) {
            resolve(layer.inputSize());
        }
        if (layer.inputSize() != size) {
            throw new InvalidModelException(
                    where + " takes " + layer.inputSize() + " features where the layer before it gives " + size
                            + ": check the order of the layers and their weights");
        }
        Layer last = layers.isEmpty() ? null : layers.getLast();
        if (layer instanceof BatchNorm1d norm && last instanceof Conv1d conv) {
            layers.set(layers.size() - 1, conv.with(norm));
        } else if (layer instanceof BatchNorm1d norm && last instanceof Linear linear) {
            layers.set(layers.size() - 1, linear.with(norm));
        } else {
            layers.add(layer);
        }
        if (steppingObstacle == null && layer.steppingObstacle() != null) {
            steppingObstacle = placed(where, " ", layer.steppingObstacle());
        }
        size = layer.outputSize();
    }

    /** The layer that feeds the next one; null for the first. */
    private Layer lastLayer() {
        return !layers.isEmpty() ? layers.getLast() : waiting.isEmpty() ? before : null;
    }

    /** Names alone without a prefix may be another layer's. */
    private boolean hasWeights(LayerSpec.LayerNorm norm) {
        return !norm.weights().isEmpty() || weights.has("weight") && weights.get("weight").rank() == 1;
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
}
