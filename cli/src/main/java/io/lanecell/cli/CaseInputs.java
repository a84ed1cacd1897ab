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
 * layers that compute each row alone take any leading dimensions, and a chain that begins with a transpose takes (N, C, T).
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
        boolean sequencesFirst = batchFirst || chain.takesChannelsFirst();
        this.leading = positions;
        this.batched = !chain.isPositionWise() && positions.length == 2;
        int batch = batched ? positions[sequencesFirst ? 0 : 1] : 1;
        int steps = chain.isPositionWise() ? product(positions) : positions[batched && sequencesFirst ? 1 : 0];
        int[] lengths = tensors.containsKey("lengths") ? checkedLengths(tensors.get("lengths"), batch, steps) : null;
        StateTensors states = new StateTensors(chain, batched);
        this.asGiven = new Sequences(batch, steps, takesTokens ? null : input.toDoubles(),
                takesTokens ? checkedTokens(name, input, batch, steps, lengths) : null, lengths,
                states.hidden(tensors, batch), states.cell(tensors, batch));
        this.sequences = lengths == null ? asGiven : withSteps(asGiven, padding.steps(lengths, steps), chain);
        this.outputSteps = tensors.containsKey("steps")
                ? checkedSteps(tensors.get("steps"), chain.model().outputSteps(sequences.steps()))
                : null;
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

    /** Whether the features are (N, C, T). */
    boolean channelsFirst() {
        return chain.takesChannelsFirst();
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

    /** The shape of an output of {@code width} features where every position or sequence has one row. */
    int[] rowShape(int width) {
        int[] rows = chain.isPositionWise() ? leading : batched ? new int[]{sequences.batch()} : new int[0];
        return append(rows, width);
    }

    /** The shape of an output of {@code steps} steps of {@code width} features. */
    int[] sequenceShape(int steps, int width) {
        if (!batched) {
            return new int[]{steps, width};
        }
        return batchFirst ? new int[]{sequences.batch(), steps, width} : new int[]{steps, sequences.batch(), width};
    }

    /** The shape of an output of {@code steps} steps of {@code width} channels, (N, C, T). */
    int[] channelsFirstShape(int steps, int width) {
        return batched ? new int[]{sequences.batch(), width, steps} : new int[]{width, steps};
    }

    private int[] checkedPositions(String name, Tensor input, boolean tokens) {
        if (!tokens && !input.dtype().isFloating()) {
            throw new InvalidInputException("tensor '" + name + "' is " + input + ", the model takes floating-point features");
        }
        int[] shape = input.shape();
        int rank = shape.length;
        int features = tokens ? 0 : 1;
        boolean channelsFirst = chain.takesChannelsFirst();
        boolean rankFits = chain.isPositionWise() ? rank >= features : rank == 1 + features || rank == 2 + features;
        boolean widthFits = tokens || rankFits && shape[channelsFirst ? rank - 2 : rank - 1] == chain.model().inputSize();
        if (!rankFits || !widthFits) {
            throw new InvalidInputException(
                    "tensor '" + name + "' has shape " + Arrays.toString(shape) + ", expected " + expectedShape(tokens)
                            + (!channelsFirst && rank == 3 && shape[1] == chain.model().inputSize() && !tokens
                                    ? "; a model that takes (N, C, T) begins with a layer 'transpose'"
                                    : ""));
        }
        int[] positions = Arrays.copyOf(shape, rank - features);
        if (channelsFirst) {
            positions[rank - 2] = shape[rank - 1];
        }
        boolean noSteps = !chain.isPositionWise()
                && positions[positions.length == 2 && (batchFirst || channelsFirst) ? 1 : 0] == 0;
        if (noSteps) {
            throw new InvalidInputException("tensor '" + name + "' has shape " + Arrays.toString(shape)
                    + " and so no steps, expected at least 1");
        }
        return positions;
    }

    private String expectedShape(boolean tokens) {
        int width = chain.model().inputSize();
        if (chain.isPositionWise()) {
            return tokens ? "any shape" : "(…, " + width + ")";
        }
        if (chain.takesChannelsFirst()) {
            return "(N, " + width + ", T) or (" + width + ", T)";
        }
        return (batchFirst ? "(N, T" : "(T, N") + (tokens ? ") or (T)" : ", " + width + ") or (T, " + width + ")");
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
        if (features != null && chain.takesChannelsFirst()) { // each channel is a row of steps
            int rows = from.batch() * chain.model().inputSize();
            features = Packing.resize(features, 1, true, rows, from.steps(), steps);
        } else if (features != null) {
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
