package io.lanecell;

import io.lanecell.internal.kernel.Kernels;
import io.lanecell.internal.kernel.PackedMatrix;

/**
 * One layer of an LSTM, GRU or RNN in one direction: the recurrence, whatever the cell. Its part of a session's state is two arrays,
 * h and c, whose rows are the batch's sequences in the caller's order between calls, and by length, longest first, while
 * sequences are run.
 */
final class RecurrentDirection {
    /** Rows from which on x's product is computed with the step's own. */
    private static final int ROWS_ENOUGH = 8;
    /** Rows of input that are multiplied ahead: enough to use each weight several times, few enough for their sums to stay in cache. */
    private static final int ROWS_AHEAD = 32;
    /** Steps ahead where all weights fit the second-level cache, so that reading x's again costs little. */
    private static final int STEPS_AHEAD = 8;
    /** Floats of weights from which on they come from farther away. */
    private static final int MANY_WEIGHTS = 1 << 18;

    private final RecurrentCell cell;
    private final PackedMatrix gates;
    /** Each worker's share of the gates: all of them where there is one thread. */
    private final PackedMatrix[] shares;
    /** The same, as far as x has a part in them. */
    private final PackedMatrix[] inputShares;
    private final Kernels kernels;
    private final int inputSize;
    private final int outputSize;
    private final boolean reverse;
    private final int batch;
    /** Whether there are rows enough in one step to use each weight several times, so that nothing is gained by computing ahead. */
    private final boolean stepByStep;
    /** Floats in a row of gate sums, of h and of c. */
    private final int sumsStride;
    private final int hStride;
    private final int cStride;

    /** Which of a session's arrays are h and c. */
    private int hSlot;
    private int cSlot;
    /**
     * Where a lone sequence's next hidden state goes while the last is still read; then it is the session's h, and the array that was
     * is the next. Null where the cell updates h in place.
     */
    private float[] hNext;
    private boolean downward;
    /** Each worker's own. */
    private final float[][] scratch;
    private final float[][] packed;
    // Allocated by the first call that needs them: gate sums of a chunk of steps, its inputs row by row, a state being sorted.
    private float[] gateSums = new float[0];
    private float[] inputs = new float[0];
    private float[] sorting = new float[0];

    RecurrentDirection(RecurrentCell cell, boolean reverse, int batch, Kernels kernels, int unitShares) {
        this.cell = cell;
        this.gates = cell.gates;
        this.shares = new PackedMatrix[unitShares];
        this.inputShares = new PackedMatrix[unitShares];
        for (int i = 0; i < unitShares; i++) {
            shares[i] = unitShares == 1 ? gates : gates.part(i, unitShares);
            inputShares[i] = shares[i].ofInput();
        }
        this.kernels = kernels;
        this.inputSize = cell.inputSize;
        this.outputSize = cell.outputSize;
        this.reverse = reverse;
        this.batch = batch;
        this.stepByStep = batch >= ROWS_ENOUGH;
        this.sumsStride = gates.paddedOutputs();
        this.hStride = cell.hStride();
        this.cStride = cell.cellSize == 0 ? 0 : cell.units;
        this.hNext = batch == 1 && cell.stepsAlone() ? new float[hStride] : null;
        this.scratch = new float[unitShares][cell.scratchSize(batch)];
        this.packed = new float[unitShares][0];
    }

    /** @param first which of the batch's sequences the first of these is */
    void placeState(StateLayout layout, int first) {
        hSlot = layout.add(cell.hiddenName(), first, batch, hStride, outputSize);
        cSlot = layout.add("a cell state", first, batch, cStride, cell.cellSize);
    }

