package io.lanecell.internal.kernel;

import io.lanecell.ActivationFunction;

/**
 * The arithmetic, arrays in and arrays out. Every implementation gives the same bits: each output is one chain of fused
 * multiply-adds in ascending order of the inputs, and transcendental functions are the fixed sequences of {@link GateMath}.
 * Implementations hold no state and are thread-safe; they check no arguments beyond what Java does.
 *
 * <p>How the float64 twins of these classes come to be is told in the package-info of io.lanecell.internal.kernel64.
 */
public interface Kernels {
    /** {@code vector} or {@code scalar}. */
    String name();

    /** float32 lanes of the widest operation. */
    int lanes();

    /**
     * Matrix times rows of inputs, over a range of the matrix' inputs, so that a product can be begun with one part of its
     * inputs and continued with another:
     * {@code out[r][j] = start[r][j] + Σ_{k < count} matrix[j][from + k] · x[r][k]}, k ascending, one fma chain per output.
     *
     * @param from        first input of the matrix to use
     * @param count       how many
     * @param x           row r begins at {@code xOffset + r·xStride}
     * @param start       where the chains begin: row r at {@code startOffset + r·startStride}; the matrix' bias with stride 0,
     *                    or {@code out} itself
     * @param packed      scratch of at least {@code (rows + 2) · count} floats; not used for a single row
     * @param out         row r at {@code outOffset + r·outStride}, {@link PackedMatrix#paddedOutputs()} wide
     */
    void multiply(PackedMatrix matrix, int from, int count, float[] x, int xOffset, int xStride, int rows, float[] start,
            int startOffset, int startStride, float[] out, int outOffset, int outStride, float[] packed);

    /**
     * Matrix times rows that lie in two arrays, x's inputs before h's:
     * {@code out[r][j] = bias[j] + Σ_k matrix[j][k] · x[r][k] + Σ_k matrix[j][inputs + k] · h[r][k]}, in this order. The same
     * bits as one product continued by the other, for less work: sums go to memory once.
     *
     * @param x      row r begins at {@code xOffset + r·xStride}
     * @param h      row r begins at {@code r·hStride}
     * @param out    row r at {@code r·outStride}, {@link PackedMatrix#paddedOutputs()} wide
     * @param packed scratch of at least {@code (rows + 2) · (inputs + recurrent)} floats; not used for a single row
     */
    default void multiply(PackedMatrix matrix, float[] x, int xOffset, int xStride, int inputs, float[] h, int hStride,
            int recurrent, int rows, float[] out, int outStride, float[] packed) {
        multiply(matrix, 0, inputs, x, xOffset, xStride, rows, matrix.bias(), 0, 0, out, 0, outStride, packed);
        multiply(matrix, inputs, recurrent, h, 0, hStride, rows, out, 0, outStride, out, 0, outStride, packed);
    }

    /**
     * An LSTM's cell update from its gate sums: {@code c = σ(f)·c + σ(i)·tanh(g)} and {@code h = σ(o)·tanh(c)}.
     *
     * @param units hidden units, a multiple of {@link PackedMatrix#UNITS}
     * @param gates row r at {@code gatesOffset + r·gatesStride}, blocks of 16 i, 16 f, 16 o, 16 g; may be overwritten
     * @param c     row r at {@code r·units}, updated
     * @param h     row r at {@code r·hStride}, written
     */
    void lstmCell(int rows, int units, float[] gates, int gatesOffset, int gatesStride, float[] c, float[] h, int hStride);

    /**
     * One LSTM step of one sequence, panel by panel: gate sums from their start, x and h, then the cell update.
     *
     * @param matrix    gates over x's inputs, then h's
     * @param start     where the chains begin: the matrix' bias, or sums that hold x's part already, from {@code startOffset} on
     * @param inputs    how many of x to add: all, or 0 where {@code start} holds them
     * @param h         the previous hidden state, {@code recurrent} long
     * @param c         the cell state, padded to whole panels, updated
     * @param hNext     the new hidden state, padded to whole panels; another array than {@code h}
     * @param panelSums {@link PackedMatrix#PANEL} floats of scratch
     * @param downward  whether panels are walked from the last to the first. Turning round at every step finds the weights used
     *                  last still in the cache, where they don't all fit; it changes no bit
     */
    void lstmStep(PackedMatrix matrix, float[] start, int startOffset, float[] x, int xOffset, int inputs, float[] h,
            int recurrent,
            float[] c, float[] hNext, float[] panelSums, boolean downward);

    /**
     * A GRU's update from its sums: {@code n = tanh(n_x + σ(r)·n_h)} and {@code h = n + σ(z)·(h − n)}.
     *
     * @param units hidden units, a multiple of {@link PackedMatrix#UNITS}
     * @param sums  row r at {@code sumsOffset + r·sumsStride}, groups as in {@link PackedMatrix}; may be overwritten
     * @param h     row r at {@code r·hStride}, updated
     */
    void gruCell(int rows, int units, float[] sums, int sumsOffset, int sumsStride, float[] h, int hStride);

