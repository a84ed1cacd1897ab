package io.lanecell.internal.kernel;

import static io.lanecell.internal.kernel.Reductions.PARTIALS;
import static io.lanecell.internal.kernel.VectorKernels.LANES;
import static io.lanecell.internal.kernel.VectorKernels.SPECIES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The sums of {@link Reductions}, whose 16 partial sums lie in one, two or four vectors (or nothing is done here). Whole groups of 16 elements are added here,
 * the rest and the tree there. What depends on the number of lanes is decided when the loops are compiled. (Nothing here is put into a
 * helper that takes vectors: where C2 doesn't inline it, they are boxed.)
 */
final class VectorReductions {
    private VectorReductions() {
    }

    static float dot(float[] x, int xOffset, float[] y, int yOffset, int count, float[] partials) {
        if (LANES < 4) {
            Arrays.fill(partials, 0, PARTIALS, 0f);
        }
        FloatVector a = FloatVector.zero(SPECIES);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int bound = bound(count);
        for (int i = 0; i < bound; i += PARTIALS) {
            int xi = xOffset + i;
            int yi = yOffset + i;
            a = FloatVector.fromArray(SPECIES, x, xi).fma(FloatVector.fromArray(SPECIES, y, yi), a);
            if (LANES <= 8) {
                b = FloatVector.fromArray(SPECIES, x, xi + LANES).fma(FloatVector.fromArray(SPECIES, y, yi + LANES), b);
            }
            if (LANES <= 4) {
                c = FloatVector.fromArray(SPECIES, x, xi + 2 * LANES).fma(FloatVector.fromArray(SPECIES, y, yi + 2 * LANES), c);
                d = FloatVector.fromArray(SPECIES, x, xi + 3 * LANES).fma(FloatVector.fromArray(SPECIES, y, yi + 3 * LANES), d);
            }
        }
        a.intoArray(partials, 0);
        if (LANES <= 8) {
            b.intoArray(partials, LANES);
        }
        if (LANES <= 4) {
            c.intoArray(partials, 2 * LANES);
            d.intoArray(partials, 3 * LANES);
        }
        return Reductions.dot(x, xOffset, y, yOffset, bound, count, partials);
    }

    static float sum(float[] x, int offset, int count, float[] partials) {
        if (LANES < 4) {
            Arrays.fill(partials, 0, PARTIALS, 0f);
        }
        FloatVector a = FloatVector.zero(SPECIES);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int bound = bound(count);
        for (int i = 0; i < bound; i += PARTIALS) {
            int at = offset + i;
            a = a.add(FloatVector.fromArray(SPECIES, x, at));
            if (LANES <= 8) {
                b = b.add(FloatVector.fromArray(SPECIES, x, at + LANES));
            }
            if (LANES <= 4) {
                c = c.add(FloatVector.fromArray(SPECIES, x, at + 2 * LANES));
                d = d.add(FloatVector.fromArray(SPECIES, x, at + 3 * LANES));
            }
        }
        a.intoArray(partials, 0);
        if (LANES <= 8) {
            b.intoArray(partials, LANES);
        }
        if (LANES <= 4) {
            c.intoArray(partials, 2 * LANES);
            d.intoArray(partials, 3 * LANES);
        }
        return Reductions.sum(x, offset, bound, count, partials);
    }

    static float squares(float[] x, int offset, float mean, int count, float[] partials) {
        if (LANES < 4) {
            Arrays.fill(partials, 0, PARTIALS, 0f);
        }
        FloatVector a = FloatVector.zero(SPECIES);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int bound = bound(count);
        for (int i = 0; i < bound; i += PARTIALS) {
            int at = offset + i;
            FloatVector deviation = FloatVector.fromArray(SPECIES, x, at).sub(mean);
            a = deviation.fma(deviation, a);
            if (LANES <= 8) {
                deviation = FloatVector.fromArray(SPECIES, x, at + LANES).sub(mean);
                b = deviation.fma(deviation, b);
            }
            if (LANES <= 4) {
                deviation = FloatVector.fromArray(SPECIES, x, at + 2 * LANES).sub(mean);
                c = deviation.fma(deviation, c);
                deviation = FloatVector.fromArray(SPECIES, x, at + 3 * LANES).sub(mean);
                d = deviation.fma(deviation, d);
            }
        }
        a.intoArray(partials, 0);
        if (LANES <= 8) {
            b.intoArray(partials, LANES);
        }
        if (LANES <= 4) {
            c.intoArray(partials, 2 * LANES);
            d.intoArray(partials, 3 * LANES);
        }
        return Reductions.squares(x, offset, mean, bound, count, partials);
    }

    /** Elements in whole groups of 16; none where it takes eight vectors to hold 16 (float64 in 128 bits). */
    private static int bound(int count) {
        return LANES < 4 ? 0 : count & -PARTIALS;
    }
}
