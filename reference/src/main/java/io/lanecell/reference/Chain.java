package io.lanecell.reference;

import io.lanecell.InvalidInputException;
import java.util.List;

/**
 * Layers bound to their weights, known to fit one another: a whole model's, a branch's, or a decoder's head.
 *
 * @param layers without Dropout, which does nothing at inference
 */
record Chain(List<Placed> layers) {

    /** A layer and where the model's description has it: {@code layers[1] 'lstm'}. */
    record Placed(String place, ReferenceLayer layer) {
    }

    /**
     * How many steps the chain makes of a sequence of that many.
     *
     * @throws InvalidInputException if one of the layers can't take it
     */
    int stepsAfter(int steps) {
        int after = steps;
        for (Placed placed : layers) {
            after = placed.layer().stepsAfter(after, placed.place());
        }
        return after;
    }

    /** What the chain makes of one sequence. */
    Sequence forward(Sequence input, RunStates states) {
        Sequence x = input;
        for (Placed placed : layers) {
            x = placed.layer().forward(x, states);
        }
        return x;
    }
}
