package io.lanecell.cli;

import io.lanecell.InvalidInputException;
import io.lanecell.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A case's input tensors, checked against the chain, and the shapes that its outputs have because of them. Layouts are
 * PyTorch's: an input of one dimension less is a single sequence without batch, cells have states without layer dimension,
 * and layers without memory take any leading dimensions.
 */
final class CaseInputs {
    /** Names of input tensors. */
    static final Set<String> NAMES = Set.of("input", "tokens", "h0", "c0", "lengths", "steps");

    private final Chain chain;
    private final boolean batchFirst;
    private final boolean batched;
    private final int[] leading; // of a position-wise chain's input
    private final Padding padding;
    private final Sequences sequences;
    private final Sequences asGiven;
    private final int[] outputSteps;

    /**
     * @param tensors the case's tensors; those that are no inputs are not looked at
     * @throws InvalidInputException if a tensor is missing, of the wrong shape or type, or holds impossible values
     */
    CaseInputs(Chain chain, Map<String, Tensor> tensors, Padding padding) {
        this.chain = chain;
        this.batchFirst = chain.spec().batchFirst();
        this.padding = padding;
        boolean takesTokens = chain.spec().takesTokens();
        String name = takesTokens && tensors.containsKey("tokens") ? "tokens" : "input";
        Tensor input = tensors.get(name);
        if (input == null) {
            throw new InvalidInputException("tensor '" + (takesTokens ? "tokens" : "input") + "' is missing, the model takes "
                    + (takesTokens ? "token indices" : chain.model().inputSize() + " features per step"));
        }
        int[] positions = checkedPositions(name, input, takesTokens);
        this.leading = positions;
        this.batched = !chain.isPositionWise() && positions.length == 2;
        int batch = batched ? positions[batchFirst ? 0 : 1] : 1;
        int steps = chain.isPositionWise() ? product(positions) : positions[batched && batchFirst ? 1 : 0];
        int[] lengths = tensors.containsKey("lengths") ? checkedLengths(tensors.get("lengths"), batch, steps) : null;
        StateTensors states = new StateTensors(chain, batched);
        this.asGiven = new Sequences(batch, steps, takesTokens ? null : input.toDoubles(),
                takesTokens ? checkedTokens(name, input, batch, steps, lengths) : null, lengths,
                states.hidden(tensors, batch), states.cell(tensors, batch));
        this.sequences = lengths == null ? asGiven : withSteps(asGiven, padding.steps(lengths, steps), chain);
        this.outputSteps = tensors.containsKey("steps") ? checkedSteps(tensors.get("steps"), sequences.steps()) : null;
    }

    /** The sequences to run, with as many steps as the padded output has. */
    Sequences sequences() {
        return sequences;
    }

    /** The sequences with the padding that the input tensor has. */
    Sequences asGiven() {
        return asGiven;
    }

    /** Whether the batch dimension comes first. */
    boolean batchFirst() {
        return batchFirst;
    }

    /** Whether there is a batch dimension. */
    boolean batched() {
        return batched;
    }

    /** How the output is padded. */
    Padding padding() {
        return padding;
    }

    /** The steps of which {@code output_at_steps} tells the output, or null. */
    int[] outputSteps() {
        return outputSteps;
    }

    /** The shape of an output of {@code width} features, of every step or of a selected one. */
    int[] outputShape(boolean everyStep, int width) {
        int[] positions = chain.isPositionWise()
                ? leading
                : !everyStep
                        ? batched ? new int[]{sequences.batch()} : new int[0]
                        : !batched
                                ? new int[]{sequences.steps()}
                                : batchFirst
                                        ? new int[]{sequences.batch(), sequences.steps()}
                                        : new int[]{sequences.steps(), sequences.batch()};
        return append(positions, width);
    }

