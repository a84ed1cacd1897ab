package io.lanecell.reference;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.commons.math3.linear.RealVector;

/**
 * The recurrent layers' states while one sequence goes through a chain. Each layer takes its initial states and leaves its final
 * ones in PyTorch's order (by layer, then direction), the recurrent layers of the chain one after another.
 */
final class RunStates {
    private final Iterator<RealVector> h0;
    private final Iterator<RealVector> c0;
    private final List<RealVector> hN = new ArrayList<>();
    private final List<RealVector> cN = new ArrayList<>();
    private RealVector[] layerOutput = {};

    RunStates(List<RealVector> h0, List<RealVector> c0) {
        this.h0 = h0.iterator();
        this.c0 = c0.iterator();
    }

    /** The next initial state. */
    State take() {
        return new State(h0.next(), c0.next());
    }

    /** Keeps a final state. */
    void leave(State state) {
        hN.add(state.h());
        cN.add(state.c());
    }

    /** Keeps what a recurrent layer gave, in place of what the one before it did. */
    void leaveOutput(RealVector[] steps) {
        layerOutput = steps;
    }

    /** The final hidden states so far. */
    List<RealVector> hN() {
        return hN;
    }

    /** The final cell states so far. */
    List<RealVector> cN() {
        return cN;
    }

    /** The last recurrent layer's output, padding included; empty before any. */
    RealVector[] layerOutput() {
        return layerOutput;
    }
}
