package io.lanecell.reference;

import io.lanecell.InvalidInputException;
import java.util.Arrays;
import org.apache.commons.math3.linear.RealVector;

/** A layer of the chain after the embedding, bound to its weights. */
interface ReferenceLayer {
    /** A number of features that a layer leaves open. */
    int ANY = -1;

    /** Features per step that it takes, or {@link #ANY}. */
    default int inputSize() {
        return ANY;
    }

    /** Features per step that it gives, or {@link #ANY}: as many as it takes. */
    default int outputSize() {
        return ANY;
    }

    /**
     * How many steps it makes of a sequence of that many.
     *
     * @param place the layer's, for messages
     * @throws InvalidInputException if it can't take a sequence of that many
     */
    default int stepsAfter(int steps, String place) {
        return steps;
    }

    /** What it makes of one sequence, whose number of steps it is known to take. */
    Sequence forward(Sequence x, RunStates states);

    /** A layer that treats every step alike, padding too, and remembers nothing: Linear, Softmax, activations. */
    interface EachStep extends ReferenceLayer {
        /** The layer's output for one step. */
        RealVector apply(RealVector x);

        @Override
        default Sequence forward(Sequence x, RunStates states) {
            return Sequence.of(Arrays.stream(x.steps()).map(this::apply).toArray(RealVector[]::new), x.length());
        }
    }

    /** A layer whose window moves along the steps of each sequence as if it were alone, and so changes their number. */
    interface Windowed extends ReferenceLayer {
        /** How the window moves. */
        Window window();

        /** Step t of the output; {@code x} are the sequence's own steps. */
        RealVector at(int t, RealVector[] x);

        @Override
        default int stepsAfter(int steps, String place) {
            return window().stepsAfter(steps, place);
        }

        @Override
        default Sequence forward(Sequence x, RunStates states) {
            RealVector[] own = x.own();
            RealVector[] out = new RealVector[window().stepsAfter(own.length)];
            Arrays.setAll(out, t -> at(t, own));
            return Sequence.of(Sequence.padded(out, window().stepsAfter(x.steps().length)), out.length);
        }
    }

    /** A layer that makes one vector of a sequence, after which there are no steps any more. */
    interface OverTime extends ReferenceLayer {
        /** The vector; of the sequence only its own steps count. */
        RealVector of(Sequence x);

        @Override
        default int stepsAfter(int steps, String place) {
            return 1;
        }

        @Override
        default Sequence forward(Sequence x, RunStates states) {
            return Sequence.ofRow(of(x));
        }
    }
}
