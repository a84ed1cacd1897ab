package io.lanecell.cli;

import io.lanecell.InvalidInputException;
import io.lanecell.KernelChoice;
import io.lanecell.LayerSpec;
import io.lanecell.ModelSpec;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * A chain bound to its weights, and the tensors it is to be run on.
 *
 * <p>A chain that begins with a softmax takes any number of features, but a model has one input size. Such a chain is given
 * its input's rows as the table of an embedding, and the rows' numbers as tokens, which changes no value.
 */
record BoundCase(Chain chain, Map<String, Tensor> tensors) {
    private static final String TABLE = "rows_of_input";

    /** Binds the chain, whose description and weights are checked against each other here. */
    static BoundCase of(ModelSpec spec, Weights weights, Map<String, Tensor> tensors, KernelChoice kernels) {
        boolean hasInputSize = spec.layers().stream().filter(layer -> !(layer instanceof LayerSpec.Dropout)).findFirst()
                .map(layer -> !(layer instanceof LayerSpec.Softmax || layer instanceof LayerSpec.LogSoftmax)).orElse(true);
        return hasInputSize
                ? new BoundCase(Chain.of(spec, weights, kernels), tensors)
                : overRows(spec, weights, tensors, kernels);
    }

    private static BoundCase overRows(ModelSpec spec, Weights weights, Map<String, Tensor> tensors, KernelChoice kernels) {
        Tensor input = tensors.get("input");
        if (input == null || input.rank() == 0 || input.size() == 0 || !input.dtype().isFloating()) {
            throw new InvalidInputException("tensor 'input' is " + (input == null ? "missing" : input)
                    + ", expected floating-point features of at least one position");
        }
        int width = input.dim(input.rank() - 1);
        int rows = input.size() / width;
        List<LayerSpec> layers = new ArrayList<>(spec.layers());
        layers.addFirst(new LayerSpec.Embedding(TABLE));
        Map<String, Tensor> withTable = new LinkedHashMap<>(weights.tensors());
        withTable.put(TABLE + ".weight", Tensor.ofBytes(input.dtype(), new int[]{rows, width}, input.bytes()));
        Map<String, Tensor> withTokens = new LinkedHashMap<>(tensors);
        withTokens.put("input", Tensor.of(LongStream.range(0, rows).toArray(), Arrays.copyOf(input.shape(), input.rank() - 1)));
        return new BoundCase(Chain.of(new ModelSpec(layers, spec.ignore()), Weights.of(withTable), kernels), withTokens);
    }
}
