package io.lanecell.internal.kernel64;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.ActivationFunction;
import io.lanecell.Seeds;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Functions in float64 against their series in forty digits. */
class GateMathTest {
    private static final MathContext DIGITS = new MathContext(40);
    private static final int POINTS = 5_000;
    private static final BigDecimal TWO = BigDecimal.valueOf(2);
    private static final BigDecimal ROOT_PI = new BigDecimal("1.7724538509055160272981674833411451827975494561223871");

    @Test
    void expIsWithinOneAndAHalfUlps() {
        assertUlps("exp", 1.5, GateMath::exp, GateMathTest::exp, -708, -1e-9);
        assertEquals(1, GateMath.exp(-0d));
        assertEquals(0, GateMath.exp(Double.NEGATIVE_INFINITY));
        assertTrue(Double.isNaN(GateMath.exp(Double.NaN)));
    }

    @Test
    void expm1IsWithinTwoUlps() {
        assertUlps("expm1", 2, GateMath::expm1, GateMathTest::expm1, -40, -1e-9);
        assertEquals(-1, GateMath.expm1(Double.NEGATIVE_INFINITY));
        assertTrue(Double.isNaN(GateMath.expm1(Double.NaN)));
    }

    @Test
    void sigmoidIsWithinThreeUlps() {
        UnaryOperator<BigDecimal> exact = x -> BigDecimal.ONE.divide(BigDecimal.ONE.add(exp(x.negate())), DIGITS);
        assertUlps("sigmoid", 3, GateMath::sigmoid, exact, -700, 40);
        assertUlps("sigmoid near 0", 3, GateMath::sigmoid, exact, -2, 2);
        assertEquals(0.5, GateMath.sigmoid(0));
        assertEquals(1, GateMath.sigmoid(Double.POSITIVE_INFINITY));
        assertEquals(0, GateMath.sigmoid(Double.NEGATIVE_INFINITY));
        assertTrue(Double.isNaN(GateMath.sigmoid(Double.NaN)));
    }

    @Test
    void tanhIsWithinThreeUlps() {
        UnaryOperator<BigDecimal> exact = x -> {
            BigDecimal m = expm1(x.abs().multiply(TWO).negate());
            BigDecimal y = m.negate().divide(m.add(TWO), DIGITS);
            return x.signum() < 0 ? y.negate() : y;
        };
        assertUlps("tanh", 3, GateMath::tanh, exact, -22, 22);
        assertUlps("tanh near 0", 3, GateMath::tanh, exact, -1e-6, 1e-6);
        for (double x : new double[]{19.1, 1e300, Double.POSITIVE_INFINITY}) {
            assertEquals(1, GateMath.tanh(x));
            assertEquals(-1, GateMath.tanh(-x));
        }
        assertEquals(Double.MIN_VALUE, GateMath.tanh(Double.MIN_VALUE));
        assertEquals(Double.doubleToLongBits(-0d), Double.doubleToLongBits(GateMath.tanh(-0d)));
        assertTrue(Double.isNaN(GateMath.tanh(Double.NaN)));
    }

    @Test
    void erfIsWithinTwoUlps() {
        assertUlps("erf", 2, GateMath::erf, GateMathTest::erf, -6.2, 6.2);
        assertUlps("erf near 0", 2, GateMath::erf, GateMathTest::erf, -1e-6, 1e-6);
        assertEquals(1, GateMath.erf(Double.POSITIVE_INFINITY));
        assertEquals(-1, GateMath.erf(-7));
        assertEquals(Double.doubleToLongBits(-0d), Double.doubleToLongBits(GateMath.erf(-0d)));
        assertTrue(Double.isNaN(GateMath.erf(Double.NaN)));
    }

    /** Their parts are held to the last bits above; this finds a wrong formula, or a constant of float32. */
    @ParameterizedTest
    @EnumSource
    void everyActivationIsItsFormula(ActivationFunction function) {
        for (double x = -30; x < 30; x += 0x1p-5) {
            double expected = formula(function, x);
            double actual = Activations.apply(function, 0.7, x);
            double at = x;
            assertTrue(Math.abs(actual - expected) <= 2e-15 * Math.max(Math.abs(expected), Math.min(1, Math.abs(x))),
                    () -> function + " of " + at + " is " + actual + " where " + expected + " is expected");
        }
    }

