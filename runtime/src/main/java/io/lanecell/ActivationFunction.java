package io.lanecell;

import java.util.Locale;

/** A function applied to every number by itself. Formulas are PyTorch's unless another source is named. */
public enum ActivationFunction {
    /** x. */
    IDENTITY,
    /** max(x, 0). */
    RELU,
    /** min(max(x, 0), 6). */
    RELU6,
    /** x where x ≥ 0, else parameter · x; parameter 0.01 unless given (negative_slope). */
    LEAKY_RELU,
    /** x where x > 0, else parameter · (eˣ − 1); parameter 1 unless given (alpha). */
    ELU,
    /** x · Φ(x), Φ the normal distribution: ½ x (1 + erf(x / √2)). */
    GELU,
    /** GELU's approximation ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))): {@code approximate='tanh'}. */
    GELU_TANH,
    /** x · σ(x), also called swish. */
    SILU,
    /** x · relu6(x + 3) / 6. */
    HARD_SWISH,
    /** tanh x. */
    TANH,
    /** min(max(x, −1), 1). */
    HARD_TANH,
    /** σ(x) = 1 / (1 + e⁻ˣ). */
    SIGMOID,
    /** relu6(x + 3) / 6: PyTorch's Hardsigmoid, and Keras 3's hard_sigmoid. */
    HARD_SIGMOID,
    /** min(max(0.2 x + 0.5, 0), 1): hard_sigmoid of Keras 2, and ONNX' HardSigmoid by default. */
    HARD_SIGMOID_KERAS2,
    /** log(1 + e^(βx)) / β, and x itself where βx > 20; β is the parameter, 1 unless given. */
    SOFTPLUS,
    /** x / (1 + |x|). */
    SOFTSIGN;

    /** Its name in model.json: {@code leaky_relu}. */
    public String jsonName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The parameter where none is given: a slope, α or β; 0 for functions that have none. */
    public float defaultParameter() {
        return switch (this) {
            case LEAKY_RELU -> 0.01f;
            case ELU, SOFTPLUS -> 1f;
            default -> 0f;
        };
    }

    /** What the parameter is called in model.json, as in PyTorch; empty for functions that have none. */
    public String parameterName() {
        return switch (this) {
            case LEAKY_RELU -> "negative_slope";
            case ELU -> "alpha";
            case SOFTPLUS -> "beta";
            default -> "";
        };
    }
}
