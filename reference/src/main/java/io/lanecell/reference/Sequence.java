package io.lanecell.reference;

import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.RealVector;

/**
 * One sequence on its way through a chain.
 *
 * @param steps       a vector per step, of which the first {@code length} are the sequence's own and the rest are padding
 * @param length      number of its own steps; 1 of 1 where a layer has selected a step or summed the steps up
 * @param finalStates where it is a recurrent layer's output, the final state of that layer's last layer in each direction; else empty
 */
record Sequence(RealVector[] steps, int length, List<State> finalStates) {

    /** A sequence that isn't a recurrent layer's output. */
    static Sequence of(RealVector[] steps, int length) {
        return new Sequence(steps, length, List.of());
    }

    /** A single vector. */
    static Sequence ofRow(RealVector row) {
        return of(new RealVector[]{row}, 1);
    }

    /** The steps without padding. */
    RealVector[] own() {
        return Arrays.copyOf(steps, length);
    }

    /** These steps, at least one, and zero vectors after them up to {@code length}, as pad_packed_sequence gives them. */
    static RealVector[] padded(RealVector[] own, int length) {
        RealVector[] padded = Arrays.copyOf(own, length);
        Arrays.fill(padded, own.length, length, new ArrayRealVector(own[0].getDimension()));
        return padded;
    }
}
