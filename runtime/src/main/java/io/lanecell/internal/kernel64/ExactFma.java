package io.lanecell.internal.kernel64;

/**
 * a·b + c rounded once. Where the processor has the instruction that is {@link Math#fma(double, double, double)}; where it has not,
 * Math.fma goes through BigDecimal and is thousands of times slower, so there the same bits are made from ordinary arithmetic, as far
 * as neither overflows nor underflows.
 */
final class ExactFma {
    static final boolean HARDWARE = io.lanecell.internal.kernel.ExactFma.HARDWARE;
    /** 2^27 + 1, which splits a number's bits in two halves (Veltkamp). */
    private static final double SPLITTER = 0x1p27 + 1;
    private static final double LARGE = 0x1p480;
    private static final double SMALL = 0x1p-900;

    private ExactFma() {
    }

    static double fma(double a, double b, double c) {
        return HARDWARE ? Math.fma(a, b, c) : emulated(a, b, c);
    }

    /**
     * The product and its error (Dekker), the sum of these with c and its errors (Knuth's TwoSum), of which the smaller two are
     * added with rounding to odd, so that the last addition rounds as if it were the only one (Boldo and Melquiond, "Emulation of FMA
     * and correctly rounded sums: proved algorithms using rounding to odd", 2008, algorithm 5).
     */
    static double emulated(double a, double b, double c) {
        double product = a * b;
        if (a == 0 || b == 0 || Double.isNaN(product + c) || Double.isInfinite(a) || Double.isInfinite(b)
                || Double.isInfinite(c)) {
            return Double.isFinite(a) && Double.isFinite(b) && !Double.isFinite(product) ? Math.fma(a, b, c) : product + c;
        }
        if (Math.abs(a) > LARGE || Math.abs(b) > LARGE || Math.abs(c) > LARGE || Math.abs(product) < SMALL) {
            return Math.fma(a, b, c);
        }
        double aHigh = a * SPLITTER - (a * SPLITTER - a);
        double bHigh = b * SPLITTER - (b * SPLITTER - b);
        double aLow = a - aHigh;
        double bLow = b - bHigh;
        double productError = aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
        double low = c + productError;
        double lowError = sumError(c, productError, low);
        double high = product + low;
        double highError = sumError(product, low, high);
        return high + oddSum(highError, lowError);
    }

    /** What is lost in {@code sum = a + b}. */
    private static double sumError(double a, double b, double sum) {
        double back = sum - a;
        return (a - (sum - back)) + (b - back);
    }

    /** The sum rounded to whichever neighbour has an odd last bit, where it is not exact. */
    private static double oddSum(double a, double b) {
        double sum = a + b;
        double error = sumError(a, b, sum);
        long bits = Double.doubleToRawLongBits(sum);
        if (error == 0 || (bits & 1) == 1) {
            return sum;
        }
        return Double.longBitsToDouble(error > 0 == sum > 0 ? bits + 1 : bits - 1);
    }
}
