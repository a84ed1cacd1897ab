package io.lanecell.internal.kernel;

import io.lanecell.ActivationFunction;

/**
 * One call of an {@link Operation} on scratch data, as little of it as calls every method: in the interpreter an operation on a vector takes a
 * microsecond, and it is calls that bring a method to the compiler. Long rows would have it compile loops entered in the middle first, which
 * short rows never get to. What is fast for these is so for models of any shape.
 */
final class ScratchCalls {
    private static final int INPUTS = 8;
    private static final int HIDDEN = 32;
    /** As if there were a projection to so few. */
    private static final int RECURRENT = 2;
    private static final int RNN_HIDDEN = 64;
    /** A whole panel and half of one: every width of product. */
    private static final int OUTPUTS = 96;
    /** Two rows, a tile and a lone row, and more than the tallest tile holds: every height. */
    private static final int[] ROWS = {2, 5, 11};
    private static final int MOST_ROWS = 11;
    private static final int CELL_ROWS = 8;
    private static final int LARGEST = 1024;
    /** A multiple of no number of lanes, so that tails are compiled too. */
    private static final int COUNT = 37;
    private static final ActivationFunction[] FUNCTIONS = {ActivationFunction.RELU, ActivationFunction.LEAKY_RELU,
            ActivationFunction.SIGMOID, ActivationFunction.SILU, ActivationFunction.TANH, ActivationFunction.GELU};

    private final float[] x = new float[LARGEST];
    private final float[] y = new float[LARGEST];
    private final float[] sums = new float[MOST_ROWS * 4 * PackedMatrix.GROUP];
    private final float[] h = new float[LARGEST];
    private final float[] hNext = new float[PackedMatrix.GROUP];
    private final float[] packed = new float[(MOST_ROWS + 2) * 2 * INPUTS];
    private final float[] partials = new float[Reductions.PARTIALS];
    private final PackedMatrix matrix;

    ScratchCalls(Operation operation) {
        for (int i = 0; i < x.length; i++) {
            x[i] = i % 7 * 0.125f - 0.375f;
        }
        matrix = switch (operation) {
            case MULTIPLY_ROW, MULTIPLY_ROWS -> PackedMatrix.of(new float[OUTPUTS * INPUTS], null, OUTPUTS, INPUTS);
            case MULTIPLY_JOINED -> PackedMatrix.of(new float[OUTPUTS * 2 * INPUTS], null, OUTPUTS, 2 * INPUTS);
            case LSTM_STEP -> PackedMatrix.ofGates(new float[4 * HIDDEN * INPUTS], new float[4 * HIDDEN * RECURRENT],
                    new float[4 * HIDDEN], HIDDEN, INPUTS, RECURRENT);
            case GRU_STEP -> PackedMatrix.ofGru(new float[3 * RNN_HIDDEN * INPUTS], new float[3 * RNN_HIDDEN * RNN_HIDDEN],
                    new float[3 * RNN_HIDDEN], new float[3 * RNN_HIDDEN], RNN_HIDDEN, INPUTS);
            case RNN_STEP -> PackedMatrix.of(new float[RNN_HIDDEN * INPUTS], new float[RNN_HIDDEN * RNN_HIDDEN],
                    new float[RNN_HIDDEN], RNN_HIDDEN, INPUTS, RNN_HIDDEN);
            default -> null;
        };
    }

    void call(Operation operation, Kernels kernels) {
        switch (operation) {
            case MULTIPLY_ROW -> kernels.multiply(matrix, 0, INPUTS, x, 0, INPUTS, 1, matrix.bias(), 0, 0, sums, 0,
                    matrix.paddedOutputs(), packed);
            case MULTIPLY_ROWS -> {
                for (int rows : ROWS) {
                    kernels.multiply(matrix, 0, INPUTS, x, 0, INPUTS, rows, matrix.bias(), 0, 0, sums, 0,
                            matrix.paddedOutputs(), packed);
                }
            }
            case MULTIPLY_JOINED -> {
                for (int rows : ROWS) {
                    kernels.multiply(matrix, x, 0, INPUTS, INPUTS, y, INPUTS, INPUTS, rows, sums,
                            matrix.paddedOutputs(), packed);
                }
            }
            case LSTM_STEP -> kernels.lstmStep(matrix, matrix.bias(), 0, x, 0, INPUTS, h, RECURRENT, y, hNext, sums, false);
            case LSTM_CELL -> kernels.lstmCell(CELL_ROWS, HIDDEN, sums, 0, 4 * HIDDEN, y, h, HIDDEN);
            case GRU_STEP -> kernels.gruStep(matrix, matrix.bias(), 0, x, 0, INPUTS, h, RNN_HIDDEN, hNext, sums, false);
            case GRU_CELL -> kernels.gruCell(CELL_ROWS, RNN_HIDDEN, sums, 0, 2 * PackedMatrix.GROUP, h, RNN_HIDDEN);
            case RNN_STEP -> {
                kernels.rnnStep(false, matrix, matrix.bias(), 0, x, 0, INPUTS, h, RNN_HIDDEN, hNext, sums, false);
                kernels.rnnStep(true, matrix, matrix.bias(), 0, x, 0, INPUTS, h, RNN_HIDDEN, hNext, sums, false);
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
            case SOFTMAX -> kernels.softmax(x, 0, COUNT, y, 0);
            case ACTIVATE -> {
                for (ActivationFunction function : FUNCTIONS) {
                    kernels.activate(function, function.defaultParameter(), x, 0, y, 0, COUNT);
                }
            }
            case ADD_SCALED -> kernels.addScaled(0.5f, x, 0, h, 0, COUNT);
            case ADD -> kernels.add(x, 0, h, 0, COUNT);
            case MAX -> kernels.max(x, 0, h, 0, COUNT);
            case SCALE_AND_SHIFT -> kernels.scaleAndShift(x, 0, x, x, y, 0, COUNT);
            case LAYER_NORM -> kernels.layerNorm(x, 0, COUNT, x, x, 0.5f, y, 0, partials);
            case DOTS -> kernels.dots(x, 0, INPUTS, CELL_ROWS, x, 0, INPUTS, h, 0, partials);
            case OWN_INPUTS -> kernels.ownInputs(x, 3, 1, COUNT, y, x, 0, COUNT, h, 0);
            default -> throw new AssertionError(operation);
        }
    }
}
