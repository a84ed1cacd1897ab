package io.lanecell.reference;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.RealVector;

/**
 * How the states of a batch lie in one array: h as (L·D, N, P or H), c as (L·D, N, H), a chain's layers one after another; layers
 * without cell state have a c of no elements.
 * The vectors of one state (one layer, one direction) lie together, sequence by sequence.
 */
final class StateLayout {
    private final int[] sizes;

    /** @param sizes elements of each state of one sequence */
    StateLayout(IntStream sizes) {
        this.sizes = sizes.toArray();
    }

    /** Elements of all states of one sequence. */
    int sizePerSequence() {
        return IntStream.of(sizes).reduce(0, Math::addExact);
    }

    /** The states of sequence n out of {@code batch}; zeros if {@code all} is null. */
    List<RealVector> read(double[] all, int n, int batch) {
        return IntStream.range(0, sizes.length)
                .mapToObj(state -> (RealVector) (all == null
                        ? new ArrayRealVector(sizes[state])
                        : new ArrayRealVector(all, offset(state, n, batch), sizes[state])))
                .toList();
    }

    /** Stores the states of sequence n out of {@code batch}. */
    void write(List<RealVector> states, double[] all, int n, int batch) {
        for (int state = 0; state < sizes.length; state++) {
            System.arraycopy(states.get(state).toArray(), 0, all, offset(state, n, batch), sizes[state]);
        }
    }

    private int offset(int state, int n, int batch) {
        int before = 0;
        for (int i = 0; i < state; i++) {
            before += sizes[i];
        }
        return before * batch + n * sizes[state];
    }
}
