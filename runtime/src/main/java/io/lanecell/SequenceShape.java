package io.lanecell;

import java.util.Arrays;

/**
 * The extents of the sequences being run, and their order by length: sequences are computed longest first, so that those
 * still running at any step are the first few rows (as pack_padded_sequence arranges them). Reused from run to run.
 */
final class SequenceShape {
    final int batch;
    private final boolean batchFirst;
    /** The first of these sequences in the arrays, which hold {@link #total}. */
    private final int first;
    private final int total;
    int steps;
    /** The longest sequence. */
    int longest;
    /** Sequence {@code order[r]} is computed in row r. */
    final int[] order;
    private final int[] lengths;

    SequenceShape(int batch, boolean batchFirst) {
        this(0, batch, batch, batchFirst);
    }

    private SequenceShape(int first, int batch, int total, boolean batchFirst) {
        this.first = first;
        this.batch = batch;
        this.total = total;
        this.batchFirst = batchFirst;
        this.order = new int[batch];
        this.lengths = new int[batch];
    }

    /** {@code batch} sequences of one step each. */
    static SequenceShape ofOneStep(int batch) {
        SequenceShape shape = new SequenceShape(batch, true);
        shape.set(1, null);
        return shape;
    }

    /** Sets the extents; {@code givenLengths} null for sequences that all have {@code steps} steps. */
    void set(int steps, int[] givenLengths) {
        this.steps = steps;
        if (givenLengths == null) {
            Arrays.fill(lengths, steps);
        } else {
            System.arraycopy(givenLengths, 0, lengths, 0, batch);
        }
        sortByLength();
        longest = batch == 0 ? 0 : lengths[order[0]];
    }

    /** A shape for as many sequences in the same layout, to be set by itself. */
    SequenceShape another() {
        return new SequenceShape(batch, batchFirst);
    }

    /** Sets the extents of what a window over sequences of the shape {@code before} gives. */
    void setCounts(SequenceShape before, StepWindow window) {
        steps = window.count(before.steps);
        for (int n = 0; n < batch; n++) {
            lengths[n] = window.count(before.lengths[n]);
        }
        sortByLength();
        longest = batch == 0 ? 0 : lengths[order[0]];
    }

    /** Whether the other has as many sequences and steps, and each sequence the same length. */
    boolean hasExtentsOf(SequenceShape other) {
        return batch == other.batch && steps == other.steps && Arrays.equals(lengths, other.lengths);
    }

    /** A shape for the sequences from {@code first} up to {@code end} of this one; to be {@link #setAs set} for each run. */
    SequenceShape part(int first, int end) {
        return new SequenceShape(first, end - first, total, batchFirst);
    }

    /** Takes the extents of the whole that this is a {@link #part} of. */
    void setAs(SequenceShape whole) {
        steps = whole.steps;
        System.arraycopy(whole.lengths, first, lengths, 0, batch);
        sortByLength();
        longest = batch == 0 ? 0 : lengths[order[0]];
    }

    // Insertion sort: stable, allocates nothing, and the usual batch is small or nearly sorted.
    private void sortByLength() {
        for (int i = 0; i < batch; i++) {
            int at = i;
            while (at > 0 && lengths[order[at - 1]] < lengths[i]) {
                order[at] = order[at - 1];
                at--;
            }
            order[at] = i;
        }
    }

    /** Steps that sequence {@code n} has. */
    int length(int n) {
        return lengths[n];
    }

    /** Rows that are still running at step {@code t}. */
    int activeRows(int t) {
        int rows = batch;
        while (rows > 0 && lengths[order[rows - 1]] <= t) {
            rows--;
        }
        return rows;
    }

    /** Which row of a (N, T, ·) or (T, N, ·) array holds step {@code t} of sequence {@code n}. */
    int row(int n, int t) {
        return batchFirst ? (first + n) * steps + t : t * total + first + n;
    }

    /** Whether any sequence is shorter than the steps. */
    boolean hasPadding() {
        return batch > 0 && lengths[order[batch - 1]] < steps;
    }

    /** Writes zeros to the rows of an array, {@code width} numbers each, that lie beyond their sequence's length. */
    void zeroPadding(float[] rows, int offset, int width) {
        for (int n = 0; n < batch; n++) {
            for (int t = lengths[n]; t < steps; t++) {
                int at = offset + row(n, t) * width;
                Arrays.fill(rows, at, at + width, 0f);
            }
        }
    }

    /** The same in an array of float64. */
    void zeroPadding(double[] rows, int offset, int width) {
        for (int n = 0; n < batch; n++) {
            for (int t = lengths[n]; t < steps; t++) {
                int at = offset + row(n, t) * width;
                Arrays.fill(rows, at, at + width, 0d);
            }
        }
    }
}
