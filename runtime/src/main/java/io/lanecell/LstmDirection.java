package io.lanecell;

import io.lanecell.internal.kernel.Kernels;
import io.lanecell.internal.kernel.PackedMatrix;
import java.util.Arrays;

/**
 * One layer of an LSTM in one direction: its state and the recurrence. Rows of {@code h} and {@code c} are the batch's
 * sequences in the caller's order between calls, and by length, longest first, while sequences are run.
 */
final class LstmDirection {
    /** Rows from which on a step's products of x and h are computed as one. */
    private static final int ROWS_ENOUGH = 8;
    /** Steps whose input product is computed ahead: enough to use each weight several times, few enough to stay in cache. */
    private static final int CHUNK_STEPS = 8;

    private final PackedMatrix gates;
    /** The gates of each worker's share of the hidden units; all of them where there is one thread. */
    private final PackedMatrix[] shares;
    private final PackedMatrix projection;
    private final Kernels kernels;
    private final int inputSize;
    private final int hiddenSize;
    private final int outputSize;
    private final boolean reverse;
    private final int batch;
    /** H rounded up to whole panels. */
    private final int units;
    /** Floats from one row of h to the next: the output size rounded up to whole panels. */
    private final int hStride;

    private float[] h;
    /** Where a lone sequence's next hidden state goes while the last is still read; null for batches and projections. */
    private float[] hNext;
    private boolean downward;
    private final float[] c;
    private final float[] panelSums = new float[PackedMatrix.PANEL];
    /** Scratch of the other workers, which share this direction's units. */
    private final float[][] otherPanelSums;
    private final float[][] otherPacked;
    private final float[] unprojected;
    // Allocated by the first call that needs them: gate sums of a chunk of steps, its inputs row by row, rows laid out for the
    // kernel, a state being sorted.
    private float[] gateSums = new float[0];
    private float[] packed = new float[0];
    private float[] inputs = new float[0];
    private float[] sorting = new float[0];

    LstmDirection(Lstm.Direction weights, int inputSize, int hiddenSize, int projSize, boolean reverse, int batch,
            Kernels kernels, int unitShares) {
        this.gates = weights.gates();
        this.shares = new PackedMatrix[unitShares];
        for (int i = 0; i < unitShares; i++) {
            shares[i] = unitShares == 1 ? gates : gates.part(i, unitShares);
        }
        this.projection = weights.projection();
        this.kernels = kernels;
        this.inputSize = inputSize;
        this.hiddenSize = hiddenSize;
        this.outputSize = projSize > 0 ? projSize : hiddenSize;
        this.reverse = reverse;
        this.batch = batch;
        this.units = gates.paddedOutputs() / 4;
        this.hStride = projSize > 0 ? projection.paddedOutputs() : units;
        this.h = new float[batch * hStride];
        this.hNext = batch == 1 && projection == null ? new float[hStride] : null;
        this.c = new float[batch * units];
        this.otherPanelSums = new float[unitShares - 1][PackedMatrix.PANEL];
        this.otherPacked = new float[unitShares - 1][];
        this.unprojected = projection == null ? null : new float[batch * units];
    }

    /** One step of every sequence: (N, I) in, (N, P or H) out. */
    void step(float[] in, int inOffset, float[] out, int outOffset) {
        if (hNext != null) {
            oneSequenceStep(gates.bias(), 0, in, inOffset, inputSize);
            System.arraycopy(h, 0, out, outOffset, outputSize);
            return;
        }
        reserve(batch);
        kernels.multiply(gates, in, inOffset, inputSize, inputSize, h, hStride, outputSize, batch, gateSums, 4 * units, packed);
        updateCells(batch, 0);
        for (int n = 0; n < batch; n++) {
            getHidden(n, out, outOffset + n * outputSize);
        }
    }

    private void oneSequenceStep(float[] start, int startOffset, float[] in, int inOffset, int inputs) {
        kernels.lstmStep(gates, start, startOffset, in, inOffset, inputs, h, outputSize, c, hNext, panelSums, downward);
        float[] previous = h;
        h = hNext;
        hNext = previous;
        downward = !downward;
    }

    /** Continues the gate sums of {@code rows} sequences with their hidden states, and updates c and h. */
    private void recurrentStep(int rows, int gateOffset) {
        if (hNext != null) {
            oneSequenceStep(gateSums, gateOffset, h, 0, 0);
            return;
        }
        kernels.multiply(gates, inputSize, outputSize, h, 0, hStride, rows, gateSums, gateOffset, 4 * units, gateSums, gateOffset,
                4 * units, packed);
        updateCells(rows, gateOffset);
    }

    private void updateCells(int rows, int gateOffset) {
        if (projection == null) {
            kernels.lstmCell(rows, units, gateSums, gateOffset, 4 * units, c, h, hStride);
        } else {
            kernels.lstmCell(rows, units, gateSums, gateOffset, 4 * units, c, unprojected, units);
            kernels.multiply(projection, 0, hiddenSize, unprojected, 0, units, rows, projection.bias(), 0, 0, h, 0, hStride,
                    packed);
        }
    }

