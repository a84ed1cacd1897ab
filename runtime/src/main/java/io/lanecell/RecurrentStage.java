package io.lanecell;

import io.lanecell.internal.kernel.Kernels;

/**
 * What an LSTM, GRU or RNN does. With workers its work is shared out: the sequences of a batch; the directions of a small
 * bidirectional one; the hidden units of a single sequence.
 */
final class RecurrentStage extends Stage {
    /** Sequences of a bidirectional layer from which on each worker gets enough of them to keep the tiles full. */
    private static final int ROWS_RATHER_THAN_DIRECTIONS = 8;

    private final RecurrentGeometry geometry;
    private final int batch;
    private final Workers workers;
    private final boolean shareDirections;
    private final boolean shareUnits;
    /** The batch's sequences, all together or, where they are shared out, a worker's each. */
    private final RecurrentRows[] parts;
    // What one layer hands to the next: one step's rows, or a whole sequence's once there was a run.
    private float[] below = new float[0];
    private float[] above = new float[0];
    // Tasks for the workers, made once so that no call allocates one; the call under way is set before they are woken.
    private final Workers.Task stepRows;
    private final Workers.Task runRows;
    private final Workers.Task runDirection;
    private final Workers.Task runUnits;
    private float[][] state;
    private int steppedRows;
    private SequenceShape shape;
    private float[] in;
    private int inOffset;
    private float[] out;
    private int outOffset;
    private int layer;
    private int direction;

    RecurrentStage(RecurrentLayer recurrent, int batch, Kernels kernels, Workers workers) {
        geometry = recurrent.geometry();
        this.batch = batch;
        this.workers = workers == null || workers.count() == 1 ? null : workers;
        boolean share = this.workers != null && batch > 0;
        stepRows = share ? this::stepRows : null;
        runRows = share ? this::runRows : null;
        runDirection = share ? this::runDirection : null;
        runUnits = share ? this::runUnits : null;
        shareDirections = share && geometry.bidirectional() && batch < ROWS_RATHER_THAN_DIRECTIONS;
        RecurrentCell cell = recurrent.cell(0, 0);
        shareUnits = share && !geometry.bidirectional() && batch == 1 && cell.stepsAlone() && cell.gates.groups() > 1;
        int shares = share && !shareDirections && !shareUnits ? Math.min(workers.count(), batch) : 1;
        parts = new RecurrentRows[shares];
        for (int i = 0; i < shares; i++) {
            parts[i] = new RecurrentRows(recurrent, batch * i / shares, batch * (i + 1) / shares, kernels,
                    shareUnits ? workers.count() : 1);
        }
        if (geometry.numLayers() > 1) {
            below = new float[batch * geometry.outputSize()];
            above = new float[batch * geometry.outputSize()];
        }
    }

    @Override
    void placeState(StateLayout layout) {
        for (RecurrentRows sequences : parts) {
            sequences.placeState(layout);
        }
    }

    @Override
    void step(float[][] state, int rows, float[] in, int inOffset, float[] out, int outOffset) {
        if (parts.length == 1) {
            parts[0].step(state, rows, in, inOffset, out, outOffset, below, above);
            return;
        }
        set(state, null, in, inOffset, out, outOffset);
        steppedRows = rows;
        workers.run(stepRows);
        set(null, null, null, 0, null, 0);
    }

    private void stepRows(int part) {
        if (part < parts.length && parts[part].first < steppedRows) {
            parts[part].step(state, Math.min(parts[part].end, steppedRows) - parts[part].first, in, inOffset, out, outOffset,
                    below, above);
        }
    }

    @Override
    void run(float[][] state, SequenceShape shape, float[] in, int inOffset, float[] out, int outOffset) {
        int size = shape.batch * shape.steps * geometry.outputSize();
        if (geometry.numLayers() > 1 && below.length < size) {
            below = new float[size];
            above = new float[size];
        }
        set(state, shape, in, inOffset, out, outOffset);
        if (parts.length > 1) {
            workers.run(runRows);
        } else {
            for (layer = 0; layer < geometry.numLayers(); layer++) {
                if (shareDirections) {
                    workers.run(runDirection);
                } else {
                    for (direction = 0; direction < geometry.directions(); direction++) {
                        if (shareUnits) {
                            parts[0].direction(layer, direction).reserveRun();
                            workers.run(runUnits);
                        } else {
                            run(parts[0], shape, layer, direction, 0);
                        }
                    }
                }
            }
        }
        set(null, null, null, 0, null, 0);
        shape.zeroPadding(out, outOffset, geometry.outputSize());
    }

