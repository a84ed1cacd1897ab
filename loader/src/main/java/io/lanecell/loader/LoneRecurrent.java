package io.lanecell.loader;

import io.lanecell.ActivationFunction;
import io.lanecell.LayerSpec;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A single recurrent layer, or cell, recognised by the names and shapes of its weights. PyTorch's default layout is assumed:
 * batch_first false.
 *
 * @param assumptions what else the weights don't tell, a sentence each
 */
record LoneRecurrent(LayerSpec.Recurrent layer, List<String> assumptions) {
    private static final Pattern NAME = Pattern.compile(
            "(?:(.*)\\.)?(?:(?:weight|bias)_(?:ih|hh|hr)|weight_c[ifo]|ln_(?:ih|hh|c)_(?:weight|bias))(?:_l\\d+(?:_reverse)?)?",
            Pattern.DOTALL);
    private static final String REMEDY = ": describe the model in a model.json beside it";

    /** The layer that these weights belong to. */
    static LoneRecurrent recognise(Path file, Weights weights) {
        Set<String> prefixes = new TreeSet<>();
        for (String name : weights.names()) {
            Matcher matcher = NAME.matcher(name);
            if (!matcher.matches()) {
                throw new ModelFileException(file,
                        "tensor " + Quote.of(name) + " is none of a single recurrent layer's" + REMEDY);
            }
            prefixes.add(Optional.ofNullable(matcher.group(1)).orElse(""));
        }
        if (prefixes.size() != 1) {
            throw new ModelFileException(file, prefixes.isEmpty()
                    ? "holds no tensors, those of a torch.nn.LSTM, GRU or RNN are expected"
                    : "holds several recurrent layers, " + TensorNames.some(prefixes) + REMEDY);
        }
        return of(file, prefixes.iterator().next(), weights.under(prefixes.iterator().next()));
    }

    /** An LSTM has 4 rows for each hidden unit, a GRU 3 and an RNN 1. */
    private static LoneRecurrent of(Path file, String prefix, Weights own) {
        String name = own.has("weight_hh") ? "weight_hh" : "weight_hh_l0";
        boolean onlyLstm = own.names().stream().anyMatch(each -> each.matches("(weight_(hr|c[ifo])|ln_).*"));
        if (!own.has(name) || own.get(name).rank() != 2 || onlyLstm) {
            return new LoneRecurrent(new LayerSpec.Lstm(prefix, false), List.of()); // binding it says what is missing
        }
        Tensor recurrent = own.get(name);
        int units = recurrent.dim(1);
        if (units > 0 && recurrent.dim(0) == 3L * units) {
            return new LoneRecurrent(new LayerSpec.Gru(prefix, false), List.of());
        }
        if (units > 0 && recurrent.dim(0) == units) {
            return new LoneRecurrent(new LayerSpec.Rnn(prefix, false, ActivationFunction.TANH),
                    List.of("an RNN's weights don't tell its nonlinearity, tanh is assumed"));
        }
        if (units == 0 || recurrent.dim(0) != 4L * units) {
            throw new ModelFileException(file, "tensor " + Quote.of(own.fullName(name)) + " is " + recurrent
                    + ", expected 4 rows for each column (LSTM), 3 (GRU) or 1 (RNN)");
        }
        return new LoneRecurrent(new LayerSpec.Lstm(prefix, false), List.of());
    }
}
