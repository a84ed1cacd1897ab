package io.lanecell.cli;

import io.lanecell.DType;
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
 * <p>A chain of nothing but functions, softmax or pools takes any number of features, but a model has one input size. Such a
 * chain is given its input's rows as the table of an embedding, and the rows' numbers as tokens, which changes no value.
 */
record BoundCase(Chain chain, Map<String, Tensor> tensors) {
    private static final String TABLE = "rows_of_input";

    /** Binds the chain, whose description and weights are checked against each other here. */
    static BoundCase of(ModelSpec given, Weights weights, Map<String, Tensor> tensors, KernelChoice kernels) {
        ModelSpec spec = isBatchNormOfRows(given, tensors)
                ? new ModelSpec(List.of(given.layers().get(1)), given.ignore())
                : given;
        return hasInputSize(spec, weights)
                ? new BoundCase(Chain.of(spec, weights, kernels), tensors)
                : overRows(spec, weights, tensors, kernels);
    }

    /** torch.nn.BatchNorm1d takes (N, C) as well as (N, C, L). */
    private static boolean isBatchNormOfRows(ModelSpec spec, Map<String, Tensor> tensors) {
        List<LayerSpec> layers = spec.layers();
        return layers.size() == 3 && layers.getFirst() instanceof LayerSpec.Transpose
                && layers.get(1) instanceof LayerSpec.BatchNorm1d && layers.getLast() instanceof LayerSpec.Transpose
                && tensors.containsKey("input") && tensors.get("input").rank() == 2;
    }

    /** Whether some layer has tensors, from which the sizes of all others follow. */
    private static boolean hasInputSize(ModelSpec spec, Weights weights) {
        return spec.layers().stream().anyMatch(layer -> layer instanceof LayerSpec.LayerNorm norm
                ? weights.under(norm.weights()).has("weight")
                : LayerTraits.tensorNames(layer).findAny().isPresent());
    }

    private static BoundCase overRows(ModelSpec spec, Weights weights, Map<String, Tensor> tensors, KernelChoice kernels) {
        List<LayerSpec> layers = new ArrayList<>(spec.layers());
        boolean channelsFirst = layers.getFirst() instanceof LayerSpec.Transpose;
        Tensor input = tensors.get("input");
        if (input == null || input.rank() < (channelsFirst ? 2 : 1) || input.size() == 0 || !input.dtype().isFloating()) {
            throw new InvalidInputException("tensor 'input' is " + (input == null ? "missing" : input)
                    + ", expected floating-point features of at least one position");
        }
        if (channelsFirst) {
            layers.removeFirst();
            input = stepsFirst(input);
        }
        int width = input.dim(input.rank() - 1);
        int rows = input.size() / width;
        layers.addFirst(new LayerSpec.Embedding(TABLE));
        Map<String, Tensor> withTable = new LinkedHashMap<>(weights.tensors());
        withTable.put(TABLE + ".weight", Tensor.ofBytes(input.dtype(), new int[]{rows, width}, input.bytes()));
        Map<String, Tensor> withTokens = new LinkedHashMap<>(tensors);
        withTokens.put("input", Tensor.of(LongStream.range(0, rows).toArray(), Arrays.copyOf(input.shape(), input.rank() - 1)));
        return new BoundCase(Chain.of(new ModelSpec(layers, spec.ignore()), Weights.of(withTable), kernels), withTokens);
    }

    /** (…, C, T) as (…, T, C). */
    private static Tensor stepsFirst(Tensor input) {
        int[] shape = input.shape();
        int last = shape.length - 1;
        int channels = shape[last - 1];
        int steps = shape[last];
        double[] from = input.toDoubles();
        double[] to = new double[from.length];
        for (int i = 0; i < from.length; i++) {
            int channel = i / steps % channels;
            to[i - i % (channels * steps) + i % steps * channels + channel] = from[i];
        }
        shape[last - 1] = steps;
        shape[last] = channels;
        Tensor turned = Tensor.of(to, shape);
        return input.dtype() == DType.F64 ? turned : Tensor.of(turned.toFloats(), shape);
    }
}
