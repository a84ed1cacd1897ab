package io.lanecell;

import io.lanecell.internal.kernel.Kernels;
import java.util.List;

/** The stages of a chain of layers, and the buffers between them. */
final class StageChain {
    private final List<Layer> layers;
    private final int inputSize;
    private final Stage[] stages;
    /** The shape that each stage takes in the run under way, and behind them the one that the chain gives. */
    private final SequenceShape[] shapes;
    // What one stage hands to the next: one step's rows, or a whole sequence's once there was a run.
    private float[] even = new float[0];
    private float[] odd = new float[0];
    private float[] unpadded = new float[0];

    /** @param before the stage that feeds the first; null for a whole model */
    StageChain(LayerChain chain, int batch, Kernels kernels, Workers workers, Stage before) {
        layers = chain.layers();
        inputSize = chain.inputSize();
        stages = new Stage[layers.size()];
        shapes = new SequenceShape[stages.length + 1];
        long widest = 0;
        for (int i = 0; i < stages.length; i++) {
            stages[i] = layers.get(i).newStage(batch, kernels, workers, i == 0 ? before : stages[i - 1]);
            widest = i == 0 ? 0 : Math.max(widest, (long) batch * layers.get(i).inputSize());
        }
        reserve(widest, batch, 1);
    }

    void placeState(StateLayout layout) {
        for (Stage stage : stages) {
            stage.placeState(layout);
        }
    }

    void step(float[][] state, int rows, float[] in, int inOffset, float[] out, int outOffset) {
        for (int i = 0; i < stages.length; i++) {
            boolean last = i == stages.length - 1;
            stages[i].step(state, rows, i == 0 ? in : buffer(i - 1), i == 0 ? inOffset : 0, last ? out : buffer(i),
                    last ? outOffset : 0);
        }
    }

    /** Whole sequences, whose padding may hold anything. */
    void run(float[][] state, SequenceShape sequence, float[] in, int inOffset, float[] out, int outOffset) {
        plan(sequence);
        if (sequence.hasPadding() && stages[0].readsPadding()) {
            compute(state, withoutPadding(sequence, in, inOffset), 0, out, outOffset);
        } else {
            compute(state, in, inOffset, out, outOffset);
        }
    }

    /**
     * The shape of what {@link #compute} will give for sequences of {@code sequence}'s, and room for computing it.
     *
     * @throws InvalidInputException if a layer can't take such sequences
     */
    SequenceShape plan(SequenceShape sequence) {
        long widest = 0;
        shapes[0] = sequence;
        for (int i = 0; i < stages.length; i++) {
            shapes[i + 1] = stages[i].plan(shapes[i]);
            long rows = (long) sequence.batch * shapes[i + 1].steps;
            widest = i == stages.length - 1 ? widest : Math.max(widest, rows * layers.get(i).outputSize());
        }
        reserve(widest, sequence.batch, sequence.steps);
        return shapes[stages.length];
    }

    /** The sequences that were {@link #plan planned}. */
    void compute(float[][] state, float[] in, int inOffset, float[] out, int outOffset) {
        for (int i = 0; i < stages.length; i++) {
            boolean last = i == stages.length - 1;
            stages[i].run(state, shapes[i], i == 0 ? in : buffer(i - 1), i == 0 ? inOffset : 0, last ? out : buffer(i),
                    last ? outOffset : 0);
        }
    }

    /** The input with zeros for padding, which may hold anything and which a layer without lengths would read. */
    private float[] withoutPadding(SequenceShape sequence, float[] in, int inOffset) {
        int size = sequence.batch * sequence.steps * inputSize;
        if (unpadded.length < size) {
            unpadded = new float[size];
        }
        System.arraycopy(in, inOffset, unpadded, 0, size);
        sequence.zeroPadding(unpadded, 0, inputSize);
        return unpadded;
    }

    int hiddenStateSize() {
        int size = 0;
        for (Stage stage : stages) {
            size += stage.hiddenStateSize();
        }
        return size;
    }

    int cellStateSize() {
        int size = 0;
        for (Stage stage : stages) {
            size += stage.cellStateSize();
        }
        return size;
    }

    void getState(float[][] state, float[] h, int hOffset, float[] c, int cOffset) {
        for (Stage stage : stages) {
            stage.getState(state, h, hOffset, c, cOffset);
            hOffset += stage.hiddenStateSize();
            cOffset += stage.cellStateSize();
        }
    }

    void setState(float[][] state, float[] h, int hOffset, float[] c, int cOffset) {
        for (Stage stage : stages) {
            stage.setState(state, h, hOffset, c, cOffset);
            hOffset += stage.hiddenStateSize();
            cOffset += stage.cellStateSize();
        }
    }

    private float[] buffer(int stage) {
        return stage % 2 == 0 ? even : odd;
    }

    /** Makes the buffers large enough for {@code widest} floats; done before anything is computed. */
    private void reserve(long widest, int batch, int steps) {
        if (widest > Integer.MAX_VALUE - 64) {
            throw new InvalidInputException("a sequence of " + steps + " steps in a batch of " + batch
                    + " is too long for the arrays between the layers: run it in parts, the state carries over");
        }
        if (even.length < widest) {
            even = new float[(int) widest];
            odd = new float[stages.length > 2 ? (int) widest : 0];
        }
    }
}
