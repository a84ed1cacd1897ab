package io.lanecell.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.ActivationFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Every activation against its formula in float64, and on special numbers against what PyTorch's formula gives. */
class ActivationsTest {
    private static final float PARAMETER = 0.7f;

    @ParameterizedTest
    @EnumSource
    void everyActivationIsItsFormula(ActivationFunction function) {
        for (float x = -30; x < 30; x += 0x1p-7f) {
            double expected = formula(function, x);
            double actual = Activations.apply(function, PARAMETER, x);
            double tolerance = 4e-7 * Math.max(Math.abs(expected), Math.min(1, Math.abs(x)));
            float at = x;
            assertTrue(Math.abs(actual - expected) <= tolerance,
                    () -> function + " of " + at + " is " + actual + " where " + expected + " is expected");
        }
    }

    private static double formula(ActivationFunction function, double x) {
        return switch (function) {
            case IDENTITY -> x;
            case RELU -> Math.max(x, 0);
            case RELU6 -> Math.min(Math.max(x, 0), 6);
            case LEAKY_RELU -> x >= 0 ? x : (double) PARAMETER * x;
            case ELU -> x > 0 ? x : PARAMETER * Math.expm1(x);
            case GELU -> x * normalDistribution(x);
            case GELU_TANH -> 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
            case SILU -> x / (1 + Math.exp(-x));
            case HARD_SWISH -> x * Math.min(Math.max(x + 3, 0), 6) / 6;
            case TANH -> Math.tanh(x);
            case HARD_TANH -> Math.min(Math.max(x, -1), 1);
            case SIGMOID -> 1 / (1 + Math.exp(-x));
            case HARD_SIGMOID -> Math.min(Math.max(x + 3, 0), 6) / 6;
            case HARD_SIGMOID_KERAS2 -> Math.min(Math.max(0.2 * x + 0.5, 0), 1);
            case SOFTPLUS -> PARAMETER * x > 20 ? x : Math.log1p(Math.exp(PARAMETER * x)) / PARAMETER;
            case SOFTSIGN -> x / (1 + Math.abs(x));
        };
    }

    /** Simpson's rule from 0, where it is one half. */
    private static double normalDistribution(double x) {
        if (Math.abs(x) > 9) {
            return x > 0 ? 1 : 0;
        }
        int intervals = 400;
        double width = x / intervals;
        double sum = density(0) + density(x);
        for (int i = 1; i < intervals; i++) {
            sum += (i % 2 == 0 ? 2 : 4) * density(i * width);
        }
        return 0.5 + sum * width / 3;
    }

    private static double density(double x) {
        return Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    }

    @ParameterizedTest
    @EnumSource
    void notANumberStaysNotANumber(ActivationFunction function) {
        assertTrue(Float.isNaN(Activations.apply(function, PARAMETER, Float.NaN)));
    }

    /** What torch.nn.functional gives for infinities: NaN where its formula multiplies infinity by zero. */
    @ParameterizedTest
    @CsvSource({"RELU, 0, Infinity", "RELU6, 0, 6", "LEAKY_RELU, -Infinity, Infinity", "ELU, -0.7, Infinity",
            "GELU, NaN, Infinity",
            "GELU_TANH, NaN, Infinity", "SILU, NaN, Infinity", "HARD_SWISH, NaN, Infinity", "TANH, -1, 1", "HARD_TANH, -1, 1",
            "SIGMOID, 0, 1", "HARD_SIGMOID, 0, 1", "HARD_SIGMOID_KERAS2, 0, 1", "SOFTPLUS, 0, Infinity", "SOFTSIGN, NaN, NaN"})
    void infinitiesGiveWhatPyTorchsFormulasGive(ActivationFunction function, float ofMinusInfinity, float ofInfinity) {
        assertEquals(ofMinusInfinity, Activations.apply(function, PARAMETER, Float.NEGATIVE_INFINITY));
        assertEquals(ofInfinity, Activations.apply(function, PARAMETER, Float.POSITIVE_INFINITY));
    }

    @Test
    void theSmallestNumbersAreNotLost() {
        float denormal = 1e-40f;
        for (ActivationFunction function : new ActivationFunction[]{ActivationFunction.RELU, ActivationFunction.LEAKY_RELU,
                ActivationFunction.ELU, ActivationFunction.TANH, ActivationFunction.HARD_TANH, ActivationFunction.SOFTSIGN}) {
            assertEquals(denormal, Activations.apply(function, PARAMETER, denormal), function::toString);
        }
        assertEquals(denormal / 2, Activations.apply(ActivationFunction.GELU, 0, denormal));
        assertEquals(denormal / 2, Activations.apply(ActivationFunction.SILU, 0, denormal));
    }
}
