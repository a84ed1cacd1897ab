package io.lanecell.reference;

import io.lanecell.InvalidInputException;
import io.lanecell.InvalidModelException;
import io.lanecell.ModelSpec;
import io.lanecell.Weights;
import java.util.Arrays;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.RealVector;

/**
 * A chain of layers in float64. Immutable and thread-safe.
 *
 * <p>In the layouts below N is the batch, T the steps, I and O the features per step of input and output; L, D, H and P are
 * num_layers, num_directions, hidden_size and proj_size of a recurrent layer. Arrays are row-major.
 */
public final class ReferenceModel {
    private final BoundModel model;
    private final boolean batchFirst;
    private final StateLayout hidden;
    private final StateLayout cell;

    private ReferenceModel(BoundModel model, boolean batchFirst) {
        this.model = model;
        this.batchFirst = batchFirst;
        this.hidden = layout(RecurrentGeometry::hiddenStateSize);
        this.cell = layout(RecurrentGeometry::cellStateSize);
    }

    private StateLayout layout(ToIntFunction<RecurrentGeometry> size) {
        return new StateLayout(model.recurrents().stream().map(ReferenceRecurrent::geometry)
                .flatMapToInt(layer -> IntStream.range(0, layer.states()).map(_ -> size.applyAsInt(layer))));
    }

    /**
     * Binds a chain to its weights: infers every geometry and checks every shape.
     *
     * @throws InvalidModelException if a tensor is missing, surplus or of the wrong shape, or neighbours don't fit
     */
    public static ReferenceModel of(ModelSpec spec, Weights weights) {
        if (spec == null || weights == null) {
            throw new InvalidModelException(
                    "the " + (spec == null ? "chain's description" : "weights") + " must be given, found null");
        }
        return new ReferenceModel(ChainBuilder.build(spec, weights), spec.batchFirst());
    }

    /**
     * What a run gives.
     *
     * @param output      the last layer's output: (N, T', O), where T' is T but after layers that change the number of steps, or
     *                    (T', N, O) where the chain's recurrent layers are not batch_first; (N, O) where the chain makes one row of
     *                    a sequence; (N, O, T') where it ends with a transpose
     * @param outputShape its shape
     * @param hN          the final hidden states, (L·D, N, P or H), of each recurrent layer of the chain one after another
     * @param cN          the final cell states, (L·D, N, H), of each LSTM likewise
     * @param layerOutput the last recurrent layer's output sequence, (N, T', D·(P or H)) or (T', N, …); empty in a chain without any
     */
    public record Result(double[] output, int[] outputShape, double[] hN, double[] cN, double[] layerOutput) {
    }

    /**
     * Runs the chain over a batch of sequences of features.
     *
     * @param input   (N, T, I), or (T, N, I) where the chain's recurrent layers are not batch_first, or (N, I, T) where the chain
     *                begins with a transpose
     * @param batch   N; 0 gives empty results
     * @param steps   T, at least 1
     * @param lengths steps of each sequence, 1 to T; padding beyond them is never read. Null: T each
     * @param h0      initial hidden states, laid out as {@link Result#hN}; null, together with c0: zero
     * @param c0      initial cell states, laid out as {@link Result#cN}; null, together with h0: zero. In a chain without LSTM
     *                null or empty
     * @throws InvalidInputException if an array's size or a length doesn't fit, or a sequence is too short for a layer's window;
     *                               nothing has been computed then
     */
    public Result run(double[] input, int batch, int steps, int[] lengths, double[] h0, double[] c0) {
        if (model.embedding() != null) {
            throw new InvalidInputException("the chain begins with an embedding and takes tokens, found features: give token"
                    + " indices");
        }
        need(input, "input");
        long positions = positions(batch, steps);
        int features = model.inputSize();
        if (features == ReferenceLayer.ANY) { // a chain without weights takes any number, so the array's size decides
            features = positions == 0 ? 0 : (int) (input.length / positions);
        }
        need("the input", input.length, "N·T·I = " + batch + "·" + steps + "·" + features, positions * features);
        int[] own = checkedLengths(batch, steps, lengths);
        checkStates(batch, h0, c0);
        int width = features;
        return run((n, t) -> {
            double[] x = new double[width];
            Arrays.setAll(x,
                    i -> input[model.channelsFirst() ? (n * width + i) * steps + t : at(n, t, batch, steps) * width + i]);
            return new ArrayRealVector(x, false);
        }, width, batch, steps, own, h0, c0);
    }

