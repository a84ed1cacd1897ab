package io.lanecell.reference;

import io.lanecell.InvalidModelException;
import io.lanecell.LayerSpec;
import io.lanecell.ModelSpec;
import io.lanecell.Weights;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Binds a chain's layers to their weights one by one, knowing what the layers so far give. */
final class ChainBuilder {
    private static final int ANY = ReferenceLayer.ANY;

    /** Shared by a chain and those inside it: all weights, the names of those used, the recurrent layers in order. */
    private final Weights weights;
    private final Set<String> used;
    private final List<ReferenceRecurrent> recurrents;

    /** This chain's own: where it stands, what it takes and what it gives so far. */
    private final String path;
    private final List<Chain.Placed> layers = new ArrayList<>();
    private int inputSize;
    private int width;
    private boolean sequence;
    /** The layer whose output the next one takes; null before any. */
    private ReferenceLayer previous;

    private ChainBuilder(Weights weights) {
        this.weights = weights;
        this.used = new HashSet<>();
        this.recurrents = new ArrayList<>();
        this.path = "layers";
        this.inputSize = ANY;
        this.width = ANY;
        this.sequence = true;
    }

    /** A chain inside another one, whose input is what the other gives so far. */
    private ChainBuilder(ChainBuilder outer, String path) {
        this.weights = outer.weights;
        this.used = outer.used;
        this.recurrents = outer.recurrents;
        this.path = path;
        this.inputSize = outer.width;
        this.width = outer.width;
        this.sequence = outer.sequence;
        this.previous = outer.previous;
    }

    /** The whole chain, every tensor of the weights used or ignored on purpose. */
    static BoundModel build(ModelSpec spec, Weights weights) {
        List<LayerSpec> specs = spec.layers();
        if (specs.isEmpty()) {
            throw new InvalidModelException("the chain has no layers: give at least one");
        }
        ChainBuilder builder = new ChainBuilder(weights);
        ReferenceEmbedding embedding = null;
        boolean channelsFirst = false;
        boolean givesChannelsFirst = false;
        for (int position = 0; position < specs.size(); position++) {
            String place = builder.place(position, specs.get(position));
            if (position == 0 && specs.getFirst() instanceof LayerSpec.Embedding first) {
                embedding = bound(place, () -> ReferenceEmbedding.of(builder.under(first.weights())));
                builder.takes(place, embedding.embeddingDim(), embedding.embeddingDim());
            } else if (position == 0 && specs.getFirst() instanceof LayerSpec.Transpose) {
                channelsFirst = true;
            } else if (position == specs.size() - 1 && specs.getLast() instanceof LayerSpec.Transpose) {
                builder.needSequence(place);
                givesChannelsFirst = true;
            } else {
                builder.add(place, specs.get(position));
            }
        }
        builder.refuseSurplus(spec.ignore());
        return new BoundModel(embedding, builder.chain(), List.copyOf(builder.recurrents), builder.inputSize, builder.width,
                builder.sequence, channelsFirst, givesChannelsFirst);
    }

    private Chain chain() {
        return new Chain(List.copyOf(layers));
    }

    private String place(int position, LayerSpec spec) {
        return path + "[" + position + "] '" + spec.type() + "'";
    }

    private ChainBuilder addAll(List<LayerSpec> specs) {
        for (int position = 0; position < specs.size(); position++) {
            add(place(position, specs.get(position)), specs.get(position));
        }
        return this;
    }

