package io.lanecell.internal.kernel;

/**
 * a·b + c rounded once. Where the processor has the instruction that is {@link Math#fma(float, float, float)}; where it has
 * not, Math.fma goes through BigDecimal and is thousands of times slower, so there the same bits are made from float64
 * arithmetic.
 */
public final class ExactFma {
    /**
     * Whether Math.fma is an instruction here. Asking the JVM for its flags costs 13 to 20 ms at start, so this times a
     * handful of calls: the interpreter takes well under a microsecond for the intrinsic and several for BigDecimal.
     */
    public static final boolean HARDWARE = probe();

    private ExactFma() {
    }

    static float fma(float a, float b, float c) {
        return HARDWARE ? Math.fma(a, b, c) : emulated(a, b, c);
    }

    /**
     * The product of two float32 is exact in float64. The sum is rounded to odd (the error of the float64 addition, found by
     * Knuth's TwoSum, decides the last bit), and rounding that to float32 is then as good as rounding once, because
     * float64 has more than two bits to spare (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums: proved
     * algorithms using rounding to odd", 2008).
     */
    static float emulated(float a, float b, float c) {
        double product = (double) a * b;
        double sum = product + c;
        double back = sum - product;
        double error = (product - (sum - back)) + (c - back);
        if (error != 0 && Math.abs(sum) <= Double.MAX_VALUE) {
            long bits = Double.doubleToRawLongBits(sum);
            if ((bits & 1) == 0) {
                sum = Double.longBitsToDouble(error > 0 == sum > 0 ? bits + 1 : bits - 1);
            }
        }
        return (float) sum;
    }

    private static boolean probe() {
        float[] operands = {0x1.234568p-1f, 0x1.fedcbap3f, -0x1.111112p-7f};
        long best = Long.MAX_VALUE;
        float sink = 0;
        for (int round = 0; round < 5; round++) {
            long start = System.nanoTime();
            for (int i = 0; i < 8; i++) {
                sink += Math.fma(operands[i % 3], operands[(i + 1) % 3], operands[(i + 2) % 3]);
            }
            best = Math.min(best, System.nanoTime() - start);
        }
        return sink == sink && best < 8 * 1_000;
    }
}