    /**
     * Runs a chain that begins with an embedding over a batch of sequences of token indices.
     *
     * @param tokens  (N, T), or (T, N) where the chain's recurrent layers are not batch_first; the rest as for features
     * @throws InvalidInputException also if a token within its sequence's length is outside the vocabulary
     */
    public Result run(long[] tokens, int batch, int steps, int[] lengths, double[] h0, double[] c0) {
        ReferenceEmbedding embedding = model.embedding();
        if (embedding == null) {
            throw new InvalidInputException("the chain takes features, found tokens: give float64 features, or begin the chain"
                    + " with an embedding");
        }
        need(tokens, "tokens");
        need("the tokens", tokens.length, "N·T = " + batch + "·" + steps, positions(batch, steps));
        int[] own = checkedLengths(batch, steps, lengths);
        checkStates(batch, h0, c0);
        for (int n = 0; n < batch; n++) {
            for (int t = 0; t < own[n]; t++) {
                long token = tokens[at(n, t, batch, steps)];
                if (token < 0 || token >= embedding.numEmbeddings()) {
                    throw new InvalidInputException("the token at step " + t + " of sequence " + n + " is " + token
                            + ", outside the embedding's 0 to " + (embedding.numEmbeddings() - 1) + " (num_embeddings "
                            + embedding.numEmbeddings() + "): use the vocabulary the model was trained with");
                }
            }
        }
        return run((n, t) -> embedding.of((int) tokens[at(n, t, batch, steps)]), embedding.embeddingDim(), batch, steps, own,
                h0, c0);
    }

    /** Where the first layer finds step t of sequence n. */
    private interface StepsOfBatch {
        RealVector get(int n, int t);
    }

    private Result run(StepsOfBatch input, int inputWidth, int batch, int steps, int[] lengths, double[] h0, double[] c0) {
        int outputSteps = stepsAfter(steps, lengths);
        int width = model.outputSize() == ReferenceLayer.ANY ? inputWidth : model.outputSize();
        double[] output = new double[size("the output", batch, outputSteps, width)];
        double[] layerOutput = {};
        double[] hN = new double[size("h_n", batch, 1, hidden.sizePerSequence())];
        double[] cN = new double[size("c_n", batch, 1, cell.sizePerSequence())];

        for (int n = 0; n < batch; n++) { // each sequence by itself
            RealVector[] x = new RealVector[steps];
            Arrays.fill(x, new ArrayRealVector(inputWidth)); // padding is zero, whatever the caller's array holds
            for (int t = 0; t < lengths[n]; t++) {
                x[t] = input.get(n, t);
            }
            RunStates states = new RunStates(hidden.read(h0, n, batch), cell.read(c0, n, batch));
            RealVector[] y = model.chain().forward(Sequence.of(x, lengths[n]), states).steps();
            for (int t = 0; t < y.length; t++) {
                for (int i = 0; i < width; i++) {
                    int to = model.givesChannelsFirst() ? (n * width + i) * y.length + t : at(n, t, batch, y.length) * width + i;
                    output[to] = y[t].getEntry(i);
                }
            }
            layerOutput = stored(states.layerOutput(), layerOutput, n, batch);
            hidden.write(states.hN(), hN, n, batch);
            cell.write(states.cN(), cN, n, batch);
        }
        return new Result(output, outputShape(batch, outputSteps, width), hN, cN, layerOutput);
    }

