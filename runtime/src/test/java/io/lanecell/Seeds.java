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
}
