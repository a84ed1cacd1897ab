package io.lanecell.reference;

import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.RealVector;

/** The map x ↦ W x + b. A layer made with {@code bias=False} has b = 0. */
final class Affine {
    /** Null where x has no elements: commons-math has no matrix without columns, PyTorch has ({@code input_size=0}). */
    private final RealMatrix w;
    private final RealVector b;

    /**
     * @param w rows of the matrix, at least one
     * @param b one element per row
     */
    Affine(double[][] w, double[] b) {
        this.w = w[0].length == 0 ? null : new Array2DRowRealMatrix(w, false);
        this.b = new ArrayRealVector(b);
    }

    RealVector apply(RealVector x) {
        return w == null ? b : w.operate(x).add(b);
    }
}