    /** How many steps the chain makes of the padded batch. Each sequence by itself must be long enough too. */
    private int stepsAfter(int steps, int[] lengths) {
        int after = model.chain().stepsAfter(steps);
        for (int n = 0; n < lengths.length; n++) {
            try {
                model.chain().stepsAfter(lengths[n]);
            } catch (InvalidInputException e) {
                throw new InvalidInputException("sequence " + n + ": " + e.getMessage());
            }
        }
        return after;
    }

    private int[] outputShape(int batch, int steps, int width) {
        if (!model.sequence()) {
            return new int[]{batch, width};
        }
        if (model.givesChannelsFirst()) {
            return new int[]{batch, width, steps};
        }
        return batchFirst ? new int[]{batch, steps, width} : new int[]{steps, batch, width};
    }

    /** {@code all}, made large enough for the whole batch at its first sequence, with this sequence in its place. */
    private double[] stored(RealVector[] sequence, double[] all, int n, int batch) {
        int width = sequence.length == 0 ? 0 : sequence[0].getDimension();
        double[] to = n == 0 ? new double[size("the recurrent layer's output", batch, sequence.length, width)] : all;
        for (int t = 0; t < sequence.length; t++) {
            System.arraycopy(sequence[t].toArray(), 0, to, at(n, t, batch, sequence.length) * width, width);
        }
        return to;
    }

    /** The position of step t of sequence n: batch_first is (N, T, …), else (T, N, …). */
    private int at(int n, int t, int batch, int steps) {
        return batchFirst ? n * steps + t : t * batch + n;
    }

    private static void need(Object input, String name) {
        if (input == null) {
            throw new InvalidInputException("the " + name + " must be given, found null");
        }
    }

    /** N·T. */
    private static long positions(int batch, int steps) {
        if (batch < 0) {
            throw new InvalidInputException("the batch must be 0 or more sequences, found " + batch);
        }
        if (steps < 1) {
            throw new InvalidInputException("sequences must have at least 1 step, found " + steps);
        }
        return (long) batch * steps;
    }

    private static int[] checkedLengths(int batch, int steps, int[] lengths) {
        if (lengths == null) {
            int[] full = new int[batch];
            Arrays.fill(full, steps);
            return full;
        }
        need("lengths", lengths.length, "one length for each sequence", batch);
        for (int n = 0; n < batch; n++) {
            if (lengths[n] < 1 || lengths[n] > steps) {
                throw new InvalidInputException("the length of sequence " + n + " is " + lengths[n]
                        + ", expected 1 to the input's " + steps + " steps");
            }
        }
        return lengths.clone();
    }

    private void checkStates(int batch, double[] h0, double[] c0) {
        boolean cells = cell.sizePerSequence() > 0; // there is an LSTM
        if (cells && (h0 == null) != (c0 == null)) {
            throw new InvalidInputException((h0 == null ? "c0 was given without h0" : "h0 was given without c0")
                    + ": give both, or neither to begin with zeros");
        }
        if (h0 != null) {
            checkState("h0", h0, hidden, batch);
        }
        if (c0 != null) {
            checkState("c0", c0, cell, batch);
        }
    }

    private static void checkState(String name, double[] state, StateLayout layout, int batch) {
        need(name, state.length, batch + " sequences of " + layout.sizePerSequence() + " over all layers and directions",
                (long) batch * layout.sizePerSequence());
    }

    private static void need(String what, int actual, String why, long expected) {
        if (actual != expected) {
            throw new InvalidInputException(what + " has " + actual + " elements, expected " + expected + ": " + why);
        }
    }

    private static int size(String what, int batch, int steps, int width) {
        double size = (double) batch * steps * width;
        if (size > Integer.MAX_VALUE) {
            throw new InvalidInputException(what + " of " + batch + " sequences of " + steps + " steps of " + width
                    + " features is more than one array holds: run fewer sequences or steps at a time");
        }
        return batch * steps * width;
    }
}
