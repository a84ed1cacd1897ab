package io.lanecell.internal.kernel;

/**
 * A weight matrix laid out for the kernels: panels of {@value #PANEL} outputs, in each panel the weights of input 0 for all
 * of its outputs, then those of input 1, and so on, so that a product streams through memory once, upwards.
 *
 * <pre>
 *   weights[panel][k][column]     one panel row = 64 floats = 256 bytes = four cache lines
 * </pre>
 *
 * The layout is the same at every vector width, so kernels of different widths and the scalar one share one copy; that a
 * panel's rows are always 64 apart lets C2 drop the bounds checks from the kernels' loops. Columns beyond the matrix hold zeros,
 * and the second half of the last panel is not even computed where the matrix doesn't reach it.
 */
public final class PackedMatrix {
    /** Outputs in a panel. */
    public static final int PANEL = 64;
    /** Outputs are computed in multiples of this. */
    private static final int HALF_PANEL = 32;
    /** Hidden units in one panel of an LSTM's gate matrix: 16 each of i, f, o and g. */
    public static final int UNITS = 16;
    /** Where the gates stand in such a panel: the three that take a sigmoid side by side. */
    static final int I = 0;
    static final int F = UNITS;
    static final int O = 2 * UNITS;
    static final int G = 3 * UNITS;
    /** The same in the order of PyTorch's rows. */
    private static final int[] GATES = {I, F, G, O};

    final float[] weights;
    final float[] bias;
    final int inputs;
    /** The panels that a product computes: all, but for a {@link #part}. */
    final int firstPanel;
    final int endPanel;
    /** Outputs that are computed: whole half panels. */
    private final int columns;
    private final int paddedOutputs;

    /** The matrix that this is a part of, or itself. */
    private final PackedMatrix whole;
    /** Made by the first product that needs them: one for x's inputs, one for h's. */
    private volatile Strips strips;

    private PackedMatrix(int inputs, int outputs) {
        columns = (outputs + HALF_PANEL - 1) / HALF_PANEL * HALF_PANEL;
        paddedOutputs = (outputs + PANEL - 1) / PANEL * PANEL;
        long size = (long) inputs * paddedOutputs;
        if (size > Integer.MAX_VALUE - 64) {
            throw new IllegalArgumentException(
                    "a matrix of " + inputs + " × " + outputs + " is too large for one Java array");
        }
        this.inputs = inputs;
        this.weights = new float[(int) size];
        this.bias = new float[paddedOutputs];
        this.firstPanel = 0;
        this.endPanel = paddedOutputs / PANEL;
        this.whole = this;
    }

    private PackedMatrix(PackedMatrix whole, int firstPanel, int endPanel) {
        this.weights = whole.weights;
        this.bias = whole.bias;
        this.inputs = whole.inputs;
        this.columns = whole.columns;
        this.paddedOutputs = whole.paddedOutputs;
        this.firstPanel = firstPanel;
        this.endPanel = endPanel;
        this.whole = whole;
    }

    /**
     * This matrix, sharing its weights, of which a product computes only every {@code of}-th share of the panels: one worker's
     * part of the work. Positions of the outputs stay what they are.
     */
    public PackedMatrix part(int index, int of) {
        int panels = paddedOutputs / PANEL;
        return new PackedMatrix(this, panels * index / of, panels * (index + 1) / of);
    }

    /**
     * Packs a row-major matrix.
     *
     * @param matrix  {@code outputs × inputs}
     * @param bias    one number per output, or null for +0
     */
    public static PackedMatrix of(float[] matrix, float[] bias, int outputs, int inputs) {
        PackedMatrix packed = new PackedMatrix(inputs, outputs);
        for (int output = 0; output < outputs; output++) {
            packed.put(output, 0, matrix, output * inputs, inputs, bias == null ? 0f : bias[output]);
        }
        return packed;
    }

    /**
     * Packs an LSTM's two gate matrices side by side, x's weights before h's, the four gates of a block of
     * {@value #UNITS} hidden units in one panel.
     *
     * @param inputWeights     {@code 4·hidden × inputSize}, gates i f g o
     * @param recurrentWeights {@code 4·hidden × recurrentSize}, gates i f g o
     * @param bias             {@code 4·hidden}
     */
    public static PackedMatrix ofGates(float[] inputWeights, float[] recurrentWeights, float[] bias, int hidden, int inputSize,
            int recurrentSize) {
        int panels = (hidden + UNITS - 1) / UNITS;
        PackedMatrix packed = new PackedMatrix(inputSize + recurrentSize, panels * PANEL);
        for (int gate = 0; gate < 4; gate++) {
            for (int unit = 0; unit < hidden; unit++) {
                int row = gate * hidden + unit;
                int column = unit / UNITS * PANEL + GATES[gate] + unit % UNITS;
                packed.put(column, 0, inputWeights, row * inputSize, inputSize, bias[row]);
                packed.put(column, inputSize, recurrentWeights, row * recurrentSize, recurrentSize, bias[row]);
            }
        }
        return packed;
    }

    private void put(int column, int firstInput, float[] row, int rowOffset, int count, float columnBias) {
        int at = panelOffset(column / PANEL) + firstInput * PANEL + column % PANEL;
        for (int k = 0; k < count; k++) {
            weights[at + k * PANEL] = row[rowOffset + k];
        }
        bias[column] = columnBias;
    }

    /** Outputs including the zeros that fill the last panel. */
    public int paddedOutputs() {
        return paddedOutputs;
    }

    /** The bias, one number per padded output. */
    public float[] bias() {
        return bias;
    }

    /**
     * The weights of inputs {@code from} to {@code from + count} laid out for tiles: strips of {@code width} outputs, in each the
     * weights of the first of these inputs, then of the second. Output j's strip begins at {@code j / width · width · count}. Made at
     * the first call for these inputs, which takes as much memory again as they do; never made for a lone session that only goes
     * step by step.
     *
     * @param width a divisor of {@link #PANEL}, always the same
     */
    float[] strips(int from, int count, int width) {
        float[] made = whole.madeStrips(from, count);
        return made != null ? made : whole.makeStrips(from, count, width);
    }

    private float[] madeStrips(int from, int count) {
        for (Strips made = strips; made != null; made = made.next) {
            if (made.from == from && made.count == count) {
                return made.weights;
            }
        }
        return null;
    }

    private synchronized float[] makeStrips(int from, int count, int width) {
        if (madeStrips(from, count) != null) {
            return madeStrips(from, count);
        }
        float[] made = new float[paddedOutputs * count];
        int at = 0;
        for (int output = 0; output < paddedOutputs; output += width) {
            int row = panelOffset(output / PANEL) + from * PANEL + output % PANEL;
            for (int k = 0; k < count; k++) {
                System.arraycopy(weights, row + k * PANEL, made, at, width);
                at += width;
            }
        }
        strips = new Strips(from, count, made, strips);
        return made;
    }

    /** Weights of some of the inputs in strips; the next in a list of those that were made. */
    private record Strips(int from, int count, float[] weights, Strips next) {
    }

    /** Where panel {@code panel} begins in {@link #weights}. */
    int panelOffset(int panel) {
        return panel * PANEL * inputs;
    }

    /** Columns of panel {@code panel} that are computed: all, or its first half. */
    int panelColumns(int panel) {
        return Math.min(PANEL, columns - panel * PANEL);
    }
}
