package io.lanecell.reference;

import org.apache.commons.math3.linear.RealVector;

/** One layer of a recurrent network in one direction: the equations of its documentation page for one step. */
interface Cell {
    /** The state after a step with input x. */
    State step(RealVector x, State previous);
}
