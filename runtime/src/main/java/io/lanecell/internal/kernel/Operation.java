package io.lanecell.internal.kernel;

/** What {@link Kernels} can do, as far as its vector form needs warming: each is compiled, and switched to, by itself. */
enum Operation {
    MULTIPLY_ROW(0.5), MULTIPLY_ROWS(0.5), MULTIPLY_JOINED(0.5), LSTM_STEP(0.5), LSTM_CELL(1), GRU_STEP(0.5), GRU_CELL(
            1), RNN_STEP(
                    0.5), RNN_CELL(1), SOFTMAX(2), ACTIVATE(2), ADD_SCALED(2), ADD(2), MAX(2), SCALE_AND_SHIFT(2), LAYER_NORM(
                            2), DOTS(
                                    2), OWN_INPUTS(2);

    /**
     * The vector form is warm when it takes less than this part of the scalar twin's time. Compiled by C2 it is several times
     * faster than the twin where there is much arithmetic, about as fast where C2 makes vectors of the twin too; interpreted or
     * compiled by C1 it is 15 times slower at the least, so neither figure can be mistaken.
     */
    final double ofScalarTime;

    Operation(double ofScalarTime) {
        this.ofScalarTime = ofScalarTime;
    }
}