    /** One step of the first {@code rows} sequences: (rows, I) in, (rows, P or H) out. */
    void step(float[][] state, int rows, float[] in, int inOffset, float[] out, int outOffset) {
        if (hNext != null) {
            oneSequenceStep(state, gates.bias(), 0, in, inOffset, inputSize);
            System.arraycopy(state[hSlot], 0, out, outOffset, outputSize);
            return;
        }
        reserve(batch);
        if (stepByStep) {
            cell.updateWithInputs(kernels, rows, in, inOffset, gateSums, state[hSlot], state[cSlot], scratch[0], packed[0]);
        } else {
            multiplyInputs(0, in, inOffset, rows);
            recurrentStep(state, rows, 0);
        }
        for (int n = 0; n < rows; n++) {
            getHidden(state, n, out, outOffset + n * outputSize);
        }
    }

    private void oneSequenceStep(float[][] state, float[] start, int startOffset, float[] in, int inOffset, int inputs) {
        float[] h = state[hSlot];
        cell.step(kernels, gates, start, startOffset, in, inOffset, inputs, h, state[cSlot], hNext, scratch[0], downward);
        state[hSlot] = hNext;
        hNext = h;
        downward = !downward;
    }

    /** Continues the gate sums of {@code rows} sequences with their hidden states, and updates c and h. */
    private void recurrentStep(float[][] state, int rows, int gateOffset) {
        if (hNext != null) {
            oneSequenceStep(state, gateSums, gateOffset, state[hSlot], 0, 0);
            return;
        }
        cell.update(kernels, rows, gateSums, gateOffset, state[hSlot], state[cSlot], scratch[0], packed[0]);
    }

    /** Begins the gate sums of {@code rows} rows with x's part of them, or a worker's share of that. */
    private void multiplyInputs(int share, float[] in, int inOffset, int rows) {
        kernels.multiply(inputShares[share], 0, inputSize, in, inOffset, inputSize, rows, gates.bias(), 0, 0, gateSums, 0,
                sumsStride, packed[share]);
    }

    /**
     * Whole sequences, writing columns {@code column} to {@code column + (P or H)} of the output's rows.
     *
     * @param width floats in a row of the output
     * @param share which share of the units to compute, if workers share them
     * @param team  the workers, every one of which calls this for a share of its own; null for one thread
     */
    void run(float[][] state, SequenceShape shape, float[] in, int inOffset, float[] out, int outOffset, int width, int column,
            int share, Workers team) {
        if (team != null) {
            runUnits(state, shape, in, inOffset, out, outOffset, width, column, share, team);
            return;
        }
        reserveRun();
        sortState(state, shape, true);
        int chunk = chunkSteps();
        for (int first = 0; first < shape.longest; first += chunk) {
            int steps = Math.min(chunk, shape.longest - first);
            int rows = gatherInputs(shape, first, steps, in, inOffset);
            if (!stepByStep) {
                multiplyInputs(0, inputs, 0, rows);
            }
            int row = 0;
            for (int s = first; s < first + steps; s++) {
                int t = reverse ? shape.longest - 1 - s : s;
                int active = shape.activeRows(t);
                if (stepByStep) {
                    cell.updateWithInputs(kernels, active, inputs, 0, gateSums, state[hSlot], state[cSlot], scratch[0],
                            packed[0]);
                } else {
                    recurrentStep(state, active, row * sumsStride);
                }
                float[] h = state[hSlot];
                for (int r = 0; r < active; r++) {
                    int at = outOffset + shape.row(shape.order[r], t) * width + column;
                    System.arraycopy(h, r * hStride, out, at, outputSize);
                }
                row += active;
            }
        }
        sortState(state, shape, false);
    }

