package io.lanecell.reference;

import org.apache.commons.math3.linear.RealVector;

/** A layer of the chain after the embedding, bound to its weights. */
sealed interface ReferenceLayer permits ReferenceLayer.EachStep, ReferenceLstm, ReferenceLayer.Selection {

    /** A layer that treats every step alike and remembers nothing: Linear, Softmax, LogSoftmax. */
    non-sealed interface EachStep extends ReferenceLayer {
        /** The layer's output for one step. */
        RealVector apply(RealVector x);
    }

    /** A choice of one vector out of a sequence, after which there are no steps any more. */
    enum Selection implements ReferenceLayer {
        /** {@code out[:, -1]}, or the last step within the sequence's length. */
        LAST_STEP,
        /** {@code h_n[-1]}, or {@code cat([h_n[-2], h_n[-1]], dim=1)}, of the LSTM before it. */
        FINAL_HIDDEN
    }
}
