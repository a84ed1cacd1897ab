package io.lanecell.reference;

import org.apache.commons.math3.linear.RealVector;

/**
 * One layer of torch.nn.LSTM in one direction; symbols and shapes are those of PyTorch's documentation page.
 *
 * <p>Weights, for layer k and (with suffix {@code _reverse}) for the second direction, with H = hidden_size, and
 * H_out = proj_size where there is a projection, else H:
 * <pre>
 * weight_ih_l[k]  (W_ii|W_if|W_ig|W_io)  (4·H, input_size) for k = 0, then (4·H, num_directions · H_out)
 * weight_hh_l[k]  (W_hi|W_hf|W_hg|W_ho)  (4·H, H_out)
 * bias_ih_l[k]    (b_ii|b_if|b_ig|b_io)  (4·H)
 * bias_hh_l[k]    (b_hi|b_hf|b_hg|b_ho)  (4·H)
 * weight_hr_l[k]  W_hr                   (proj_size, H)
 * </pre>
 *
 * @param hr null without projection
 */
record LstmCell(Gate i, Gate f, Gate g, Gate o, Affine hr) implements Cell {

    static LstmCell of(LayerWeights weights, RecurrentGeometry geometry, int layer, int direction) {
        Gate[] gates = Gate.allOf(weights, geometry, layer, direction);
        return new LstmCell(gates[0], gates[1], gates[2], gates[3], projection(weights, geometry, layer, direction));
    }

    /** W_hr, or null. */
    static Affine projection(LayerWeights weights, RecurrentGeometry geometry, int layer, int direction) {
        int size = geometry.projSize();
        return size == 0
                ? null
                : new Affine(
                        weights.matrix("weight_hr" + geometry.suffix(layer, direction), size, geometry.hiddenSize(), geometry),
                        new double[size]);
    }

    /** The equations of the documentation page, in its order. */
    @Override
    public State step(RealVector x, State previous) {
        RealVector h = previous.h();
        RealVector it = i.sum(x, h).map(ReferenceActivation::sigmoid); // i_t = σ(W_ii x_t + b_ii + W_hi h_{t−1} + b_hi)
        RealVector ft = f.sum(x, h).map(ReferenceActivation::sigmoid); // f_t = σ(W_if x_t + b_if + W_hf h_{t−1} + b_hf)
        RealVector gt = g.sum(x, h).map(Math::tanh); // g_t = tanh(W_ig x_t + b_ig + W_hg h_{t−1} + b_hg)
        RealVector ot = o.sum(x, h).map(ReferenceActivation::sigmoid); // o_t = σ(W_io x_t + b_io + W_ho h_{t−1} + b_ho)
        RealVector c = ft.ebeMultiply(previous.c()).add(it.ebeMultiply(gt)); // c_t = f_t ⊙ c_{t−1} + i_t ⊙ g_t
        RealVector hidden = ot.ebeMultiply(c.map(Math::tanh)); // h_t = o_t ⊙ tanh(c_t)
        return new State(hr == null ? hidden : hr.apply(hidden), c); // with a projection, h_t = W_hr h_t
    }
}