    private static double formula(ActivationFunction function, double x) {
        return switch (function) {
            case IDENTITY -> x;
            case RELU -> Math.max(x, 0);
            case RELU6 -> Math.min(Math.max(x, 0), 6);
            case LEAKY_RELU -> x >= 0 ? x : 0.7 * x;
            case ELU -> x > 0 ? x : 0.7 * Math.expm1(x);
            case GELU ->
                0.5 * x * (1 + (Math.abs(x) > 9 ? Math.signum(x) : erf(new BigDecimal(x * Math.sqrt(0.5))).doubleValue()));
            case GELU_TANH -> 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
            case SILU -> x / (1 + Math.exp(-x));
            case HARD_SWISH -> x * Math.min(Math.max(x + 3, 0), 6) / 6;
            case TANH -> Math.tanh(x);
            case HARD_TANH -> Math.min(Math.max(x, -1), 1);
            case SIGMOID -> 1 / (1 + Math.exp(-x));
            case HARD_SIGMOID -> Math.min(Math.max(x + 3, 0), 6) / 6;
            case HARD_SIGMOID_KERAS2 -> Math.min(Math.max(0.2 * x + 0.5, 0), 1);
            case SOFTPLUS -> 0.7 * x > 20 ? x : Math.log1p(Math.exp(0.7 * x)) / 0.7;
            case SOFTSIGN -> x / (1 + Math.abs(x));
        };
    }

    @Test
    void emulatedFmaHasTheBitsOfTheExactOne() {
        Random random = Seeds.random("emulatedFmaHasTheBitsOfTheExactOne");
        for (int i = 0; i < 1_000_000; i++) {
            double a = i % 8 == 0 ? Double.longBitsToDouble(random.nextLong()) : random.nextGaussian();
            double b = i % 16 == 1 ? Double.longBitsToDouble(random.nextLong()) : random.nextGaussian();
            // Near cancellation and ties every other time: c close to −a·b, or a·b's magnitude times a power of two.
            double c = i % 4 < 2 ? random.nextGaussian() : -a * b * Math.scalb(1d, i % 4 == 2 ? 0 : random.nextInt(120) - 60);
            double expected = Math.fma(a, b, c);
            assertEquals(Double.doubleToLongBits(expected), Double.doubleToLongBits(ExactFma.emulated(a, b, c)),
                    () -> "fma(" + a + ", " + b + ", " + c + ")");
        }
    }

    private static void assertUlps(String name, double most, DoubleUnaryOperator function, UnaryOperator<BigDecimal> exact,
            double from, double to) {
        Random random = Seeds.random(name);
        double worst = 0;
        double worstAt = 0;
        for (int i = 0; i < POINTS; i++) {
            double x = random.nextDouble(from, to);
            BigDecimal value = exact.apply(new BigDecimal(x));
            double ulp = Math.ulp(value.doubleValue());
            double error = new BigDecimal(function.applyAsDouble(x)).subtract(value).doubleValue() / ulp;
            if (Math.abs(error) > worst) {
                worst = Math.abs(error);
                worstAt = x;
            }
        }
        String found = name + ": at most " + worst + " ULP, at " + worstAt;
        System.out.println(found);
        assertTrue(worst <= most, found);
    }

    /** Halved until the series is short, then squared back. */
    private static BigDecimal exp(BigDecimal x) {
        int halvings = Math.max(0, Math.getExponent(x.doubleValue()) + 5);
        MathContext wide = new MathContext(DIGITS.getPrecision() + 10);
        BigDecimal power = expm1(x.divide(TWO.pow(halvings), wide)).add(BigDecimal.ONE);
        for (int i = 0; i < halvings; i++) {
            power = power.multiply(power, wide);
        }
        return power;
    }

    private static BigDecimal expm1(BigDecimal x) {
        if (x.abs().doubleValue() > 0.1) {
            return exp(x).subtract(BigDecimal.ONE);
        }
        MathContext wide = new MathContext(DIGITS.getPrecision() + 10);
        BigDecimal term = BigDecimal.ONE;
        BigDecimal sum = BigDecimal.ZERO;
        for (int n = 1; n < 60; n++) {
            term = term.multiply(x, wide).divide(BigDecimal.valueOf(n), wide);
            sum = sum.add(term);
        }
        return sum.round(wide);
    }

    /** Its series of positive terms, 2x/√π · e^(−x²) · Σ (2x²)ⁿ / (1 · 3 · … · (2n+1)). */
    private static BigDecimal erf(BigDecimal x) {
        BigDecimal square = x.multiply(x, DIGITS);
        BigDecimal term = BigDecimal.ONE;
        BigDecimal sum = BigDecimal.ONE;
        for (int n = 1; term.doubleValue() > sum.doubleValue() * 1e-30; n++) {
            term = term.multiply(TWO, DIGITS).multiply(square, DIGITS).divide(BigDecimal.valueOf(2 * n + 1), DIGITS);
            sum = sum.add(term, DIGITS);
        }
        return TWO.multiply(x).divide(ROOT_PI, DIGITS).multiply(exp(square.negate()), DIGITS).multiply(sum, DIGITS);
    }
}
