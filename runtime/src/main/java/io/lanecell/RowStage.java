package io.lanecell;

/** A layer without state or memory of other steps: every row is computed by itself, whatever the layout. */
abstract class RowStage extends Stage {
    /** Rows computed at a time, so that scratch doesn't grow with the sequence. */
    private static final int BLOCK = 64;

    private final int inputSize;
    private final int outputSize;

    RowStage(int inputSize, int outputSize) {
        this.inputSize = inputSize;
        this.outputSize = outputSize;
    }

    /** Computes {@code rows} rows that lie one after another. */
    abstract void rows(int rows, float[] in, int inOffset, float[] out, int outOffset);

    @Override
    void step(float[][] state, int rows, float[] in, int inOffset, float[] out, int outOffset) {
        rows(rows, in, inOffset, out, outOffset);
    }

    @Override
    boolean readsPadding() {
        return true;
    }

    @Override
    void run(float[][] state, SequenceShape shape, float[] in, int inOffset, float[] out, int outOffset) {
        int rows = shape.batch * shape.steps;
        for (int row = 0; row < rows; row += BLOCK) {
            rows(Math.min(BLOCK, rows - row), in, inOffset + row * inputSize, out, outOffset + row * outputSize);
        }
    }
}
