package io.lanecell.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class GateMathTest {
    private static final double MAX_ULP = 2.6;

    private interface FloatFunction {
        float apply(float x);
    }

    @Test
    void tanhIsWithinTwoPointSixUlp() {
        double worst = Math.max(worstUlp(GateMath::tanh, Math::tanh, 1e-8f, 10f),
                worstUlp(GateMath::tanh, Math::tanh, -10f, -1e-8f));
        System.out.println("tanh: at most " + worst + " ULP");
        assertTrue(worst <= MAX_ULP, () -> "tanh is " + worst + " ULP off");
    }

    @Test
    void sigmoidIsWithinTwoPointSixUlp() {
        DoubleUnaryOperator exact = x -> 1 / (1 + Math.exp(-x));
        double worst = Math.max(worstUlp(GateMath::sigmoid, exact, 1e-8f, 20f), worstUlp(GateMath::sigmoid, exact, -87f, -1e-8f));
        System.out.println("sigmoid: at most " + worst + " ULP");
        assertTrue(worst <= MAX_ULP, () -> "sigmoid is " + worst + " ULP off");
    }

    @Test
    void expIsWithinTwoPointSixUlpForNegativeNumbers() {
        double worst = worstUlp(GateMath::exp, Math::exp, -87f, -1e-8f);
        System.out.println("exp: at most " + worst + " ULP");
        assertTrue(worst <= MAX_ULP, () -> "exp is " + worst + " ULP off");
        assertEquals(1f, GateMath.exp(0f));
        assertEquals(0f, GateMath.exp(Float.NEGATIVE_INFINITY));
    }

    @Test
    void expm1IsWithinThreeUlpForNegativeNumbers() {
        double worst = worstUlp(GateMath::expm1, Math::expm1, -30f, -1e-8f);
        System.out.println("expm1: at most " + worst + " ULP");
        assertTrue(worst <= 3, () -> "expm1 is " + worst + " ULP off");
        assertEquals(-1f, GateMath.expm1(Float.NEGATIVE_INFINITY));
        assertEquals(0f, GateMath.expm1(-0f));
        assertTrue(Float.isNaN(GateMath.expm1(Float.NaN)));
    }

    @Test
    void erfIsWithinOneAndAHalfUlp() {
        DoubleUnaryOperator exact = GateMathTest::erf;
        double worst = Math.max(worstUlp(GateMath::erf, exact, 1e-8f, 10f), worstUlp(GateMath::erf, exact, -10f, -1e-8f));
        System.out.println("erf: at most " + worst + " ULP");
        assertTrue(worst <= 1.5, () -> "erf is " + worst + " ULP off");
        assertEquals(1f, GateMath.erf(Float.POSITIVE_INFINITY));
        assertEquals(-1f, GateMath.erf(-Float.MAX_VALUE));
        assertEquals(0x80000000, Float.floatToIntBits(GateMath.erf(-0f)));
        assertTrue(Float.isNaN(GateMath.erf(Float.NaN)));
    }

    /** Its series of positive terms, 2x/√π · e^(−x²) · Σ (2x²)ⁿ / (1 · 3 · … · (2n+1)), to the last bit or two of float64. */
    private static double erf(double x) {
        if (Math.abs(x) > 6) {
            return Math.signum(x);
        }
        double term = 1;
        double sum = 1;
        for (int n = 1; term > sum * 1e-17; n++) {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return 2 * x / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
    }

    @Test
    void tanhIsExactWhereItSaturatesAndKeepsTheSignOfZero() {
        for (float x : new float[]{9.0112f, 10f, 100f, Float.MAX_VALUE, Float.POSITIVE_INFINITY}) {
            assertEquals(1f, GateMath.tanh(x));
            assertEquals(-1f, GateMath.tanh(-x));
        }
        assertEquals(0, Float.floatToIntBits(GateMath.tanh(0f)));
        assertEquals(0x80000000, Float.floatToIntBits(GateMath.tanh(-0f)));
        assertEquals(Float.MIN_VALUE, GateMath.tanh(Float.MIN_VALUE));
        assertTrue(Float.isNaN(GateMath.tanh(Float.NaN)));
    }

    @Test
    void sigmoidIsExactWhereItSaturatesAndZeroWherePyTorchsIs() {
        for (float x : new float[]{18f, 89f, Float.MAX_VALUE, Float.POSITIVE_INFINITY}) {
            assertEquals(1f, GateMath.sigmoid(x));
        }
        for (float x : new float[]{-89f, -1e4f, -Float.MAX_VALUE, Float.NEGATIVE_INFINITY}) {
            assertEquals(0, Float.floatToIntBits(GateMath.sigmoid(x)));
        }
        assertEquals(0.5f, GateMath.sigmoid(0f));
        assertEquals(0.5f, GateMath.sigmoid(-0f));
        assertTrue(Float.isNaN(GateMath.sigmoid(Float.NaN)));
    }

    @Test
    void emulatedFmaHasTheBitsOfTheExactOne() {
        java.util.Random random = io.lanecell.Seeds.random("emulatedFmaHasTheBitsOfTheExactOne");
        for (int i = 0; i < 2_000_000; i++) {
            float a = Float.intBitsToFloat(random.nextInt());
            float b = i % 2 == 0 ? Float.intBitsToFloat(random.nextInt()) : (float) random.nextGaussian();
            // Near cancellation and ties every other time: c close to −a·b, or a·b's magnitude times a power of two.
            float c = i % 4 < 2 ? Float.intBitsToFloat(random.nextInt()) : -a * b * Math.scalb(1f, random.nextInt(60) - 30);
            int expected = Float.floatToIntBits(Math.fma(a, b, c));
            int actual = Float.floatToIntBits(ExactFma.emulated(a, b, c));
            assertEquals(expected, actual, () -> "fma(" + a + ", " + b + ", " + c + ")");
        }
    }

    /** The largest distance from the exact value, in units of the last place of the float32 nearest to it, over 4 million points. */
    private static double worstUlp(FloatFunction function, DoubleUnaryOperator exact, float from, float to) {
        int first = Float.floatToRawIntBits(from);
        int last = Float.floatToRawIntBits(to);
        int low = Math.min(first, last);
        int high = Math.max(first, last);
        int stride = Math.max(1, (high - low) / 4_000_000);
        double worst = 0;
        for (long bits = low; bits <= high; bits += stride) {
            float x = Float.intBitsToFloat((int) bits);
            double value = exact.applyAsDouble(x);
            worst = Math.max(worst, Math.abs(function.apply(x) - value) / Math.ulp((float) value));
        }
        return worst;
    }
}
