package io.lanecell.reference;

import io.lanecell.InvalidInputException;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.linear.RealVector;

/**
 * Several chains over the same input, known to give as many features and both steps or rows as the layer needs.
 *
 * @param summed     whether their results are summed, from the first to the last, rather than put side by side
 * @param branches   at least one; one without layers hands the input on
 * @param inputSize  features per step that the branches take, or ANY
 * @param outputSize features per step of the result, or ANY
 */
record ReferenceBranches(boolean summed, List<Chain> branches, int inputSize, int outputSize) implements ReferenceLayer {

    @Override
    public int stepsAfter(int steps, String place) {
        int[] each = branches.stream().mapToInt(branch -> branch.stepsAfter(steps)).toArray();
        if (Arrays.stream(each).distinct().count() > 1) {
            throw new InvalidInputException(
                    place + " has branches that make " + Arrays.toString(each) + " steps of a sequence of "
                            + steps + ", which must be as many in each: pad the shorter ones");
        }
        return each[0];
    }

    @Override
    public Sequence forward(Sequence x, RunStates states) {
        List<Sequence> results = branches.stream().map(branch -> branch.forward(x, states)).toList();
        RealVector[] steps = results.getFirst().steps().clone();
        for (Sequence result : results.subList(1, results.size())) {
            Arrays.setAll(steps, t -> summed ? steps[t].add(result.steps()[t]) : steps[t].append(result.steps()[t]));
        }
        return Sequence.of(steps, results.getFirst().length());
    }
}
