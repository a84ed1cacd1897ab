package io.lanecell;

/**
 * What other frameworks' LSTMs can do and PyTorch's cannot; {@link #PYTORCH} is none of it. Two more things need no option, their
 * tensors say so: <b>peepholes</b> {@code weight_ci_l0}, {@code weight_cf_l0}, {@code weight_co_l0}, [H] each (Gers and Schmidhuber 2000;
 * i and f look at c, o at c'), and <b>layer normalisation</b> {@code ln_ih_weight_l0}, {@code ln_ih_bias_l0}, {@code ln_hh_weight_l0},
 * {@code ln_hh_bias_l0} ([4H]), {@code ln_c_weight_l0}, {@code ln_c_bias_l0} ([H]), which normalises x's part of the gates' sums, h's part and
 * c' before its activation (Ba et al. 2016), with bias_ih and bias_hh added to the normalised parts.
 *
 * @param gate            activation of the gates i, f and o
 * @param cell            activation of the candidate g
 * @param output          activation of c' in {@code h' = o ∘ output(c')}
 * @param coupled         whether {@code f = 1 − i}; the tensors then have 3H rows, gates i, g, o
 * @param cellClip        c' is held within ±this before its activation, as TensorFlow's cell_clip; 0 for no clipping
 * @param normEpsilon     ε of the layer normalisation
 */
public record LstmOptions(ActivationFunction gate, ActivationFunction cell, ActivationFunction output, boolean coupled,
        float cellClip, float normEpsilon) {
    /** torch.nn.LSTM's arithmetic. */
    public static final LstmOptions PYTORCH = new LstmOptions(ActivationFunction.SIGMOID, ActivationFunction.TANH,
            ActivationFunction.TANH, false, 0f, 1e-5f);
}
