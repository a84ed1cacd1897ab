package io.lanecell;

import java.util.Random;

/** Random numbers of which a failing run can be repeated: {@code -Dlanecell.seed=…} with the seed that was printed. */
public final class Seeds {
    private Seeds() {
    }

    /** A generator whose seed is printed under the test's name. */
    public static Random random(String test) {
        long seed = Long.getLong("lanecell.seed", System.nanoTime());
        System.out.println(test + ": seed " + seed);
        return new Random(seed);
    }

    /** Normal numbers times {@code scale}. */
    public static float[] floats(Random random, int count, float scale) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian() * scale;
        }
        return values;
    }

    /** Normal numbers times {@code scale}. */
    public static double[] doubles(Random random, int count, double scale) {
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextGaussian() * scale;
        }
        return values;
    }

    /** Fills an array of nearly 2^16 numbers with every sign, exponent and the next few bits, and some bits behind these. */
    public static void fillWithEveryExponent(float[] values) {
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.intBitsToFloat(i << 16 | i * 31 & 0xffff);
        }
    }

    /** Likewise, but for the lowest bits. */
    public static void fillWithEveryExponent(double[] values) {
        for (int i = 0; i < values.length; i++) {
            values[i] = Double.longBitsToDouble((long) i << 48 | i * 0x9E3779B97F4AL & 0xffff_ffff_ffffL);
        }
    }
}