    /**
     * One sequence, its hidden units shared among workers: each computes its units' gates from all of h, whose next value is
     * whole when every one of them has come to the barrier. (The idea is DeepCPU's, Zhang et al., USENIX ATC 2018.)
     */
    private void runUnits(float[][] state, SequenceShape shape, float[] in, int inOffset, float[] out, int outOffset, int width,
            int column, int share, Workers team) {
        float[] current = state[hSlot];
        float[] c = state[cSlot];
        float[] next = hNext;
        boolean down = downward;
        int chunk = chunkSteps();
        for (int first = 0; first < shape.longest; first += chunk) {
            int steps = Math.min(chunk, shape.longest - first);
            if (share == 0) {
                gatherInputs(shape, first, steps, in, inOffset);
            }
            team.await();
            multiplyInputs(share, inputs, 0, steps);
            for (int s = 0; s < steps; s++) {
                cell.step(kernels, shares[share], gateSums, s * sumsStride, current, 0, 0, current, c, next, scratch[share],
                        down);
                team.await();
                float[] previous = current;
                current = next;
                next = previous;
                down = !down;
                if (share == 0) {
                    int t = reverse ? shape.longest - 1 - first - s : first + s;
                    System.arraycopy(current, 0, out, outOffset + shape.row(0, t) * width + column, outputSize);
                }
            }
        }
        if (share == 0) {
            state[hSlot] = current;
            hNext = next;
            downward = down;
        }
    }

    /** Steps whose inputs are gathered, and multiplied if that is done ahead. */
    private int chunkSteps() {
        boolean farAway = (long) sumsStride * (inputSize + outputSize) > MANY_WEIGHTS;
        return stepByStep ? 1 : Math.clamp(ROWS_AHEAD / Math.max(1, batch), 1, farAway ? ROWS_AHEAD : STEPS_AHEAD);
    }

    /** Makes room for what a run needs, on the caller's thread. */
    void reserveRun() {
        int rows = chunkSteps() * batch;
        inputs = atLeast(inputs, rows * inputSize);
        reserve(rows);
    }

    /** Lays the inputs of a chunk of steps row after row, for each step the sequences that have it. Returns the rows. */
    private int gatherInputs(SequenceShape shape, int first, int steps, float[] in, int inOffset) {
        int row = 0;
        for (int s = first; s < first + steps; s++) {
            int t = reverse ? shape.longest - 1 - s : s;
            int active = shape.activeRows(t);
            for (int r = 0; r < active; r++) {
                int from = inOffset + shape.row(shape.order[r], t) * inputSize;
                System.arraycopy(in, from, inputs, row++ * inputSize, inputSize);
            }
        }
        return row;
    }

    private void sortState(float[][] state, SequenceShape shape, boolean sorted) {
        if (batch > 1) {
            float[] h = state[hSlot];
            float[] c = state[cSlot];
            sorting = atLeast(sorting, Math.max(h.length, c.length));
            permute(h, hStride, shape.order, sorted);
            permute(c, cStride, shape.order, sorted);
        }
    }

    private void permute(float[] rows, int stride, int[] order, boolean sorted) {
        System.arraycopy(rows, 0, sorting, 0, rows.length);
        for (int r = 0; r < batch; r++) {
            int from = sorted ? order[r] : r;
            int to = sorted ? r : order[r];
            System.arraycopy(sorting, from * stride, rows, to * stride, stride);
        }
    }

    void getHidden(float[][] state, int n, float[] out, int outOffset) {
        System.arraycopy(state[hSlot], n * hStride, out, outOffset, outputSize);
    }

    void getCell(float[][] state, int n, float[] out, int outOffset) {
        System.arraycopy(state[cSlot], n * cStride, out, outOffset, cell.cellSize);
    }

    void setState(float[][] state, int n, float[] newH, int hOffset, float[] newC, int cOffset) {
        System.arraycopy(newH, hOffset, state[hSlot], n * hStride, outputSize);
        System.arraycopy(newC, cOffset, state[cSlot], n * cStride, cell.cellSize);
    }

    /** Makes room for the gate sums of {@code rows} rows and for laying their inputs out. */
    private void reserve(int rows) {
        gateSums = atLeast(gateSums, rows * sumsStride);
        for (int i = 0; i < packed.length; i++) {
            packed[i] = atLeast(packed[i], (rows + 2) * Math.max(inputSize + outputSize, cell.hiddenSize));
        }
    }

    private static float[] atLeast(float[] array, int size) {
        return array.length < size ? new float[size] : array;
    }
}
