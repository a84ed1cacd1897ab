package io.lanecell.internal.kernel;

import static io.lanecell.internal.kernel.KernelEqualityTest.assertSameBits;
import static io.lanecell.internal.kernel.KernelEqualityTest.mixed;

import io.lanecell.ActivationFunction;
import io.lanecell.Seeds;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The kernels of the layers around the recurrent ones, vector against scalar bit for bit, at this JVM's vector width. */
class RowKernelEqualityTest {
    private static final int[] SIZES = {1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 47, 64, 65, 127, 130};
    private static final int ROUNDS = 10;

    private final Kernels scalar = KernelSelection.scalar();
    private final Kernels vector = KernelSelection.vector();

    private interface Operation {
        void on(Kernels kernels, float[] x, float[] y, float[] out, int size);
    }

    /** Runs an operation on both kernels with the same numbers, special ones among them, at every size. */
    private void assertEqual(String what, Operation operation) {
        Random random = Seeds.random(what);
        for (int size : SIZES) {
            for (int round = 0; round < ROUNDS; round++) {
                float[] x = round % 2 == 0 ? mixed(random, 4 * size + 3) : Seeds.floats(random, 4 * size + 3, 1f);
                float[] y = round % 4 == 0 ? mixed(random, 4 * size + 3) : Seeds.floats(random, 4 * size + 3, 1f);
                float[] expected = mixed(random, size + 5);
                float[] actual = expected.clone();
                operation.on(scalar, x, y, expected, size);
                operation.on(vector, x, y, actual, size);
                assertSameBits(expected, actual, what + " of " + size);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void activationsAreEqualOnNumbersOfEveryExponent(ActivationFunction function) {
        int count = (1 << 16) - 3;
        float[] x = new float[count];
        Seeds.fillWithEveryExponent(x);
        float[] expected = new float[count];
        scalar.activate(function, function.defaultParameter(), x, 0, expected, 0, count);
        vector.activate(function, function.defaultParameter(), x, 0, x, 0, count);
        assertSameBits(expected, x, function + " in place");
    }

    @ParameterizedTest
    @EnumSource
    void activationsAreEqualAtEverySizeAndOffset(ActivationFunction function) {
        assertEqual(function.toString(), (kernels, x, y, out, size) -> kernels.activate(function, 0.3f, x, 3, out, 2, size));
    }

    @Test
    void sumsAndLargestOfRowsAreEqual() {
        assertEqual("add", (kernels, x, y, out, size) -> kernels.add(x, 3, out, 2, size));
        assertEqual("addScaled", (kernels, x, y, out, size) -> kernels.addScaled(y[0], x, 3, out, 2, size));
        assertEqual("max", (kernels, x, y, out, size) -> kernels.max(x, 3, out, 2, size));
        assertEqual("scaleAndShift", (kernels, x, y, out, size) -> kernels.scaleAndShift(x, 3, y, x, out, 2, size));
    }

    @Test
    void layerNormsAreEqual() {
        assertEqual("layerNorm",
                (kernels, x, y, out, size) -> kernels.layerNorm(x, 3, size, y, x, 1e-5f, out, 2, new float[Reductions.PARTIALS]));
    }

    @Test
    void dotProductsAreEqual() {
        assertEqual("dots", (kernels, x, y, out, size) -> kernels.dots(x, 3, size, 3, y, 1, size, out, 2,
                new float[Reductions.PARTIALS]));
    }

    @Test
    void convolutionsOfGroupsAreEqual() {
        assertEqual("ownInputs", (kernels, x, y, out, size) -> {
            kernels.ownInputs(y, 3, 1, size, x, x, 3, size, out, 2);
            kernels.ownInputs(y, 1, 3, size, x, x, 3, 0, out, 2);
        });
    }
}