    /**
     * Whole sequences, writing columns {@code column} to {@code column + (P or H)} of the output's rows.
     *
     * @param width floats in a row of the output
     * @param share which share of the units to compute, if workers share them
     * @param team  the workers, every one of which calls this for a share of its own; null for one thread
     */
    void run(SequenceShape shape, float[] in, int inOffset, float[] out, int outOffset, int width, int column, int share,
            Workers team) {
        if (team != null) {
            runUnits(shape, in, inOffset, out, outOffset, width, column, share, team);
            return;
        }
        reserveRun();
        sortState(shape, true);
        int chunk = chunkSteps();
        for (int first = 0; first < shape.longest; first += chunk) {
            int steps = Math.min(chunk, shape.longest - first);
            int rows = gatherInputs(shape, first, steps, in, inOffset);
            if (!stepByStep()) {
                kernels.multiply(gates, 0, inputSize, inputs, 0, inputSize, rows, gates.bias(), 0, 0, gateSums, 0, 4 * units,
                        packed);
            }
            int row = 0;
            for (int s = first; s < first + steps; s++) {
                int t = reverse ? shape.longest - 1 - s : s;
                int active = shape.activeRows(t);
                if (stepByStep()) {
                    kernels.multiply(gates, inputs, 0, inputSize, inputSize, h, hStride, outputSize, active, gateSums, 4 * units,
                            packed);
                    updateCells(active, 0);
                } else {
                    recurrentStep(active, row * 4 * units);
                }
                for (int r = 0; r < active; r++) {
                    int at = outOffset + shape.row(shape.order[r], t) * width + column;
                    System.arraycopy(h, r * hStride, out, at, outputSize);
                }
                row += active;
            }
        }
        sortState(shape, false);
    }

    /**
     * One sequence, its hidden units shared among workers: each computes its units' gates from all of h, whose next value is
     * whole when every one of them has come to the barrier. (The idea is DeepCPU's, Zhang et al., USENIX ATC 2018.)
     */
    private void runUnits(SequenceShape shape, float[] in, int inOffset, float[] out, int outOffset, int width, int column,
            int share, Workers team) {
        PackedMatrix own = shares[share];
        float[] ownSums = share == 0 ? panelSums : otherPanelSums[share - 1];
        float[] ownPacked = share == 0 ? packed : otherPacked[share - 1];
        float[] current = h;
        float[] next = hNext;
        boolean down = downward;
        for (int first = 0; first < shape.longest; first += CHUNK_STEPS) {
            int steps = Math.min(CHUNK_STEPS, shape.longest - first);
            if (share == 0) {
                gatherInputs(shape, first, steps, in, inOffset);
            }
            team.await();
            kernels.multiply(own, 0, inputSize, inputs, 0, inputSize, steps, gates.bias(), 0, 0, gateSums, 0, 4 * units,
                    ownPacked);
            for (int s = 0; s < steps; s++) {
                kernels.lstmStep(own, gateSums, s * 4 * units, current, 0, 0, current, outputSize, c, next, ownSums, down);
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
            h = current;
            hNext = next;
            downward = down;
        }
    }

    /** Whether there are rows enough in one step to use each weight several times, so that nothing is gained by computing ahead. */
    private boolean stepByStep() {
        return batch >= ROWS_ENOUGH;
    }

    /** Steps whose input product is computed ahead. */
    private int chunkSteps() {
        return stepByStep() ? 1 : CHUNK_STEPS;
    }

    /** Makes room for what a run needs, on the caller's thread. */
    void reserveRun() {
        int rows = chunkSteps() * batch;
        inputs = atLeast(inputs, rows * inputSize);
        reserve(rows);
        for (int i = 0; i < otherPacked.length; i++) {
            otherPacked[i] = otherPacked[i] == null ? new float[packed.length] : otherPacked[i];
        }
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

    private void sortState(SequenceShape shape, boolean sorted) {
        if (batch > 1) {
            sorting = atLeast(sorting, Math.max(h.length, c.length));
            permute(h, hStride, shape.order, sorted);
            permute(c, units, shape.order, sorted);
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

    void reset() {
        Arrays.fill(h, 0f);
        Arrays.fill(c, 0f);
    }

    void getHidden(int n, float[] out, int outOffset) {
        System.arraycopy(h, n * hStride, out, outOffset, outputSize);
    }

    void getCell(int n, float[] out, int outOffset) {
        System.arraycopy(c, n * units, out, outOffset, hiddenSize);
    }

    void setState(int n, float[] newH, int hOffset, float[] newC, int cOffset) {
        System.arraycopy(newH, hOffset, h, n * hStride, outputSize);
        System.arraycopy(newC, cOffset, c, n * units, hiddenSize);
    }

    /** Makes room for the gate sums of {@code rows} rows and for laying their inputs out. */
    private void reserve(int rows) {
        gateSums = atLeast(gateSums, rows * 4 * units);
        packed = atLeast(packed, (rows + 2) * Math.max(inputSize + outputSize, hiddenSize));
    }

    private static float[] atLeast(float[] array, int size) {
        return array.length < size ? new float[size] : array;
    }
}
