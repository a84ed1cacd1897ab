package io.lanecell.reference;

import io.lanecell.ActivationFunction;
import org.apache.commons.math3.analysis.UnivariateFunction;
import org.apache.commons.math3.linear.RealVector;

/**
 * One layer of torch.nn.RNN in one direction: weight_ih_l[k] is W_ih (H, input_size), weight_hh_l[k] is W_hh (H, H), bias_ih_l[k]
 * and bias_hh_l[k] are b_ih and b_hh (H), with H = hidden_size.
 *
 * @param nonlinearity tanh or ReLU
 */
record RnnCell(Gate only, UnivariateFunction nonlinearity) implements Cell {

    static RnnCell of(LayerWeights weights, RecurrentGeometry geometry, int layer, int direction,
            ActivationFunction nonlinearity) {
        return new RnnCell(Gate.allOf(weights, geometry, layer, direction)[0], ReferenceActivation.function(nonlinearity));
    }

    @Override
    public State step(RealVector x, State previous) {
        RealVector h = only.sum(x, previous.h()).map(nonlinearity); // h_t = tanh(W_ih x_t + b_ih + W_hh h_{t−1} + b_hh)
        return new State(h, previous.c());
    }
}
