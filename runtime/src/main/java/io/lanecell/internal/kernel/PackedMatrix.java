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
 * and the second half of a panel is not even computed where the matrix doesn't reach it.
 *
 * <p>A GRU's candidate takes x and h in two sums, the second of which its reset gate scales. So 64 of its units have a group of
 * four panels, in an order that a step reads from the first to the last:
 *
 * <pre>
 *   x's part of n      r and z of 32 units, 16 by 16      r and z of the other 32      h's part of n
 *   weights of x       of x, then h                       of x, then h                 weights of h
 * </pre>
 */
public final class PackedMatrix {
    /** Outputs in a panel. */
    public static final int PANEL = 64;
    /**
     * Unused numbers before the weights. An array's begin 16 bytes after the object, so that these 48 align the weights to 64 bytes as
     * far as objects are aligned: by -XX:ObjectAlignmentInBytes=32 or 64, which spares half of the loads a second cache line. By
     * default objects begin at any multiple of 8, and the weights with them.
     */
    static final int LEAD = 48 / Float.BYTES;
    /** Outputs are computed in multiples of this. */
    private static final int HALF_PANEL = 32;
    /** Hidden units are computed in multiples of this; one panel of an LSTM's gate matrix has 16 each of i, f, o and g. */
    public static final int UNITS = 16;
    /** Where the gates stand in such a panel: the three that take a sigmoid side by side. */
    static final int I = 0;
    static final int F = UNITS;
    static final int O = 2 * UNITS;
    static final int G = 3 * UNITS;
    /** The same in the order of PyTorch's rows. */
    private static final int[] GATES = {I, F, G, O};

    /** Hidden units and columns of a GRU's group, and where its parts begin: n's of x, r and z of 16 units by turns, n's of h. */
    static final int GROUP_UNITS = 64;
    public static final int GROUP = 4 * PANEL;
    static final int NX = 0;
    static final int RZ = PANEL;
    static final int NH = 3 * PANEL;
    private static final int GROUP_PANELS = GROUP / PANEL;

    final float[] weights;
    final float[] bias;
    final int inputs;
    /** The panels that a product computes: all, but for a {@link #part}. */
    final int firstPanel;
    final int endPanel;
    /** The inputs that each panel has weights for: all, but for those of a GRU. */
    private final int[] firstInput;
    private final int[] endInput;
    /** Where each panel's first input would begin in {@link #weights}; a GRU's last panels lack the first inputs' weights. */
    private final int[] panelOffsets;
    /** Columns of each panel that are computed: all, its first half, or none. */
    private final int[] panelColumns;
    /** Panels that belong together: one, or a GRU's four. */
    private final int groupPanels;

    /** The matrix that this is a part of, or itself. */
    private final PackedMatrix whole;
    /** Made by the first product that needs them: one for x's inputs, one for h's. */
    private volatile Strips strips;

    /** A matrix whose panel p has weights for inputs {@code firstInput[p]} up to {@code endInput[p]}. */
    private PackedMatrix(int inputs, int[] panelColumns, int[] firstInput, int[] endInput, int groupPanels) {
        this.inputs = inputs;
        this.firstInput = firstInput;
        this.endInput = endInput;
        this.panelColumns = panelColumns;
        this.groupPanels = groupPanels;
        this.firstPanel = 0;
        this.endPanel = panelColumns.length;
        this.panelOffsets = new int[endPanel];
        long size = LEAD;
        for (int panel = 0; panel < endPanel; panel++) {
            panelOffsets[panel] = (int) size - firstInput[panel] * PANEL;
            size += (long) PANEL * (endInput[panel] - firstInput[panel]);
            if (size > Integer.MAX_VALUE - 64) {
                throw new IllegalArgumentException(
                        "a matrix of " + inputs + " × " + endPanel * PANEL + " is too large for one Java array");
            }
        }
        this.weights = new float[(int) size];
        this.bias = new float[endPanel * PANEL];
        this.whole = this;
    }

    private PackedMatrix(PackedMatrix whole, int firstPanel, int endPanel, int[] panelColumns) {
        this.weights = whole.weights;
        this.bias = whole.bias;
        this.inputs = whole.inputs;
        this.firstInput = whole.firstInput;
        this.endInput = whole.endInput;
        this.panelOffsets = whole.panelOffsets;
        this.groupPanels = whole.groupPanels;
        this.panelColumns = panelColumns;
        this.firstPanel = firstPanel;
        this.endPanel = endPanel;
        this.whole = whole.whole;
    }