    /**
     * One GRU step of one sequence, group by group: sums from their start, x and h, then the update.
     *
     * @param start     where the chains of r, z and of x's part of n begin: the matrix' bias, or sums that hold x's part already,
     *                  from {@code startOffset} on; those of h's part of n begin at the matrix' bias
     * @param inputs    how many of x to add: all, or 0 where {@code start} holds them
     * @param h         the previous hidden state, {@code recurrent} long, padded to a multiple of {@link PackedMatrix#UNITS}
     * @param hNext     the new hidden state, padded likewise; another array than {@code h}
     * @param groupSums {@link PackedMatrix#GROUP} floats of scratch
     * @param downward  as in {@link #lstmStep}
     */
    void gruStep(PackedMatrix matrix, float[] start, int startOffset, float[] x, int xOffset, int inputs, float[] h,
            int recurrent, float[] hNext, float[] groupSums, boolean downward);

    /**
     * A plain recurrent network's update: {@code h = tanh(sum)}, or {@code max(sum, 0)} with NaN kept.
     *
     * @param units hidden units, a multiple of {@link PackedMatrix#UNITS}
     * @param sums  row r at {@code sumsOffset + r·sumsStride}
     * @param h     row r at {@code r·hStride}, written
     */
    void rnnCell(boolean relu, int rows, int units, float[] sums, int sumsOffset, int sumsStride, float[] h, int hStride);

    /** One step of one sequence of a plain recurrent network, panel by panel; parameters as in {@link #lstmStep}. */
    void rnnStep(boolean relu, PackedMatrix matrix, float[] start, int startOffset, float[] x, int xOffset, int inputs,
            float[] h, int recurrent, float[] hNext, float[] panelSums, boolean downward);

    /** {@code out_i = a_i · b_i + out_i}, rounded once. */
    default void multiplyAdd(float[] a, int aOffset, float[] b, int bOffset, float[] out, int outOffset, int count) {
        for (int i = 0; i < count; i++) {
            out[outOffset + i] = ExactFma.fma(a[aOffset + i], b[bOffset + i], out[outOffset + i]);
        }
    }

    /** {@code exp(x_i − max) / Σ exp(x_j − max)} over {@code count} numbers; in place where the arrays are one. */
    void softmax(float[] x, int xOffset, int count, float[] out, int outOffset);

    /** {@code x_i − max − log Σ exp(x_j − max)} over {@code count} numbers; in place where the arrays are one. */
    default void logSoftmax(float[] x, int xOffset, int count, float[] out, int outOffset) {
        float max = Reductions.max(x, xOffset, count);
        float log = (float) StrictMath.log(Reductions.sumOfExp(x, xOffset, count, max));
        for (int i = 0; i < count; i++) {
            out[outOffset + i] = x[xOffset + i] - max - log;
        }
    }

    /** {@code out_i = f(x_i)}; in place where the arrays are one. */
    void activate(ActivationFunction function, float parameter, float[] x, int xOffset, float[] out, int outOffset, int count);

    /** {@code out_i = factor · x_i + out_i}, rounded once. */
    void addScaled(float factor, float[] x, int xOffset, float[] out, int outOffset, int count);

    /** {@code out_i = out_i + x_i}. */
    void add(float[] x, int xOffset, float[] out, int outOffset, int count);

    /** {@code out_i} = the larger of {@code out_i} and {@code x_i}, NaN if either is. */
    void max(float[] x, int xOffset, float[] out, int outOffset, int count);

    /** {@code out_i = x_i · scale_i + shift_i}, rounded once; in place where the arrays are one. */
    void scaleAndShift(float[] x, int xOffset, float[] scale, float[] shift, float[] out, int outOffset, int count);

    /**
     * {@code out_i = (x_i − mean) / √(variance + epsilon) · weight_i + bias_i}, the variance that of the population; the last product and
     * sum are rounded once.
     *
     * @param partials {@value Reductions#PARTIALS} floats of scratch
     */
    void layerNorm(float[] x, int xOffset, int count, float[] weight, float[] bias, float epsilon, float[] out, int outOffset,
            float[] partials);

    /**
     * {@code out_r = Σ_{k < count} x[r][k] · y[k]} for each of {@code rows} rows, in the order of {@link Reductions}.
     *
     * @param x        row r begins at {@code xOffset + r·xStride}
     * @param partials {@value Reductions#PARTIALS} floats of scratch
     */
    void dots(float[] x, int xOffset, int xStride, int rows, float[] y, int yOffset, int count, float[] out, int outOffset,
            float[] partials);

    /**
     * A convolution's output at one step, where every output has inputs of its own:
     * {@code out_o = bias_o + Σ_tap Σ_i w[tap][i][o] · x[tap][i][o]}, taps ascending, inputs ascending within, one fma chain per output.
     *
     * @param taps      steps that an output looks at
     * @param inputs    inputs of each output at each of them
     * @param w         {@code taps × inputs × outputs}
     * @param x         tap k begins at {@code xOffset + k·tapStride}: {@code inputs × outputs}
     */
    void ownInputs(float[] w, int taps, int inputs, int outputs, float[] bias, float[] x, int xOffset, int tapStride, float[] out,
            int outOffset);
}
