package io.lanecell.internal.kernel;

import io.lanecell.ActivationFunction;

/**
 * One call of an {@link Operation} on scratch data. Long rows bring the compiler to the loops inside soon, but to loops entered in
 * the middle, which short rows never get to; so short ones must be fast as well before anybody relies on it. Two unit blocks at
 * least. The shapes of models don't matter, so this warms all of them.
 */
final class ScratchCalls {
    private static final int LONG = 1000;
    private static final int SHORT = 40;
    private static final int HIDDEN = 32;
    private static final int RNN_HIDDEN = 128;
    /** A whole panel and half of one: every width of product. */
    private static final int OUTPUTS = 96;
    /** Two rows, a tile and a lone row, and more than the tallest tile holds: every height. */
    private static final int[] ROWS = {2, 5, 11};
    private static final int MOST_ROWS = 11;
    private static final int CELL_ROWS = 8;
    /** Makes a count that is a multiple of no number of lanes, so that tails are compiled too. */
    private static final int TAIL = 5;
    private static final ActivationFunction[] FUNCTIONS = {ActivationFunction.RELU, ActivationFunction.LEAKY_RELU,
            ActivationFunction.SIGMOID, ActivationFunction.SILU, ActivationFunction.TANH, ActivationFunction.GELU};

    private final int inputs;
    private final int count;
    private final float[] x = new float[MOST_ROWS * (LONG + TAIL)];
    private final float[] y = new float[MOST_ROWS * (LONG + TAIL)];
    private final float[] sums = new float[MOST_ROWS * 4 * PackedMatrix.GROUP];
    private final float[] h = new float[MOST_ROWS * (LONG + TAIL)];
    private final float[] hNext = new float[PackedMatrix.GROUP];
    private final float[] packed = new float[(MOST_ROWS + 2) * 2 * LONG];
    private final float[] partials = new float[Reductions.PARTIALS];
    private final PackedMatrix matrix;

    ScratchCalls(Operation operation, boolean longRows) {
        inputs = longRows ? LONG : SHORT;
        count = inputs + TAIL;
        for (int i = 0; i < x.length; i++) {
            x[i] = i % 7 * 0.125f - 0.375f;
        }
        matrix = switch (operation) {
            case MULTIPLY_ROW -> PackedMatrix.of(new float[OUTPUTS * inputs], null, OUTPUTS, inputs);
            case MULTIPLY_ROWS -> PackedMatrix.of(new float[OUTPUTS * inputs], null, OUTPUTS, inputs);
            case MULTIPLY_JOINED -> PackedMatrix.of(new float[OUTPUTS * 2 * inputs], null, OUTPUTS, 2 * inputs);
            case LSTM_STEP -> PackedMatrix.ofGates(new float[4 * HIDDEN * inputs], new float[4 * HIDDEN * HIDDEN],
                    new float[4 * HIDDEN], HIDDEN, inputs, HIDDEN);
            case GRU_STEP -> PackedMatrix.ofGru(new float[3 * RNN_HIDDEN * inputs], new float[3 * RNN_HIDDEN * RNN_HIDDEN],
                    new float[3 * RNN_HIDDEN], new float[3 * RNN_HIDDEN], RNN_HIDDEN, inputs);
            case RNN_STEP -> PackedMatrix.of(new float[RNN_HIDDEN * inputs], new float[RNN_HIDDEN * RNN_HIDDEN],
                    new float[RNN_HIDDEN], RNN_HIDDEN, inputs, RNN_HIDDEN);
            default -> null;
        };
    }

    void call(Operation operation, Kernels kernels) {
        switch (operation) {
            case MULTIPLY_ROW -> kernels.multiply(matrix, 0, inputs, x, 0, inputs, 1, matrix.bias(), 0, 0, sums, 0,
                    matrix.paddedOutputs(), packed);
            case MULTIPLY_ROWS -> {
                for (int rows : ROWS) {
                    kernels.multiply(matrix, 0, inputs, x, 0, inputs, rows, matrix.bias(), 0, 0, sums, 0,
                            matrix.paddedOutputs(), packed);
                }
            }
            case MULTIPLY_JOINED -> {
                for (int rows : ROWS) {
                    kernels.multiply(matrix, x, 0, inputs, inputs, y, inputs, inputs, rows, sums,
                            matrix.paddedOutputs(), packed);
                }
            }
            case LSTM_STEP -> kernels.lstmStep(matrix, matrix.bias(), 0, x, 0, inputs, h, HIDDEN, y, hNext, sums, false);
            case LSTM_CELL -> kernels.lstmCell(CELL_ROWS, HIDDEN, sums, 0, 4 * HIDDEN, y, h, HIDDEN);
            case GRU_STEP -> kernels.gruStep(matrix, matrix.bias(), 0, x, 0, inputs, h, RNN_HIDDEN, hNext, sums, false);
            case GRU_CELL -> kernels.gruCell(CELL_ROWS, RNN_HIDDEN, sums, 0, 2 * PackedMatrix.GROUP, h, RNN_HIDDEN);
            case RNN_STEP -> {
                kernels.rnnStep(false, matrix, matrix.bias(), 0, x, 0, inputs, h, RNN_HIDDEN, hNext, sums, false);
                kernels.rnnStep(true, matrix, matrix.bias(), 0, x, 0, inputs, h, RNN_HIDDEN, hNext, sums, false);
            }
            case RNN_CELL -> {
                kernels.rnnCell(false, CELL_ROWS, RNN_HIDDEN, sums, 0, RNN_HIDDEN, h, RNN_HIDDEN);
                kernels.rnnCell(true, CELL_ROWS, RNN_HIDDEN, sums, 0, RNN_HIDDEN, h, RNN_HIDDEN);
            }
            default -> callRows(operation, kernels);
        }
    }

    private void callRows(Operation operation, Kernels kernels) {
        switch (operation) {
            case SOFTMAX -> kernels.softmax(x, 0, count, y, 0);
            case ACTIVATE -> {
                for (ActivationFunction function : FUNCTIONS) {
                    kernels.activate(function, function.defaultParameter(), x, 0, y, 0, count);
                }
            }
            case ADD_SCALED -> kernels.addScaled(0.5f, x, 0, h, 0, count);
            case ADD -> kernels.add(x, 0, h, 0, count);
            case MAX -> kernels.max(x, 0, h, 0, count);
            case SCALE_AND_SHIFT -> kernels.scaleAndShift(x, 0, x, x, y, 0, count);
            case LAYER_NORM -> kernels.layerNorm(x, 0, count, x, x, 0.5f, y, 0, partials);
            case DOTS -> kernels.dots(x, 0, inputs, CELL_ROWS, x, 0, inputs, h, 0, partials);
            case OWN_INPUTS -> kernels.ownInputs(x, 3, 1, count, y, x, 0, count, h, 0);
            default -> throw new AssertionError(operation);
        }
    }
}