    /** A matrix all of whose panels have all the weights. */
    private static PackedMatrix plain(int outputs, int inputs) {
        int panels = (outputs + PANEL - 1) / PANEL;
        int[] columns = new int[panels];
        int[] endInput = new int[panels];
        for (int panel = 0; panel < panels; panel++) {
            columns[panel] = columnsOf(outputs - panel * PANEL);
            endInput[panel] = inputs;
        }
        return new PackedMatrix(inputs, columns, new int[panels], endInput, 1);
    }

    /** Columns that are computed in a panel where {@code outputs} outputs are left. */
    private static int columnsOf(int outputs) {
        return outputs <= 0 ? 0 : outputs <= HALF_PANEL ? HALF_PANEL : PANEL;
    }

    /**
     * This matrix, sharing its weights, of which a product computes only every {@code of}-th share of the panels: one worker's
     * part of the work. Positions of the outputs stay what they are.
     */
    public PackedMatrix part(int index, int of) {
        int groups = groups();
        return new PackedMatrix(this, groups * index / of * groupPanels, groups * (index + 1) / of * groupPanels, panelColumns);
    }

    /** Into how many parts it can be divided. */
    public int groups() {
        return panelColumns.length / groupPanels;
    }

    /** This matrix without the panels that x has no part in. */
    public PackedMatrix ofInput() {
        return groupPanels == 1 ? this : without(NH / PANEL);
    }

    /** This matrix without the panels that h has no part in. */
    public PackedMatrix ofHidden() {
        return groupPanels == 1 ? this : without(NX / PANEL);
    }

    private PackedMatrix without(int panelInGroup) {
        int[] columns = panelColumns.clone();
        for (int panel = panelInGroup; panel < columns.length; panel += groupPanels) {
            columns[panel] = 0;
        }
        return new PackedMatrix(this, firstPanel, endPanel, columns);
    }

    /**
     * Packs a row-major matrix.
     *
     * @param matrix  {@code outputs × inputs}
     * @param bias    one number per output, or null for +0
     */
    public static PackedMatrix of(float[] matrix, float[] bias, int outputs, int inputs) {
        return of(matrix, new float[0], bias, outputs, inputs, 0);
    }

