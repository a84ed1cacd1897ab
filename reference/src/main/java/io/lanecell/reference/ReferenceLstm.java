package io.lanecell.reference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.linear.RealVector;

/**
 * torch.nn.LSTM, and torch.nn.LSTMCell, for one sequence; symbols and shapes are those of PyTorch's documentation page.
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
 */
final class ReferenceLstm implements ReferenceLayer {
    private final LstmGeometry geometry;
    /** By layer, then direction. */
    private final Cell[][] cells;

    private ReferenceLstm(LstmGeometry geometry, Cell[][] cells) {
        this.geometry = geometry;
        this.cells = cells;
    }

    /** Infers the geometry from names and shapes, and checks every shape against it. */
    static ReferenceLstm of(LayerWeights weights) {
        LstmGeometry geometry = LstmGeometry.inferredFrom(weights);
        Cell[][] cells = new Cell[geometry.numLayers()][geometry.numDirections()];
        for (int layer = 0; layer < geometry.numLayers(); layer++) {
            for (int direction = 0; direction < geometry.numDirections(); direction++) {
                cells[layer][direction] = Cell.of(weights, geometry, layer, direction);
            }
        }
        return new ReferenceLstm(geometry, cells);
    }

    int inputSize() {
        return geometry.inputSize();
    }

    /** num_layers · num_directions: how many pairs of h and c one sequence has. */
    int states() {
        return geometry.numLayers() * geometry.numDirections();
    }

    /** Elements of one h: H_out. */
    int hiddenStateSize() {
        return geometry.hiddenStateSize();
    }

    /** Elements of one c: H. */
    int cellStateSize() {
        return geometry.hiddenSize();
    }

    /** Features of one step of the output: num_directions · H_out. */
    int outputSize() {
        return geometry.numDirections() * geometry.hiddenStateSize();
    }

    /**
     * What {@code output, (h_n, c_n) = lstm(input, (h_0, c_0))} gives for one sequence.
     *
     * @param steps the last layer's hidden state at each step, directions side by side
     * @param hN    the final hidden states, in PyTorch's order: by layer, then direction
     * @param cN    the final cell states
     */
    record Output(RealVector[] steps, List<RealVector> hN, List<RealVector> cN) {
    }

    /**
     * One sequence from the given states.
     *
     * @param x  the sequence's own steps, without padding
     * @param h0 a vector per state, in PyTorch's order
     * @param c0 likewise
     */
    Output forward(RealVector[] x, List<RealVector> h0, List<RealVector> c0) {
        List<RealVector> hN = new ArrayList<>();
        List<RealVector> cN = new ArrayList<>();
        RealVector[] input = x;
        for (int layer = 0; layer < geometry.numLayers(); layer++) {
            RealVector[] output = new RealVector[x.length];
            for (int direction = 0; direction < geometry.numDirections(); direction++) {
                State s = new State(h0.get(hN.size()), c0.get(cN.size()));
                for (int i = 0; i < x.length; i++) {
                    int t = direction == 0 ? i : x.length - 1 - i; // the reverse direction begins at the sequence's last step
                    s = cell(cells[layer][direction], input[t], s);
                    output[t] = direction == 0 ? s.h : output[t].append(s.h);
                }
                hN.add(s.h);
                cN.add(s.c);
            }
            input = output; // a layer's input is the hidden state of the layer below; dropout between them is for training only
        }
        return new Output(input, hN, cN);
    }

    /** One step of one layer in one direction: the equations of the documentation page, in its order. */
    private static State cell(Cell w, RealVector x, State previous) {
        RealVector h = previous.h;
        RealVector i = w.i.of(x, h).map(ReferenceLstm::sigmoid); // i_t = σ(W_ii x_t + b_ii + W_hi h_{t−1} + b_hi)
        RealVector f = w.f.of(x, h).map(ReferenceLstm::sigmoid); // f_t = σ(W_if x_t + b_if + W_hf h_{t−1} + b_hf)
        RealVector g = w.g.of(x, h).map(Math::tanh); // g_t = tanh(W_ig x_t + b_ig + W_hg h_{t−1} + b_hg)
        RealVector o = w.o.of(x, h).map(ReferenceLstm::sigmoid); // o_t = σ(W_io x_t + b_io + W_ho h_{t−1} + b_ho)
        RealVector c = f.ebeMultiply(previous.c).add(i.ebeMultiply(g)); // c_t = f_t ⊙ c_{t−1} + i_t ⊙ g_t
        RealVector hidden = o.ebeMultiply(c.map(Math::tanh)); // h_t = o_t ⊙ tanh(c_t)
        return new State(w.hr == null ? hidden : w.hr.apply(hidden), c); // with a projection, h_t = W_hr h_t
    }

    private static double sigmoid(double a) {
        return 1 / (1 + Math.exp(-a)); // σ(a) = 1 / (1 + e^−a)
    }

    private record State(RealVector h, RealVector c) {
    }

    /** One gate's weights. */
    private record Gate(Affine ofInput, Affine ofHidden) {
        /** W_i· x + b_i· + W_h· h + b_h·. */
        RealVector of(RealVector x, RealVector h) {
            return ofInput.apply(x).add(ofHidden.apply(h));
        }
    }

    /** One layer's weights in one direction; {@code hr} is null without projection. */
    private record Cell(Gate i, Gate f, Gate g, Gate o, Affine hr) {

        static Cell of(LayerWeights weights, LstmGeometry geometry, int layer, int direction) {
            int hidden = geometry.hiddenSize();
            int in = layer == 0 ? geometry.inputSize() : geometry.numDirections() * geometry.hiddenStateSize();
            String suffix = geometry.suffix(layer, direction);
            double[][] wi = weights.matrix("weight_ih" + suffix, 4 * hidden, in, geometry);
            double[][] wh = weights.matrix("weight_hh" + suffix, 4 * hidden, geometry.hiddenStateSize(), geometry);
            double[] bi = new double[4 * hidden];
            double[] bh = new double[4 * hidden];
            if (geometry.bias()) {
                bi = weights.vector("bias_ih" + suffix, 4 * hidden, geometry);
                bh = weights.vector("bias_hh" + suffix, 4 * hidden, geometry);
            }
            Gate[] gates = new Gate[4];
            for (int k = 0; k < 4; k++) {
                int from = k * hidden;
                int to = from + hidden;
                gates[k] = new Gate(new Affine(Arrays.copyOfRange(wi, from, to), Arrays.copyOfRange(bi, from, to)),
                        new Affine(Arrays.copyOfRange(wh, from, to), Arrays.copyOfRange(bh, from, to)));
            }
            Affine hr = null;
            if (geometry.projSize() > 0) {
                hr = new Affine(weights.matrix("weight_hr" + suffix, geometry.projSize(), hidden, geometry),
                        new double[geometry.projSize()]);
            }
            return new Cell(gates[0], gates[1], gates[2], gates[3], hr);
        }
    }
}
