package io.lanecell.reference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.RealVector;

/**
 * Layers bound to their weights, known to fit one another.
 *
 * @param embedding  the first layer of a chain that takes tokens, else null
 * @param layers     the layers after it; Dropout, which does nothing at inference, is left out
 * @param inputSize  features per step that the chain takes, or {@link #ANY}; of a chain that takes tokens, the embedding's
 * @param outputSize features per step that the chain gives, or {@link #ANY}: as many as it takes
 * @param sequence   whether the chain gives a vector per step rather than one per sequence
 */
record Chain(ReferenceEmbedding embedding, List<ReferenceLayer> layers, int inputSize, int outputSize, boolean sequence) {
    /** The size of a chain without weights, such as a single Softmax. */
    static final int ANY = -1;

    /** The chain's LSTMs in order. */
    List<ReferenceLstm> lstms() {
        return layers.stream().filter(ReferenceLstm.class::isInstance).map(ReferenceLstm.class::cast).toList();
    }

    /**
     * What the chain gives for one sequence.
     *
     * @param output      a vector per step, or a single one
     * @param layerOutput the last LSTM's output at every step; empty in a chain without LSTM
     * @param hN          the final hidden states of every LSTM, one after another
     * @param cN          the final cell states likewise
     */
    record Output(RealVector[] output, RealVector[] layerOutput, List<RealVector> hN, List<RealVector> cN) {
    }

    /**
     * Runs one sequence.
     *
     * @param input  a vector per step, of which the first {@code length} are the sequence's own and the rest are padding
     * @param h0     the initial hidden states of every LSTM, one after another
     * @param c0     the initial cell states likewise
     */
    Output forward(RealVector[] input, int length, List<RealVector> h0, List<RealVector> c0) {
        List<RealVector> hN = new ArrayList<>();
        List<RealVector> cN = new ArrayList<>();
        RealVector[] layerOutput = {};
        RealVector[] x = input;
        for (ReferenceLayer layer : layers) {
            switch (layer) {
                case ReferenceLayer.EachStep each -> x = Arrays.stream(x).map(each::apply).toArray(RealVector[]::new);
                case ReferenceLstm lstm -> {
                    int from = hN.size();
                    int to = from + lstm.states();
                    ReferenceLstm.Output out = lstm.forward(Arrays.copyOf(x, length), h0.subList(from, to),
                            c0.subList(from, to));
                    hN.addAll(out.hN());
                    cN.addAll(out.cN());
                    x = padded(out.steps(), input.length, lstm.outputSize());
                    layerOutput = x;
                }
                case ReferenceLayer.Selection.LAST_STEP -> x = new RealVector[]{x[length - 1]};
                case ReferenceLayer.Selection.FINAL_HIDDEN -> x = new RealVector[]{finalHidden(hN)};
            }
        }
        return new Output(x, layerOutput, hN, cN);
    }

    /** The steps followed by zeros, as pad_packed_sequence gives them. */
    private static RealVector[] padded(RealVector[] steps, int length, int width) {
        RealVector[] padded = Arrays.copyOf(steps, length);
        Arrays.fill(padded, steps.length, length, new ArrayRealVector(width));
        return padded;
    }

    /** The last layer's final hidden state in each direction, side by side. */
    private RealVector finalHidden(List<RealVector> hN) {
        RealVector last = hN.getLast();
        boolean bidirectional = lstms().getLast().outputSize() > last.getDimension();
        return bidirectional ? hN.get(hN.size() - 2).append(last) : last;
    }
}