    private void set(float[][] state, SequenceShape shape, float[] in, int inOffset, float[] out, int outOffset) {
        this.state = state;
        this.shape = shape;
        this.in = in;
        this.inOffset = inOffset;
        this.out = out;
        this.outOffset = outOffset;
    }

    private void runRows(int part) {
        if (part < parts.length) {
            SequenceShape own = parts[part].shape(shape);
            for (int l = 0; l < geometry.numLayers(); l++) {
                for (int d = 0; d < geometry.directions(); d++) {
                    run(parts[part], own, l, d, 0);
                }
            }
        }
    }

    private void runDirection(int part) {
        if (part < geometry.directions()) {
            run(parts[0], shape, layer, part, 0);
        }
    }

    private void runUnits(int part) {
        run(parts[0], shape, layer, direction, part);
    }

    private void run(RecurrentRows sequences, SequenceShape own, int l, int d, int unitShare) {
        boolean last = l == geometry.numLayers() - 1;
        float[] from = l == 0 ? in : l % 2 == 1 ? below : above;
        float[] to = last ? out : l % 2 == 0 ? below : above;
        int column = d * geometry.outputSizePerDirection();
        sequences.direction(l, d).run(state, own, from, l == 0 ? inOffset : 0, to, last ? outOffset : 0, geometry.outputSize(),
                column,
                unitShare, shareUnits ? workers : null);
    }

    /** Writes the last layer's hidden state, its directions side by side: (N, D · (P or H)). */
    @Override
    void finalHidden(float[][] state, float[] to, int toOffset) {
        int size = geometry.outputSizePerDirection();
        for (RecurrentRows sequences : parts) {
            for (int n = sequences.first; n < sequences.end; n++) {
                for (int d = 0; d < geometry.directions(); d++) {
                    sequences.direction(geometry.numLayers() - 1, d).getHidden(state, n - sequences.first, to,
                            toOffset + n * geometry.outputSize() + d * size);
                }
            }
        }
    }

    /** Copies h out as (L·D, N, P or H) and c as (L·D, N, H), in an LSTM. */
    @Override
    void getState(float[][] state, float[] h, int hOffset, float[] c, int cOffset) {
        for (RecurrentRows sequences : parts) {
            for (int n = sequences.first; n < sequences.end; n++) {
                for (int i = 0; i < stateCount(); i++) {
                    RecurrentDirection at = sequences.direction(i / geometry.directions(), i % geometry.directions());
                    at.getHidden(state, n - sequences.first, h,
                            hOffset + (i * batch + n) * geometry.outputSizePerDirection());
                    at.getCell(state, n - sequences.first, c, cOffset + (i * batch + n) * geometry.cellSizePerDirection());
                }
            }
        }
    }

    /** Copies the state in, laid out as {@link #getState} gives it. */
    @Override
    void setState(float[][] state, float[] h, int hOffset, float[] c, int cOffset) {
        for (RecurrentRows sequences : parts) {
            for (int n = sequences.first; n < sequences.end; n++) {
                for (int i = 0; i < stateCount(); i++) {
                    RecurrentDirection at = sequences.direction(i / geometry.directions(), i % geometry.directions());
                    at.setState(state, n - sequences.first, h, hOffset + (i * batch + n) * geometry.outputSizePerDirection(),
                            c,
                            cOffset + (i * batch + n) * geometry.cellSizePerDirection());
                }
            }
        }
    }

    private int stateCount() {
        return geometry.numLayers() * geometry.directions();
    }

    /** Floats of all hidden states, of the whole batch. */
    @Override
    int hiddenStateSize() {
        return batch * stateCount() * geometry.outputSizePerDirection();
    }

    /** Floats of all cell states, of the whole batch. */
    @Override
    int cellStateSize() {
        return batch * stateCount() * geometry.cellSizePerDirection();
    }
}
