package io.lanecell.loader;

import io.lanecell.LayerSpec;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Recognises the weights of a single torch.nn.LSTM or LSTMCell by their names. */
final class LoneLstm {
    private static final Pattern NAME = Pattern.compile("(?:(.*)\\.)?(?:weight|bias)_(?:ih|hh|hr)(?:_l\\d+(?:_reverse)?)?",
            Pattern.DOTALL);
    private static final String REMEDY = ": describe the model in a model.json beside it";

    private LoneLstm() {
    }

    /** The layer that these weights belong to, with PyTorch's default layout (batch_first false). */
    static LayerSpec.Lstm recognise(Path file, Weights weights) {
        Set<String> prefixes = new TreeSet<>();
        for (String name : weights.names()) {
            Matcher matcher = NAME.matcher(name);
            if (!matcher.matches()) {
                throw new ModelFileException(file, "tensor " + Quote.of(name) + " is none of a single torch.nn.LSTM's" + REMEDY);
            }
            prefixes.add(Optional.ofNullable(matcher.group(1)).orElse(""));
        }
        if (prefixes.size() != 1) {
            throw new ModelFileException(file, prefixes.isEmpty()
                    ? "holds no tensors, those of a torch.nn.LSTM are expected"
                    : "holds several recurrent layers, " + TensorNames.some(prefixes) + REMEDY);
        }
        String prefix = prefixes.iterator().next();
        refuseOthers(file, weights.under(prefix));
        return new LayerSpec.Lstm(prefix, false);
    }

    /** GRU and RNN have the same names; their matrices have 3 and 1 rows for each unit where an LSTM's have 4. */
    private static void refuseOthers(Path file, Weights weights) {
        String name = weights.has("weight_hh") ? "weight_hh" : "weight_hh_l0";
        if (!weights.has(name) || weights.get(name).rank() != 2 || weights.has("weight_hr_l0")) {
            return;
        }
        Tensor recurrent = weights.get(name);
        int units = recurrent.dim(1);
        if (units > 0 && (recurrent.dim(0) == 3 * units || recurrent.dim(0) == units)) {
            throw new ModelFileException(file,
                    "tensor " + Quote.of(weights.fullName(name)) + " is " + recurrent + ", the shape of a torch.nn."
                            + (recurrent.dim(0) == units ? "RNN" : "GRU")
                            + ", which is not supported yet; an LSTM's has 4 rows for each column");
        }
    }
}
