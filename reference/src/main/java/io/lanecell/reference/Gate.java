package io.lanecell.reference;

import java.util.Arrays;
import org.apache.commons.math3.linear.RealVector;

/**
 * One gate's weights.
 *
 * @param ofInput  x ↦ W_i· x + b_i·
 * @param ofHidden h ↦ W_h· h + b_h·
 */
record Gate(Affine ofInput, Affine ofHidden) {

    /** W_i· x + b_i· + W_h· h + b_h·. */
    RealVector sum(RealVector x, RealVector h) {
        return ofInput.apply(x).add(ofHidden.apply(h));
    }

    /** The gates of one layer in one direction, which lie one below the other in weight_ih, weight_hh, bias_ih and bias_hh. */
    static Gate[] allOf(LayerWeights weights, RecurrentGeometry geometry, int layer, int direction) {
        int rows = geometry.rows();
        String suffix = geometry.suffix(layer, direction);
        double[][] wi = weights.matrix("weight_ih" + suffix, rows, geometry.inputSize(layer), geometry);
        double[][] wh = weights.matrix("weight_hh" + suffix, rows, geometry.hiddenStateSize(), geometry);
        double[] bi = new double[rows];
        double[] bh = new double[rows];
        if (geometry.bias()) {
            bi = weights.vector("bias_ih" + suffix, rows, geometry);
            bh = weights.vector("bias_hh" + suffix, rows, geometry);
        }
        Gate[] gates = new Gate[geometry.gates()];
        for (int k = 0; k < gates.length; k++) {
            int from = k * geometry.hiddenSize();
            int to = from + geometry.hiddenSize();
            gates[k] = new Gate(new Affine(Arrays.copyOfRange(wi, from, to), Arrays.copyOfRange(bi, from, to)),
                    new Affine(Arrays.copyOfRange(wh, from, to), Arrays.copyOfRange(bh, from, to)));
        }
        return gates;
    }
}