    private void add(String place, LayerSpec spec) {
        switch (spec) {
            case LayerSpec.Lstm l -> addRecurrent(place, () -> ReferenceRecurrent.lstm(l.options(), under(l.weights())));
            case LayerSpec.Gru g -> addRecurrent(place, () -> ReferenceRecurrent.gru(under(g.weights())));
            case LayerSpec.Rnn r -> addRecurrent(place, () -> ReferenceRecurrent.rnn(r.nonlinearity(), under(r.weights())));
            case LayerSpec.Linear l -> add(place, () -> ReferenceLinear.of(under(l.weights())));
            case LayerSpec.Conv1d c -> add(place, () -> ReferenceConv1d.of(c, under(c.weights())));
            case LayerSpec.MaxPool1d p -> add(place, () -> ReferencePool1d.of(p));
            case LayerSpec.AvgPool1d p -> add(place, () -> ReferencePool1d.of(p));
            case LayerSpec.BatchNorm1d b -> add(place, () -> ReferenceBatchNorm1d.of(b, under(b.weights())));
            case LayerSpec.LayerNorm l -> add(place, () -> ReferenceLayerNorm.of(l, under(l.weights())));
            case LayerSpec.Activation a -> add(place, () -> ReferenceActivation.of(a));
            case LayerSpec.Softmax _ -> add(place, () -> ReferenceSoftmax.SOFTMAX);
            case LayerSpec.LogSoftmax _ -> add(place, () -> ReferenceSoftmax.LOG_SOFTMAX);
            case LayerSpec.LastStep _ -> add(place, () -> ReferenceOverTime.LAST_STEP);
            case LayerSpec.MeanOverTime _ -> add(place, () -> ReferenceOverTime.MEAN_OVER_TIME);
            case LayerSpec.MaxOverTime _ -> add(place, () -> ReferenceOverTime.MAX_OVER_TIME);
            case LayerSpec.AttentionOverTime a -> add(place, () -> attention(a.weights()));
            case LayerSpec.FinalHidden _ -> {
                refuse(!(previous instanceof ReferenceRecurrent),
                        place + " takes the final hidden state of the recurrent layer right"
                                + " before it, and there is none: put it after an lstm, gru or rnn");
                add(place, () -> ReferenceOverTime.FINAL_HIDDEN);
            }
            case LayerSpec.Concat c -> addBranches(place, c.branches(), false);
            case LayerSpec.Add a -> addBranches(place, a.branches(), true);
            case LayerSpec.AttentionDecoder d -> addDecoder(place, d);
            case LayerSpec.Dropout _ -> {
                // nothing at inference
            }
            case LayerSpec.Embedding _ -> throw new InvalidModelException(
                    place + " takes tokens, which only the chain's first layer is given: move it to the front");
            case LayerSpec.Transpose _ ->
                throw new InvalidModelException(place + " stands inside the chain, where everything is steps"
                        + " of features: it can only be the first layer or the last");
        }
    }

    private void add(String place, Supplier<ReferenceLayer> layer) {
        append(place, bound(place, layer));
    }

    private void addRecurrent(String place, Supplier<ReferenceRecurrent> layer) {
        ReferenceRecurrent recurrent = bound(place, layer);
        append(place, recurrent);
        recurrents.add(recurrent);
    }

    private void append(String place, ReferenceLayer layer) {
        if (!(layer instanceof ReferenceLayer.EachStep || layer instanceof ReferenceBranches)) {
            needSequence(place);
        }
        takes(place, layer.inputSize(), layer.outputSize());
        sequence &= !(layer instanceof ReferenceLayer.OverTime);
        previous = layer;
        layers.add(new Chain.Placed(place, layer));
    }

    /** The vector w, under this very name, or a torch.nn.Linear's of one output. */
    private ReferenceLayer attention(String name) {
        if (weights.has(name)) {
            return ReferenceAttentionOverTime.of(new LayerWeights(weights, used), name);
        }
        LayerWeights linear = under(name);
        linear.leaveUnread("bias"); // it moves the score of every step alike, which softmax doesn't see
        return ReferenceAttentionOverTime.of(linear, "weight");
    }

