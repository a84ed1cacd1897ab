package io.lanecell;

import io.lanecell.internal.kernel.Kernels;
import java.util.List;

/** The stages of one session and the buffers between them. */
final class StageChain {
    private final List<Layer> layers;
    private final Stage[] stages;
    private final SequenceShape selected;
    // What one stage hands to the next: one step's rows, or a whole sequence's once there was a run.
    private float[] even;
    private float[] odd;
    private float[] unpadded = new float[0];

    StageChain(List<Layer> layers, int batch, Kernels kernels, Workers workers) {
        this.layers = layers;
        this.stages = new Stage[layers.size()];
        for (int i = 0; i < stages.length; i++) {
            stages[i] = layers.get(i).newStage(batch, kernels, workers, i == 0 ? null : stages[i - 1]);
        }
        selected = new SequenceShape(batch, true);
        selected.set(1, null);
        reserve(batch, 1);
    }

    void step(float[] in, int inOffset, float[] out, int outOffset) {
        for (int i = 0; i < stages.length; i++) {
            boolean last = i == stages.length - 1;
            stages[i].step(i == 0 ? in : buffer(i - 1), i == 0 ? inOffset : 0, last ? out : buffer(i), last ? outOffset : 0);
        }
    }

    void run(SequenceShape sequence, float[] in, int inOffset, float[] out, int outOffset) {
        reserve(sequence.batch, sequence.steps);
        if (sequence.hasPadding() && stages[0] instanceof RowStage) {
            in = withoutPadding(sequence, in, inOffset);
            inOffset = 0;
        }
        SequenceShape shape = sequence;
        for (int i = 0; i < stages.length; i++) {
            boolean last = i == stages.length - 1;
            stages[i].run(shape, i == 0 ? in : buffer(i - 1), i == 0 ? inOffset : 0, last ? out : buffer(i),
                    last ? outOffset : 0);
            if (layers.get(i) instanceof Selection) {
                shape = selected;
            }
        }
    }

    /** The input with zeros for padding, which may hold anything and which a layer without lengths would read. */
    private float[] withoutPadding(SequenceShape sequence, float[] in, int inOffset) {
        int width = layers.getFirst().inputSize();
        int size = sequence.batch * sequence.steps * width;
        if (unpadded.length < size) {
            unpadded = new float[size];
        }
        System.arraycopy(in, inOffset, unpadded, 0, size);
        sequence.zeroPadding(unpadded, 0, width);
        return unpadded;
    }

    void reset() {
        for (Stage stage : stages) {
            stage.reset();
        }
    }

    void getState(float[] h, int hOffset, float[] c, int cOffset) {
        for (Stage stage : stages) {
            if (stage instanceof RecurrentStage recurrent) {
                recurrent.getState(h, hOffset, c, cOffset);
                hOffset += recurrent.hiddenStateSize();
                cOffset += recurrent.cellStateSize();
            }
        }
    }

    void setState(float[] h, int hOffset, float[] c, int cOffset) {
        for (Stage stage : stages) {
            if (stage instanceof RecurrentStage recurrent) {
                recurrent.setState(h, hOffset, c, cOffset);
                hOffset += recurrent.hiddenStateSize();
                cOffset += recurrent.cellStateSize();
            }
        }
    }

    private float[] buffer(int stage) {
        return stage % 2 == 0 ? even : odd;
    }

    /** Makes the buffers large enough for sequences of {@code steps} steps; done before anything is computed. */
    private void reserve(int batch, int steps) {
        long rows = (long) batch * steps;
        long widest = 0;
        for (int i = 0; i < stages.length - 1; i++) {
            widest = Math.max(widest, rows * layers.get(i).outputSize());
        }
        if (widest > Integer.MAX_VALUE - 64) {
            throw new InvalidInputException("a sequence of " + steps + " steps in a batch of " + batch
                    + " is too long for the arrays between the layers: run it in parts, the state carries over");
        }
        if (even == null || even.length < widest) {
            even = new float[(int) widest];
            odd = new float[stages.length > 2 ? (int) widest : 0];
        }
    }
}
