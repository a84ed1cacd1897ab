package io.lanecell;

import io.lanecell.internal.kernel.Kernels;
import io.lanecell.internal.kernel.PackedMatrix;

/**
 * What one layer in one direction does with its sums: the part in which LSTM, GRU and RNN differ. Bound to its weights,
 * immutable, shared by every session; {@link RecurrentDirection} holds a session's state and calls it.
 */
abstract class RecurrentCell {
    final int inputSize;
    final int hiddenSize;
    /** Size of the hidden state: P with a projection, else H. */
    final int outputSize;
    /** Size of the cell state: H in an LSTM, else 0. */
    final int cellSize;
    /** x's weights, then h's, the columns as the cell's kernel wants them. */
    final PackedMatrix gates;
    /** The same, as far as x has a part in them. */
    private final PackedMatrix ofInput;
    /** H rounded up to what kernels compute at a time: floats from one row of c to the next. */
    final int units;

    RecurrentCell(RecurrentGeometry geometry, int layer, PackedMatrix gates) {
        inputSize = geometry.layerInputSize(layer);
        hiddenSize = geometry.hiddenSize();
        outputSize = geometry.outputSizePerDirection();
        cellSize = geometry.cellSizePerDirection();
        units = (hiddenSize + PackedMatrix.UNITS - 1) / PackedMatrix.UNITS * PackedMatrix.UNITS;
        this.gates = gates;
        ofInput = gates.ofInput();
    }

    /** What the hidden state is, for messages and to tell whether another can take its place. */
    abstract String hiddenName();

    /** Floats from one row of h to the next. */
    int hStride() {
        return units;
    }

    /** Whether a lone sequence goes by {@link #step}, which workers can share, rather than by {@link #update}. */
    abstract boolean stepsAlone();

    /** Floats of scratch that {@link #step} needs, or {@link #update} with {@code batch} rows. */
    abstract int scratchSize(int batch);

    /**
     * One step of a lone sequence, or a worker's share of it.
     *
     * @param share    the gates, or the worker's part of them
     * @param start    where the sums begin, from {@code startOffset} on: the bias, or sums that hold x's part already
     * @param inputs   how many of x to add: all, or 0 where {@code start} holds them
     * @param hNext    the new hidden state, another array than {@code h}
     * @param downward which way to walk through the weights, by turns
     */
    abstract void step(Kernels kernels, PackedMatrix share, float[] start, int startOffset, float[] x, int xOffset, int inputs,
            float[] h, float[] c, float[] hNext, float[] scratch, boolean downward);

    /**
     * One step of the first {@code rows} sequences: continues their sums, which hold x's part, with h, and updates h and c.
     *
     * @param sums   one row after another, {@link PackedMatrix#paddedOutputs} of the gates wide; may be overwritten
     * @param packed scratch for {@link Kernels#multiply}
     */
    abstract void update(Kernels kernels, int rows, float[] sums, int sumsOffset, float[] h, float[] c, float[] scratch,
            float[] packed);

    /**
     * Like {@link #update}, but for sums that have not begun. Row r of x is its r-th. Cells in which x and h add to the same sums
     * compute both products as one.
     */
    void updateWithInputs(Kernels kernels, int rows, float[] x, int xOffset, float[] sums, float[] h, float[] c, float[] scratch,
            float[] packed) {
        kernels.multiply(ofInput, 0, inputSize, x, xOffset, inputSize, rows, gates.bias(), 0, 0, sums, 0, gates.paddedOutputs(),
                packed);
        update(kernels, rows, sums, 0, h, c, scratch, packed);
    }

    /** The sums of the two biases in float32, or zeros if there are none. */
    static float[] addedBiases(Weights weights, RecurrentGeometry geometry, String suffix) {
        float[] bias = bias(weights, geometry, "bias_ih" + suffix);
        float[] hiddenBias = bias(weights, geometry, "bias_hh" + suffix);
        for (int row = 0; row < bias.length; row++) {
            bias[row] += hiddenBias[row];
        }
        return bias;
    }

    /** The named bias, or zeros if there are none. */
    static float[] bias(Weights weights, RecurrentGeometry geometry, String name) {
        return geometry.bias() ? weights.get(name).toFloats() : new float[geometry.kind().gates() * geometry.hiddenSize()];
    }
}
