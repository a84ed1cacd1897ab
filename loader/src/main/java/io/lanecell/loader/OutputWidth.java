package io.lanecell.loader;

import io.lanecell.LayerSpec;
import io.lanecell.Weights;
import java.util.List;
import java.util.OptionalInt;

/** How many features a chain gives for each row, as far as the shapes of its tensors tell. */
final class OutputWidth {
    private final Weights all;

    private OutputWidth(Weights all) {
        this.all = all;
    }

    /** Of a chain whose tensors are known to be there. */
    static OptionalInt of(List<LayerSpec> chain, Weights weights) {
        return new OutputWidth(weights).chain(chain, OptionalInt.empty());
    }

    private OptionalInt chain(List<LayerSpec> chain, OptionalInt width) {
        for (LayerSpec layer : chain) {
            width = layer(layer, width);
        }
        return width;
    }

    private OptionalInt layer(LayerSpec layer, OptionalInt before) {
        return switch (layer) {
            case LayerSpec.Embedding embedding -> extent(embedding.weights(), "weight", 1);
            case LayerSpec.Recurrent recurrent -> recurrent(all.under(recurrent.weights()));
            case LayerSpec.Linear linear -> extent(linear.weights(), "weight", 0);
            case LayerSpec.Conv1d conv -> extent(conv.weights(), "weight", 0);
            case LayerSpec.BatchNorm1d norm -> extent(norm.weights(), "running_mean", 0);
            case LayerSpec.AttentionDecoder decoder -> chain(decoder.head(), OptionalInt.empty());
            case LayerSpec.Concat(var branches) -> {
                int sum = 0;
                for (List<LayerSpec> branch : branches) {
                    OptionalInt width = chain(branch, before);
                    if (width.isEmpty()) {
                        yield width;
                    }
                    sum += width.getAsInt();
                }
                yield OptionalInt.of(sum);
            }
            case LayerSpec.Add(var branches) -> branches.stream().map(branch -> chain(branch, before))
                    .filter(OptionalInt::isPresent).findFirst().orElse(OptionalInt.empty());
            case LayerSpec.LayerNorm norm -> before;
            case LayerSpec.MaxPool1d pool -> before;
            case LayerSpec.AvgPool1d pool -> before;
            case LayerSpec.Activation activation -> before;
            case LayerSpec.Softmax softmax -> before;
            case LayerSpec.LogSoftmax softmax -> before;
            case LayerSpec.Dropout dropout -> before;
            case LayerSpec.LastStep step -> before;
            case LayerSpec.FinalHidden hidden -> before;
            case LayerSpec.MeanOverTime mean -> before;
            case LayerSpec.MaxOverTime max -> before;
            case LayerSpec.AttentionOverTime attention -> before;
            case LayerSpec.Transpose transpose -> before;
        };
    }

    /** The matrix that takes the hidden state back has as many columns as one direction gives. */
    private static OptionalInt recurrent(Weights own) {
        String name = own.has("weight_hh") ? "weight_hh" : "weight_hh_l0";
        if (!own.has(name) || own.get(name).rank() != 2) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(own.get(name).dim(1) * (own.has("weight_ih_l0_reverse") ? 2 : 1));
    }

    private OptionalInt extent(String prefix, String name, int dimension) {
        Weights own = all.under(prefix);
        return own.has(name) && own.get(name).rank() > dimension
                ? OptionalInt.of(own.get(name).dim(dimension))
                : OptionalInt.empty();
    }
}