    /**
     * Packs two row-major matrices side by side, x's weights before h's.
     *
     * @param inputWeights     {@code outputs × inputSize}
     * @param recurrentWeights {@code outputs × recurrentSize}
     * @param bias             one number per output, or null for +0
     */
    public static PackedMatrix of(float[] inputWeights, float[] recurrentWeights, float[] bias, int outputs, int inputSize,
            int recurrentSize) {
        PackedMatrix packed = plain(outputs, inputSize + recurrentSize);
        for (int output = 0; output < outputs; output++) {
            packed.put(output, 0, inputWeights, output * inputSize, inputSize);
            packed.put(output, inputSize, recurrentWeights, output * recurrentSize, recurrentSize);
            packed.bias[output] = bias == null ? 0f : bias[output];
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
        PackedMatrix packed = plain(panels * PANEL, inputSize + recurrentSize);
        for (int gate = 0; gate < 4; gate++) {
            for (int unit = 0; unit < hidden; unit++) {
                int row = gate * hidden + unit;
                int column = unit / UNITS * PANEL + GATES[gate] + unit % UNITS;
                packed.put(column, 0, inputWeights, row * inputSize, inputSize);
                packed.put(column, inputSize, recurrentWeights, row * recurrentSize, recurrentSize);
                packed.bias[column] = bias[row];
            }
        }
        return packed;
    }

    /**
     * This matrix followed by a scale and shift of every output: {@code (matrix · x + bias) · scale + shift}, the products found in
     * float64 and rounded once.
     */
    public PackedMatrix scaled(double[] scale, double[] shift) {
        PackedMatrix scaled = plain(scale.length, inputs);
        for (int output = 0; output < scale.length; output++) {
            int at = panelOffset(output / PANEL) + output % PANEL;
            for (int k = 0; k < inputs; k++) {
                scaled.weights[at + k * PANEL] = (float) (weights[at + k * PANEL] * scale[output]);
            }
            scaled.bias[output] = (float) (bias[output] * scale[output] + shift[output]);
        }
        return scaled;
    }

    /**
     * Packs a GRU's two gate matrices, in groups of four panels as the class says.
     *
     * @param inputWeights     {@code 3·hidden × inputSize}, gates r z n
     * @param recurrentWeights {@code 3·hidden × hidden}, gates r z n
     * @param inputBias        {@code 3·hidden}
     * @param hiddenBias       {@code 3·hidden}; those of r and z are added to {@code inputBias}, in float32
     */
    public static PackedMatrix ofGru(float[] inputWeights, float[] recurrentWeights, float[] inputBias, float[] hiddenBias,
            int hidden, int inputSize) {
        PackedMatrix packed = gruPanels(hidden, inputSize);
        for (int unit = 0; unit < hidden; unit++) {
            int group = unit / GROUP_UNITS * GROUP;
            int inGroup = unit % GROUP_UNITS;
            int reset = group + RZ + inGroup / UNITS * 2 * UNITS + inGroup % UNITS;
            int update = reset + UNITS;
            for (int gate = 0; gate < 2; gate++) {
                int row = gate * hidden + unit;
                int column = gate == 0 ? reset : update;
                packed.put(column, 0, inputWeights, row * inputSize, inputSize);
                packed.put(column, inputSize, recurrentWeights, row * hidden, hidden);
                packed.bias[column] = inputBias[row] + hiddenBias[row];
            }
            int row = 2 * hidden + unit;
            packed.put(group + NX + inGroup, 0, inputWeights, row * inputSize, inputSize);
            packed.bias[group + NX + inGroup] = inputBias[row];
            packed.put(group + NH + inGroup, inputSize, recurrentWeights, row * hidden, hidden);
            packed.bias[group + NH + inGroup] = hiddenBias[row];
        }
        return packed;
    }

    private static PackedMatrix gruPanels(int hidden, int inputSize) {
        int panels = (hidden + GROUP_UNITS - 1) / GROUP_UNITS * GROUP_PANELS;
        int inputs = inputSize + hidden;
        int[] columns = new int[panels];
        int[] firstInput = new int[panels];
        int[] endInput = new int[panels];
        for (int panel = 0; panel < panels; panel++) {
            int unitsLeft = hidden - panel / GROUP_PANELS * GROUP_UNITS;
            int place = panel % GROUP_PANELS;
            boolean candidate = place == NX / PANEL || place == NH / PANEL;
            columns[panel] = columnsOf(candidate ? unitsLeft : 2 * unitsLeft - (place - RZ / PANEL) * PANEL);
            firstInput[panel] = place == NH / PANEL ? inputSize : 0;
            endInput[panel] = columns[panel] == 0 ? 0 : place == NX / PANEL ? inputSize : inputs;
        }
        return new PackedMatrix(inputs, columns, firstInput, endInput, GROUP_PANELS);
    }

    /** Sets those sums of a GRU that only h has a part in to where they begin, their bias. */
    public void beginHidden(int rows, float[] sums, int sumsOffset) {
        for (int row = 0; row < rows; row++) {
            for (int group = 0; group < bias.length; group += GROUP) {
                System.arraycopy(bias, group + NH, sums, sumsOffset + row * bias.length + group + NH, PANEL);
            }
        }
    }

    private void put(int column, int firstInput, float[] row, int rowOffset, int count) {
        int at = panelOffset(column / PANEL) + firstInput * PANEL + column % PANEL;
        for (int k = 0; k < count; k++) {
            weights[at + k * PANEL] = row[rowOffset + k];
        }
    }

    /** Outputs including those that fill up panels and groups. */
    public int paddedOutputs() {
        return bias.length;
    }

    /** The weights as they are laid out. */
    public float[] weights() {
        return weights;
    }

    /** The bias, one number per padded output. */
    public float[] bias() {
        return bias;
    }

    /**
     * The weights of inputs {@code from} to {@code from + count} laid out for tiles: strips of {@code width} outputs, in each the
     * weights of the first of these inputs, then of the second. Output j's strip begins at {@code LEAD + j / width · width · count}. Made at
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
        float[] made = new float[LEAD + bias.length * count];
        int at = LEAD;
        for (int output = 0; output < bias.length; output += width) {
            int panel = output / PANEL;
            boolean has = firstInput[panel] <= from && from + count <= endInput[panel];
            int row = panelOffset(panel) + from * PANEL + output % PANEL;
            for (int k = 0; has && k < count; k++) {
                System.arraycopy(weights, row + k * PANEL, made, at + k * width, width);
            }
            at += count * width;
        }
        strips = new Strips(from, count, made, strips);
        return made;
    }

    /** Weights of some of the inputs in strips; the next in a list of those that were made. */
    private record Strips(int from, int count, float[] weights, Strips next) {
    }

    /** Units from {@code first} on, of {@code hidden} padded to a multiple of {@value #UNITS}, that a panel or group has. */
    static int unitsLeft(int hidden, int first) {
        return Math.min(PANEL, (hidden - first + UNITS - 1) / UNITS * UNITS);
    }

    /** Where panel {@code panel} begins in {@link #weights}. */
    int panelOffset(int panel) {
        return panelOffsets[panel];
    }

    /** Columns of panel {@code panel} that are computed. */
    int panelColumns(int panel) {
        return panelColumns[panel];
    }
}
