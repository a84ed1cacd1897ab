package io.lanecell;

import io.lanecell.internal.kernel.Kernels;

/** Branches, each computed into a buffer and then put side by side or summed. */
final class BranchesStage extends Stage {
    private final Branches layer;
    private final StageChain[] chains;
    private final int batch;
    private final Kernels kernels;
    /** The result of the branch under way. */
    private float[] result;
    /** Floats in a row of the widest result. */
    private final int widest;
    private SequenceShape after;

    BranchesStage(Branches layer, StageChain[] chains, int batch, Kernels kernels) {
        this.layer = layer;
        this.chains = chains;
        this.batch = batch;
        this.kernels = kernels;
        int size = 0;
        for (LayerChain chain : layer.chains()) {
            size = chain.layers().isEmpty() ? size : Math.max(size, chain.outputSize());
        }
        widest = size;
        result = new float[batch * widest];
    }

    @Override
    void step(float[][] state, int rows, float[] in, int inOffset, float[] out, int outOffset) {
        int column = 0;
        for (int i = 0; i < chains.length; i++) {
            if (isEmpty(i)) {
                column = join(i, in, inOffset, rows, out, outOffset, column);
            } else {
                chains[i].step(state, rows, in, inOffset, result, 0);
                column = join(i, result, 0, rows, out, outOffset, column);
            }
        }
    }

    @Override
    SequenceShape plan(SequenceShape shape) {
        for (int i = 0; i < chains.length; i++) {
            SequenceShape given = chains[i].plan(shape);
            if (i > 0 && !given.hasExtentsOf(after)) {
                throw new InvalidInputException(layer.place() + ": of sequences of " + shape.steps + " steps branches[0] gives "
                        + after.steps + " where branches[" + i + "] gives " + given.steps
                        + " (or other lengths), which can't be joined: give another number of steps");
            }
            after = given;
        }
        long size = (long) batch * after.steps * widest;
        if (size > Integer.MAX_VALUE - 64) {
            throw new InvalidInputException(layer.place() + ": " + after.steps + " steps in a batch of " + batch
                    + " are too many for one array: run the sequence in parts, the state carries over");
        }
        if (result.length < size) {
            result = new float[(int) size];
        }
        return after;
    }

    @Override
    void run(float[][] state, SequenceShape shape, float[] in, int inOffset, float[] out, int outOffset) {
        int rows = batch * after.steps;
        int column = 0;
        for (int i = 0; i < chains.length; i++) {
            if (isEmpty(i)) {
                column = join(i, in, inOffset, rows, out, outOffset, column);
            } else {
                chains[i].compute(state, in, inOffset, result, 0);
                column = join(i, result, 0, rows, out, outOffset, column);
            }
        }
    }

    private boolean isEmpty(int branch) {
        return layer.chains().get(branch).layers().isEmpty();
    }

    /** Adds a branch's rows to the output's, or puts them there from {@code column} on. Returns the next branch's column. */
    private int join(int branch, float[] from, int fromOffset, int rows, float[] out, int outOffset, int column) {
        int size = layer.chains().get(branch).outputSize();
        int width = layer.outputSize();
        if (layer.isSum()) {
            if (branch == 0) {
                System.arraycopy(from, fromOffset, out, outOffset, rows * size);
            } else {
                kernels.add(from, fromOffset, out, outOffset, rows * size);
            }
            return 0;
        }
        for (int row = 0; row < rows; row++) {
            System.arraycopy(from, fromOffset + row * size, out, outOffset + row * width + column, size);
        }
        return column + size;
    }

    @Override
    boolean readsPadding() {
        return true;
    }

    @Override
    void placeState(StateLayout layout) {
        for (StageChain chain : chains) {
            chain.placeState(layout);
        }
    }

    @Override
    int hiddenStateSize() {
        int size = 0;
        for (StageChain chain : chains) {
            size += chain.hiddenStateSize();
        }
        return size;
    }

    @Override
    int cellStateSize() {
        int size = 0;
        for (StageChain chain : chains) {
            size += chain.cellStateSize();
        }
        return size;
    }

    @Override
    void getState(float[][] state, float[] h, int hOffset, float[] c, int cOffset) {
        for (StageChain chain : chains) {
            chain.getState(state, h, hOffset, c, cOffset);
            hOffset += chain.hiddenStateSize();
            cOffset += chain.cellStateSize();
        }
    }

    @Override
    void setState(float[][] state, float[] h, int hOffset, float[] c, int cOffset) {
        for (StageChain chain : chains) {
            chain.setState(state, h, hOffset, c, cOffset);
            hOffset += chain.hiddenStateSize();
            cOffset += chain.cellStateSize();
        }
    }
}
