package io.lanecell;

/** A layer that makes one row of each whole sequence, and so never steps. */
abstract class WholeSequenceStage extends Stage {
    private final SequenceShape oneRow;

    WholeSequenceStage(int batch) {
        oneRow = SequenceShape.ofOneStep(batch);
    }

    @Override
    void step(float[][] state, int rows, float[] in, int inOffset, float[] out, int outOffset) {
        throw new AssertionError("a model with a layer that needs the whole sequence was stepped");
    }

    @Override
    SequenceShape plan(SequenceShape shape) {
        return oneRow;
    }
}
