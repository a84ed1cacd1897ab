package io.lanecell.cli;

import io.lanecell.InvalidInputException;
import java.util.OptionalInt;

/**
 * How sequences of different lengths are padded in an output that has every step.
 *
 * @param keepsSteps  whether the output has as many steps as the input, as in a chain of layers
 * @param totalLength otherwise pad_packed_sequence's total_length, or empty for as many steps as the longest sequence has
 * @param value       pad_packed_sequence's padding_value: what a recurrent output holds where a sequence has ended
 */
record Padding(boolean keepsSteps, OptionalInt totalLength, double value) {
    /** What pad_packed_sequence does unless told otherwise. */
    static final Padding TO_LONGEST = new Padding(false, OptionalInt.empty(), 0);
    /** What a chain of layers does. */
    static final Padding AS_INPUT = new Padding(true, OptionalInt.empty(), 0);

    /** The output's steps. */
    int steps(int[] lengths, int inputSteps) {
        int longest = Packing.longest(lengths);
        if (keepsSteps) {
            return inputSteps;
        }
        if (totalLength.isPresent() && totalLength.getAsInt() < longest) {
            throw new InvalidInputException("total_length is " + totalLength.getAsInt() + ", expected at least " + longest
                    + ", the longest sequence's steps");
        }
        return totalLength.orElse(longest);
    }
}
