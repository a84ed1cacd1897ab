package io.lanecell.reference;

import org.apache.commons.math3.linear.RealVector;

/**
 * The state of one layer in one direction.
 *
 * @param h hidden state
 * @param c cell state; of no elements but in an LSTM
 */
record State(RealVector h, RealVector c) {
}
