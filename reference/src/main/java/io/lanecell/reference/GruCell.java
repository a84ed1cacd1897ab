package io.lanecell.reference;

import org.apache.commons.math3.linear.RealVector;

/**
 * One layer of torch.nn.GRU in one direction; symbols and shapes are those of PyTorch's documentation page, H = hidden_size.
 * <pre>
 * weight_ih_l[k]  (W_ir|W_iz|W_in)  (3·H, input_size) for k = 0, then (3·H, num_directions · H)
 * weight_hh_l[k]  (W_hr|W_hz|W_hn)  (3·H, H)
 * bias_ih_l[k]    (b_ir|b_iz|b_in)  (3·H)
 * bias_hh_l[k]    (b_hr|b_hz|b_hn)  (3·H)
 * </pre>
 */
record GruCell(Gate r, Gate z, Gate n) implements Cell {

    static GruCell of(LayerWeights weights, RecurrentGeometry geometry, int layer, int direction) {
        Gate[] gates = Gate.allOf(weights, geometry, layer, direction);
        return new GruCell(gates[0], gates[1], gates[2]);
    }

    /** The equations of the documentation page, in its order. */
    @Override
    public State step(RealVector x, State previous) {
        RealVector h = previous.h();
        RealVector rt = r.sum(x, h).map(ReferenceActivation::sigmoid); // r_t = σ(W_ir x_t + b_ir + W_hr h_{t−1} + b_hr)
        RealVector zt = z.sum(x, h).map(ReferenceActivation::sigmoid); // z_t = σ(W_iz x_t + b_iz + W_hz h_{t−1} + b_hz)
        RealVector nt = n.ofInput().apply(x).add(rt.ebeMultiply(n.ofHidden().apply(h)))
                .map(Math::tanh); // n_t = tanh(W_in x_t + b_in + r_t ⊙ (W_hn h_{t−1} + b_hn))
        RealVector ht = zt.map(z1 -> 1 - z1).ebeMultiply(nt).add(zt.ebeMultiply(h)); // h_t = (1 − z_t) ⊙ n_t + z_t ⊙ h_{t−1}
        return new State(ht, previous.c());
    }
}
