package io.lanecell;

import io.lanecell.internal.kernel.Kernels;
import java.util.Arrays;

/**
 * A convolution's part. One that looks only back keeps each sequence's last steps, so that single steps, parts of a
 * sequence and the whole give the same bits; any other begins every run anew.
 */
final class Conv1dStage extends Stage {
    /** Outputs computed at a time: enough to use each weight several times, few enough that their windows stay in cache. */
    private static final int BLOCK = 32;

    private final Conv1d layer;
    private final StepWindow window;
    private final int batch;
    private final Kernels kernels;
    private final int rowSize;
    /**
     * Which of a session's arrays is a causal convolution's past: for each sequence the steps before, as far as it looks back, and room
     * for one step more.
     */
    private int pastSlot;
    private SequenceShape after;
    // A sequence with its padding; outputs and scratch of a block.
    private float[] padded = new float[0];
    private float[] results;
    private float[] scratch;

    Conv1dStage(Conv1d layer, int batch, Kernels kernels) {
        this.layer = layer;
        this.batch = batch;
        this.kernels = kernels;
        window = layer.window();
        rowSize = layer.rowSize();
        long pastSize = window.isCausal() ? (long) batch * (window.reach() + 1) * rowSize : 0;
        arraySize(pastSize, "the steps that it looks back on");
        int rows = window.isCausal() ? batch : 0;
        results = new float[rows * layer.resultSize()];
        scratch = new float[layer.scratchSize(rows)];
    }

    @Override
    void placeState(StateLayout layout) {
        if (window.isCausal()) {
            pastSlot = layout.add("a causal convolution's past", 0, batch, (window.reach() + 1) * rowSize,
                    window.reach() * rowSize);
        }
    }

    @Override
    void step(float[][] state, int rows, float[] in, int inOffset, float[] out, int outOffset) {
        float[] past = state[pastSlot];
        int size = (window.reach() + 1) * rowSize;
        for (int n = 0; n < rows; n++) {
            layer.layOut(in, inOffset + n * layer.inputSize(), past, n * size + window.reach() * rowSize);
        }
        layer.compute(kernels, rows, past, 0, size, results, scratch);
        for (int n = 0; n < rows; n++) {
            System.arraycopy(results, n * layer.resultSize(), out, outOffset + n * layer.outputSize(), layer.outputSize());
            System.arraycopy(past, n * size + rowSize, past, n * size, size - rowSize);
        }
    }

    @Override
    SequenceShape plan(SequenceShape shape) {
        if (after == null) {
            after = shape.another();
        }
        window.apply(shape, after, layer.place());
        long size = ((long) window.left() + shape.longest + window.right()) * rowSize;
        if (padded.length < size) {
            padded = new float[arraySize(size, "a sequence of " + shape.longest + " steps and its padding")];
        }
        int rows = Math.min(BLOCK, after.longest);
        if (results.length < rows * layer.resultSize()) {
            results = new float[rows * layer.resultSize()];
        }
        if (scratch.length < layer.scratchSize(rows)) {
            scratch = new float[layer.scratchSize(rows)];
        }
        return after;
    }

    private int arraySize(long size, String what) {
        if (size > Integer.MAX_VALUE - 64) {
            throw new InvalidInputException(layer.place() + ": " + what + " take " + size
                    + " floats, too many for one array: run it in parts or in smaller batches");
        }
        return (int) size;
    }

    @Override
    void run(float[][] state, SequenceShape shape, float[] in, int inOffset, float[] out, int outOffset) {
        for (int n = 0; n < batch; n++) {
            pad(state, shape, n, in, inOffset);
            for (int first = 0; first < after.length(n); first += BLOCK) {
                int rows = Math.min(BLOCK, after.length(n) - first);
                int stride = window.stride() * rowSize;
                layer.compute(kernels, rows, padded, first * stride, stride, results, scratch);
                for (int row = 0; row < rows; row++) {
                    System.arraycopy(results, row * layer.resultSize(), out,
                            outOffset + after.row(n, first + row) * layer.outputSize(), layer.outputSize());
                }
            }
            if (window.isCausal()) {
                System.arraycopy(padded, shape.length(n) * rowSize, state[pastSlot], n * (window.reach() + 1) * rowSize,
                        window.reach() * rowSize);
            }
        }
        after.zeroPadding(out, outOffset, layer.outputSize());
    }

    /** Lays a sequence out between what it looks back on, or zeros, and zeros. */
    private void pad(float[][] state, SequenceShape shape, int n, float[] in, int inOffset) {
        int at = window.left() * rowSize;
        if (window.isCausal()) {
            System.arraycopy(state[pastSlot], n * (window.reach() + 1) * rowSize, padded, 0, at);
        } else {
            Arrays.fill(padded, 0, at, 0f);
        }
        for (int t = 0; t < shape.length(n); t++) {
            layer.layOut(in, inOffset + shape.row(n, t) * layer.inputSize(), padded, at);
            at += rowSize;
        }
        Arrays.fill(padded, at, at + window.right() * rowSize, 0f);
    }
}