    private void addBranches(String place, List<List<LayerSpec>> specs, boolean summed) {
        refuse(specs.isEmpty(), place + " has no branches: give at least one");
        int in = width;
        List<ChainBuilder> branches = new ArrayList<>();
        for (int i = 0; i < specs.size(); i++) {
            ChainBuilder branch = new ChainBuilder(this, place + " branches[" + i + "]");
            branch.inputSize = in;
            branch.width = in; // what an earlier branch takes, the later ones are given
            branches.add(branch.addAll(specs.get(i)));
            in = branch.inputSize;
        }
        int out = 0;
        for (ChainBuilder branch : branches) {
            branch.width = branch.width == ANY ? in : branch.width;
            refuse(branch.sequence != branches.getFirst().sequence,
                    branch.path + " gives " + rows(branch.sequence) + " but branches[0] "
                            + rows(branches.getFirst().sequence) + ": end them alike");
            refuse(summed && branch.width != branches.getFirst().width, branch.path + " gives " + branch.width
                    + " features but branches[0] " + branches.getFirst().width + ", and only as many can be added");
            refuse(!summed && branch.width == ANY,
                    place + " can't tell how many features it gives, as no layer before it or in it says"
                            + " how many it takes: put it after one that has weights");
            out = summed ? branch.width : Math.addExact(out, branch.width);
        }
        append(place, new ReferenceBranches(summed, branches.stream().map(ChainBuilder::chain).toList(), in, out));
        sequence = branches.getFirst().sequence;
    }

    private static String rows(boolean sequence) {
        return sequence ? "a row per step" : "a row per sequence";
    }

    private void addDecoder(String place, LayerSpec.AttentionDecoder spec) {
        if (!(previous instanceof ReferenceRecurrent memory) || memory.geometry().kind() == RecurrentGeometry.Kind.RNN) {
            throw new InvalidModelException(
                    place + " attends to the output of the layer right before it and goes on from its state:"
                            + " put it after an lstm or gru of one direction");
        }
        ReferenceEmbedding embedding = bound(place, () -> ReferenceEmbedding.of(under(spec.embedding())));
        ReferenceRecurrent cell = bound(place, () -> ReferenceAttentionDecoder.cell(under(spec.cell())));
        ChainBuilder head = new ChainBuilder(this, place + " head");
        head.inputSize = 2 * cell.outputSize(); // h and the context
        head.width = head.inputSize;
        head.sequence = false;
        head.addAll(spec.head());
        append(place, bound(place,
                () -> ReferenceAttentionDecoder.of(spec, memory, embedding, cell, head.chain(), head.width)));
    }

    /** The layer, or a refusal that says where it stands. */
    private static <T> T bound(String place, Supplier<T> layer) {
        try {
            return layer.get();
        } catch (InvalidModelException e) {
            throw new InvalidModelException(place + ": " + e.getMessage());
        }
    }

    private LayerWeights under(String prefix) {
        return new LayerWeights(weights.under(prefix), used);
    }

    /** The next layer takes and gives that many features; ANY: as many as the layers before it give. */
    private void takes(String place, int in, int out) {
        if (width == ANY && in != ANY) {
            inputSize = in;
        }
        refuse(width != ANY && in != ANY && width != in,
                place + " takes " + in + " features per step but the layers before it give "
                        + width + ": check the order of the layers and their weights");
        width = out == ANY ? width : out;
    }

    private void needSequence(String place) {
        refuse(!sequence, place + " takes a sequence but is given a single step: after a layer that selects a step or sums the"
                + " steps up, and in a decoder's head, only layers that work step by step can stand");
    }

    private static void refuse(boolean wrong, String why) {
        if (wrong) {
            throw new InvalidModelException(why);
        }
    }

    private void refuseSurplus(Set<String> ignore) {
        List<String> surplus = weights.names().stream().filter(name -> !ignore.contains(name)).map(weights::fullName)
                .filter(name -> !used.contains(name)).toList();
        if (!surplus.isEmpty()) {
            throw new InvalidModelException("no layer of the chain uses "
                    + surplus.stream().limit(6).collect(Collectors.joining("', '", "'", "'"))
                    + (surplus.size() > 6 ? " and " + (surplus.size() - 6) + " more tensors" : "")
                    + ": describe the layer it belongs to, or list it under 'ignore'");
        }
    }
}
