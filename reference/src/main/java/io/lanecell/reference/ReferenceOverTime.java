package io.lanecell.reference;

import java.util.List;
import org.apache.commons.math3.linear.RealVector;

/** What makes one vector of a sequence without any weights. */
enum ReferenceOverTime implements ReferenceLayer.OverTime {
    /** {@code out[:, -1]}, or the last step within the sequence's length. */
    LAST_STEP {
        @Override
        public RealVector of(Sequence x) {
            return x.steps()[x.length() - 1];
        }
    },
    /** {@code h_n[-1]}, or {@code cat([h_n[-2], h_n[-1]], dim=1)}, of the recurrent layer before it. */
    FINAL_HIDDEN {
        @Override
        public RealVector of(Sequence x) {
            return x.finalStates().stream().map(State::h).reduce(RealVector::append).orElseThrow();
        }
    },
    /** {@code out.mean(dim=1)} over the sequence's own steps. */
    MEAN_OVER_TIME {
        @Override
        public RealVector of(Sequence x) {
            return Steps.sum(List.of(x.own())).mapDivide(x.length());
        }
    },
    /** {@code out.max(dim=1).values} over the sequence's own steps; NaN if one is NaN. */
    MAX_OVER_TIME {
        @Override
        public RealVector of(Sequence x) {
            return Steps.largest(List.of(x.own()));
        }
    }
}