    private int[] checkedPositions(String name, Tensor input, boolean tokens) {
        if (!tokens && !input.dtype().isFloating()) {
            throw new InvalidInputException("tensor '" + name + "' is " + input + ", the model takes floating-point features");
        }
        int features = tokens ? 0 : 1;
        int[] shape = input.shape();
        int[] positions = Arrays.copyOf(shape, Math.max(0, shape.length - features));
        boolean rankFits = chain.isPositionWise()
                ? shape.length >= features
                : positions.length == 1 || positions.length == 2;
        int width = tokens ? 0 : chain.model().inputSize();
        boolean widthFits = tokens || rankFits && (width == shape[shape.length - 1] || width <= 0);
        if (!rankFits || !widthFits) {
            String last = width > 0 ? Integer.toString(width) : "features";
            String expected = chain.isPositionWise()
                    ? tokens ? "any shape" : "(…, " + last + ")"
                    : (batchFirst ? "(N, T" : "(T, N") + (tokens ? ") or (T)" : ", " + last + ") or (T, " + last + ")");
            throw new InvalidInputException(
                    "tensor '" + name + "' has shape " + Arrays.toString(shape) + ", expected " + expected);
        }
        if (!chain.isPositionWise() && positions[batched(positions) && batchFirst ? 1 : 0] == 0) {
            throw new InvalidInputException("tensor '" + name + "' has shape " + Arrays.toString(shape)
                    + " and so no steps, expected at least 1");
        }
        return positions;
    }

    private static boolean batched(int[] positions) {
        return positions.length == 2;
    }

    private int[] checkedLengths(Tensor tensor, int batch, int steps) {
        if (!batched) {
            throw new InvalidInputException("tensor 'lengths' needs sequences with a batch dimension, this input has none");
        }
        if (tensor.rank() != 1 || tensor.size() != batch) {
            throw new InvalidInputException("tensor 'lengths' has shape " + Arrays.toString(tensor.shape()) + ", expected ["
                    + batch + "]: one for each sequence");
        }
        long[] lengths = wholeNumbers("lengths", tensor);
        for (int n = 0; n < batch; n++) {
            if (lengths[n] < 1 || lengths[n] > steps) {
                throw new InvalidInputException("tensor 'lengths' holds " + lengths[n] + " for sequence " + n
                        + ", expected 1 to " + steps + ", the input's steps");
            }
        }
        return Arrays.stream(lengths).mapToInt(Math::toIntExact).toArray();
    }

    private long[] checkedTokens(String name, Tensor tensor, int batch, int steps, int[] lengths) {
        long[] tokens = wholeNumbers(name, tensor);
        int known = chain.model().vocabularySize();
        for (int n = 0; n < batch; n++) {
            for (int t = 0; t < steps; t++) {
                int i = Packing.position(n, t, batch, steps, batchFirst);
                if (lengths != null && t >= lengths[n]) {
                    tokens[i] = 0; // padding is not read, so it may hold anything
                } else if (tokens[i] < 0 || tokens[i] >= known) {
                    throw new InvalidInputException("tensor '" + name + "' holds token " + tokens[i] + " at element " + i
                            + ", expected 0 to " + (known - 1) + ": the embedding knows " + known + " tokens");
                }
            }
        }
        return tokens;
    }

    private static int[] checkedSteps(Tensor tensor, int steps) {
        long[] chosen = wholeNumbers("steps", tensor);
        if (Arrays.stream(chosen).anyMatch(step -> step < 0 || step >= steps)) {
            throw new InvalidInputException(
                    "tensor 'steps' holds " + Arrays.toString(chosen) + ", expected 0 to " + (steps - 1));
        }
        return Arrays.stream(chosen).mapToInt(Math::toIntExact).toArray();
    }

    private static long[] wholeNumbers(String name, Tensor tensor) {
        try {
            return tensor.toLongs();
        } catch (InvalidInputException e) {
            throw new InvalidInputException("tensor '" + name + "': " + e.getMessage());
        }
    }

    private static Sequences withSteps(Sequences from, int steps, Chain chain) {
        boolean batchFirst = chain.spec().batchFirst();
        double[] features = from.features();
        long[] tokens = from.tokens();
        if (features != null) {
            int width = from.batch() * from.steps() == 0 ? 0 : features.length / (from.batch() * from.steps());
            features = Packing.resize(features, width, batchFirst, from.batch(), from.steps(), steps);
        } else {
            double[] wide = Arrays.stream(tokens).asDoubleStream().toArray();
            tokens = Arrays.stream(Packing.resize(wide, 1, batchFirst, from.batch(), from.steps(), steps))
                    .mapToLong(token -> (long) token).toArray();
        }
        return new Sequences(from.batch(), steps, features, tokens, from.lengths(), from.h0(), from.c0());
    }

    static int[] append(int[] shape, int last) {
        int[] longer = Arrays.copyOf(shape, shape.length + 1);
        longer[shape.length] = last;
        return longer;
    }

    private static int product(int[] shape) {
        return IntStream.of(shape).reduce(1, Math::multiplyExact);
    }
}
