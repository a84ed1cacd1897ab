package io.lanecell.internal.kernel;

import io.lanecell.ActivationFunction;

/**
 * Every {@link ActivationFunction} of one number, as fixed sequences of exactly rounded operations: what both kernels compute. NaN
 * comes out as NaN, and infinities give what PyTorch's formulas give ({@code silu(−∞)} is −∞ · 0, NaN).
 */
final class Activations {
    static final float SQRT_HALF = (float) 0x1.6A09E667F3BCDp-1;
    /** √(2/π) and the cube's factor of gelu_tanh. */
    static final float SQRT_2_OVER_PI = (float) 0x1.9884533D43651p-1;
    static final float GELU_CUBE = 0.044715f;
    private static final float SOFTPLUS_LINEAR = 20f;

    private Activations() {
    }

    /** {@code out_i = f(x_i)}; in place where the arrays are one. */
    static void apply(ActivationFunction function, float parameter, float[] x, int xOffset, float[] out, int outOffset,
            int count) {
        for (int i = 0; i < count; i++) {
            out[outOffset + i] = apply(function, parameter, x[xOffset + i]);
        }
    }

    /** f(x). */
    static float apply(ActivationFunction function, float parameter, float x) {
        return switch (function) {
            case IDENTITY -> x;
            case RELU -> relu(x);
            case RELU6 -> clamp(x, 0f, 6f);
            case LEAKY_RELU -> leakyRelu(x, parameter);
            case ELU -> x < 0 ? parameter * GateMath.expm1(x) : x;
            case GELU -> gelu(x);
            case GELU_TANH -> geluTanh(x);
            case SILU -> silu(x);
            case HARD_SWISH -> x * clamp(x + 3f, 0f, 6f) / 6f;
            case TANH -> GateMath.tanh(x);
            case HARD_TANH -> clamp(x, -1f, 1f);
            case SIGMOID -> GateMath.sigmoid(x);
            case HARD_SIGMOID -> clamp(x + 3f, 0f, 6f) / 6f;
            case HARD_SIGMOID_KERAS2 -> clamp(0.2f * x + 0.5f, 0f, 1f);
            case SOFTPLUS -> softplus(x, parameter);
            case SOFTSIGN -> x / (1f + Math.abs(x));
        };
    }

    static float relu(float x) {
        return x < 0 ? 0f : x;
    }

    static float leakyRelu(float x, float slope) {
        return x < 0 ? slope * x : x;
    }

    static float silu(float x) {
        return x * GateMath.sigmoid(x);
    }

    static float gelu(float x) {
        float half = 0.5f * x;
        return ExactFma.fma(half, GateMath.erf(x * SQRT_HALF), half);
    }

    private static float geluTanh(float x) {
        float half = 0.5f * x;
        float inner = SQRT_2_OVER_PI * ExactFma.fma(GELU_CUBE * x * x, x, x);
        return ExactFma.fma(half, GateMath.tanh(inner), half);
    }

    // In float64, where e^20 does no harm: rarely used, and then seldom where time is spent.
    private static float softplus(float x, float beta) {
        float z = beta * x;
        return z > SOFTPLUS_LINEAR ? x : (float) (StrictMath.log1p(StrictMath.exp(z)) / beta);
    }

    private static float clamp(float x, float low, float high) {
        return x < low ? low : x > high ? high : x;
    }
}
