package io.lanecell.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.lanecell.Seeds;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The vector kernel and its scalar twin, bit for bit, at whatever width this JVM was started with. */
class KernelEqualityTest {
    private static final int[] SIZES = {1, 2, 3, 5, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 127, 128, 130};
    private static final float[] SPECIAL = {0f, -0f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MIN_VALUE,
            -Float.MIN_VALUE, 1e-40f, Float.MAX_VALUE, -Float.MAX_VALUE, 9.0111f, -9.0112f, 87f, -87f, -87.5f, -88f, -88.5f, 104f,
            19.1f, -708f, -708.4f, -709f, -746f,
            1e-8f, 0.5f, 1f};

    private final Kernels scalar = KernelSelection.scalar();
    private final Kernels vector = KernelSelection.vector();

    @BeforeAll
    static void sayWidth() {
        assertNotNull(KernelSelection.vector(), () -> "these tests need the vector kernel: " + KernelSelection.obstacle());
        System.out.println("vector kernel of " + VectorKernels.LANES + " lanes");
    }

    @Test
    void productsOfOneRowAndManyAreEqualAtEverySize() {
        Random random = Seeds.random("productsOfOneRowAndManyAreEqualAtEverySize");
        for (int outputs : SIZES) {
            int inputs = SIZES[random.nextInt(SIZES.length)];
            for (int rows : new int[]{1, 2, 3, 4, 5, 7, 8, 17}) {
                PackedMatrix matrix = PackedMatrix.of(Seeds.floats(random, outputs * inputs, 1f),
                        Seeds.floats(random, outputs, 1f),
                        outputs, inputs);
                float[] x = Seeds.floats(random, rows * (inputs + 3), 1f);
                int width = matrix.paddedOutputs();
                float[][] results = new float[2][];
                for (Kernels kernels : new Kernels[]{scalar, vector}) {
                    float[] out = new float[rows * width + 5];
                    kernels.multiply(matrix, 0, inputs, x, 0, inputs + 3, rows, matrix.bias(), 0, 0, out, 5, width,
                            new float[40 * 140]);
                    results[kernels == scalar ? 0 : 1] = out;
                }
                assertSameBits(results[0], results[1], outputs + " outputs, " + inputs + " inputs, " + rows + " rows");
            }
        }
    }

    @Test
    void aProductBegunAndContinuedEqualsTheWholeProduct() {
        Random random = Seeds.random("aProductBegunAndContinuedEqualsTheWholeProduct");
        for (Kernels kernels : new Kernels[]{scalar, vector}) {
            for (int inputs : SIZES) {
                int split = random.nextInt(inputs + 1);
                PackedMatrix matrix = PackedMatrix.of(Seeds.floats(random, 70 * inputs, 1f), null, 70, inputs);
                float[] x = Seeds.floats(random, 3 * inputs, 1f);
                int width = matrix.paddedOutputs();
                float[] whole = new float[3 * width];
                kernels.multiply(matrix, 0, inputs, x, 0, inputs, 3, matrix.bias(), 0, 0, whole, 0, width, new float[40 * 140]);
                float[] parts = new float[3 * width];
                kernels.multiply(matrix, 0, split, x, 0, inputs, 3, matrix.bias(), 0, 0, parts, 0, width, new float[40 * 140]);
                kernels.multiply(matrix, split, inputs - split, x, split, inputs, 3, parts, 0, width, parts, 0, width,
                        new float[40 * 140]);
                assertSameBits(whole, parts, inputs + " inputs in two parts, the second from " + split);
            }
        }
    }

    @Test
    void aProductOfTwoArraysEqualsOneContinuedByTheOther() {
        Random random = Seeds.random("aProductOfTwoArraysEqualsOneContinuedByTheOther");
        for (int outputs : SIZES) {
            int inputs = SIZES[random.nextInt(SIZES.length)];
            int recurrent = SIZES[random.nextInt(SIZES.length)];
            for (int rows : new int[]{1, 2, 3, 4, 5, 7, 8, 17}) {
                PackedMatrix matrix = PackedMatrix.of(Seeds.floats(random, outputs * (inputs + recurrent), 1f),
                        Seeds.floats(random, outputs, 1f), outputs, inputs + recurrent);
                float[] x = Seeds.floats(random, rows * inputs + 3, 1f);
                float[] h = Seeds.floats(random, rows * (recurrent + 1), 1f);
                int width = matrix.paddedOutputs();
                float[] scratch = new float[20 * 280];
                float[] continued = new float[rows * width];
                scalar.multiply(matrix, 0, inputs, x, 3, inputs, rows, matrix.bias(), 0, 0, continued, 0, width, scratch);
                scalar.multiply(matrix, inputs, recurrent, h, 0, recurrent + 1, rows, continued, 0, width, continued, 0, width,
                        scratch);
                for (Kernels kernels : new Kernels[]{scalar, vector}) {
                    float[] both = new float[rows * width];
                    kernels.multiply(matrix, x, 3, inputs, inputs, h, recurrent + 1, recurrent, rows, both, width, scratch);
                    assertSameBits(continued, both,
                            outputs + " outputs, " + inputs + " + " + recurrent + " inputs, " + rows + " rows");
                }
            }
        }
    }

    @Test
    void everyRowOfABatchEqualsThatRowAlone() {
        Random random = Seeds.random("everyRowOfABatchEqualsThatRowAlone");
        for (Kernels kernels : new Kernels[]{scalar, vector}) {
            for (int rows = 1; rows <= 9; rows++) {
                PackedMatrix matrix = PackedMatrix.of(Seeds.floats(random, 96 * 33, 1f), Seeds.floats(random, 96, 1f), 96, 33);
                float[] x = Seeds.floats(random, rows * 33, 1f);
                int width = matrix.paddedOutputs();
                float[] batch = new float[rows * width];
                float[] alone = new float[rows * width];
                kernels.multiply(matrix, 0, 33, x, 0, 33, rows, matrix.bias(), 0, 0, batch, 0, width, new float[40 * 140]);
                for (int row = 0; row < rows; row++) {
                    kernels.multiply(matrix, 0, 33, x, row * 33, 33, 1, matrix.bias(), 0, 0, alone, row * width, width,
                            new float[40 * 140]);
                }
                assertSameBits(alone, batch, rows + " rows");
            }
        }
    }

    @Test
    void cellUpdatesAreEqualOnOrdinaryAndSpecialNumbers() {
        Random random = Seeds.random("cellUpdatesAreEqualOnOrdinaryAndSpecialNumbers");
        for (int round = 0; round < 200; round++) {
            float[] gates = mixed(random, 2 * 4 * 48);
            float[] c = mixed(random, 2 * 48);
            float[] scalarC = c.clone();
            float[] vectorC = c.clone();
            float[] scalarH = new float[2 * 50];
            float[] vectorH = new float[2 * 50];
            scalar.lstmCell(2, 48, gates, 0, 4 * 48, scalarC, scalarH, 50);
            vector.lstmCell(2, 48, gates, 0, 4 * 48, vectorC, vectorH, 50);
            assertSameBits(scalarC, vectorC, "c");
            assertSameBits(scalarH, vectorH, "h");
        }
    }

    @Test
    void fusedStepsAreEqual() {
        Random random = Seeds.random("fusedStepsAreEqual");
        for (int hidden : SIZES) {
            int inputs = SIZES[random.nextInt(SIZES.length)];
            PackedMatrix matrix = PackedMatrix.ofGates(Seeds.floats(random, 4 * hidden * inputs, 0.3f),
                    Seeds.floats(random, 4 * hidden * hidden, 0.3f), Seeds.floats(random, 4 * hidden, 0.3f), hidden, inputs,
                    hidden);
            int units = matrix.paddedOutputs() / 4;
            float[] x = Seeds.floats(random, inputs, 1f);
            float[] h = Seeds.floats(random, units, 1f);
            float[] c = Seeds.floats(random, units, 1f);
            float[] scalarC = c.clone();
            float[] vectorC = c.clone();
            float[] scalarH = new float[units];
            float[] vectorH = new float[units];
            scalar.lstmStep(matrix, matrix.bias(), 0, x, 0, inputs, h, hidden, scalarC, scalarH, new float[64], false);
            vector.lstmStep(matrix, matrix.bias(), 0, x, 0, inputs, h, hidden, vectorC, vectorH, new float[64], true);
            assertSameBits(scalarC, vectorC, "c, hidden size " + hidden);
            assertSameBits(scalarH, vectorH, "h, hidden size " + hidden);
        }
    }

    @Test
    void gruUpdatesAreEqualOnOrdinaryAndSpecialNumbers() {
        Random random = Seeds.random("gruUpdatesAreEqualOnOrdinaryAndSpecialNumbers");
        for (int round = 0; round < 200; round++) {
            int units = 16 * (1 + random.nextInt(9));
            int width = (units + 63) / 64 * PackedMatrix.GROUP;
            float[] sums = mixed(random, 2 * width);
            float[] scalarH = mixed(random, 2 * units);
            float[] vectorH = scalarH.clone();
            scalar.gruCell(2, units, sums.clone(), 0, width, scalarH, units);
            vector.gruCell(2, units, sums.clone(), 0, width, vectorH, units);
            assertSameBits(scalarH, vectorH, units + " units");
        }
    }

    @Test
    void fusedGruStepsAreEqualAlsoInPartsAndFromSumsThatHoldTheInputs() {
        Random random = Seeds.random("fusedGruStepsAreEqualAlsoInPartsAndFromSumsThatHoldTheInputs");
        for (int hidden : SIZES) {
            int inputs = SIZES[random.nextInt(SIZES.length)];
            PackedMatrix matrix = PackedMatrix.ofGru(Seeds.floats(random, 3 * hidden * inputs, 0.3f),
                    Seeds.floats(random, 3 * hidden * hidden, 0.3f), Seeds.floats(random, 3 * hidden, 0.3f),
                    Seeds.floats(random, 3 * hidden, 0.3f), hidden, inputs);
            int units = (hidden + 15) / 16 * 16;
            float[] x = Seeds.floats(random, inputs, 1f);
            float[] h = Seeds.floats(random, units, 1f);
            float[] expected = new float[units];
            scalar.gruStep(matrix, matrix.bias(), 0, x, 0, inputs, h, hidden, expected, new float[PackedMatrix.GROUP], false);
            for (Kernels kernels : new Kernels[]{scalar, vector}) {
                float[] actual = new float[units];
                float[] sums = new float[matrix.paddedOutputs()];
                kernels.gruStep(matrix, matrix.bias(), 0, x, 0, inputs, h, hidden, actual, new float[PackedMatrix.GROUP], true);
                assertSameBits(expected, actual, kernels.name() + ", hidden size " + hidden);
                kernels.multiply(matrix.ofInput(), 0, inputs, x, 0, inputs, 1, matrix.bias(), 0, 0, sums, 0, sums.length,
                        new float[0]);
                for (int part = 0; part < 2; part++) {
                    kernels.gruStep(matrix.part(part, 2), sums, 0, x, 0, 0, h, hidden, actual, new float[PackedMatrix.GROUP],
                            part == 0);
                }
                assertSameBits(expected, actual, kernels.name() + ", from sums, hidden size " + hidden);
            }
        }
    }

    @Test
    void plainRecurrentUpdatesAndFusedStepsAreEqual() {
        Random random = Seeds.random("plainRecurrentUpdatesAndFusedStepsAreEqual");
        for (int hidden : SIZES) {
            int inputs = SIZES[random.nextInt(SIZES.length)];
            PackedMatrix matrix = PackedMatrix.of(Seeds.floats(random, hidden * inputs, 0.3f),
                    Seeds.floats(random, hidden * hidden, 0.3f), Seeds.floats(random, hidden, 0.3f), hidden, inputs, hidden);
            int units = (hidden + 15) / 16 * 16;
            float[] x = Seeds.floats(random, inputs, 1f);
            float[] h = Seeds.floats(random, units, 1f);
            float[] sums = mixed(random, 3 * units);
            for (boolean relu : new boolean[]{false, true}) {
                float[][] results = new float[2][units];
                float[][] updates = new float[2][3 * units];
                for (Kernels kernels : new Kernels[]{scalar, vector}) {
                    int at = kernels == scalar ? 0 : 1;
                    kernels.rnnStep(relu, matrix, matrix.bias(), 0, x, 0, inputs, h, hidden, results[at], new float[64], at == 1);
                    kernels.rnnCell(relu, 3, units, sums, 0, units, updates[at], units);
                }
                assertSameBits(results[0], results[1], "a step, hidden size " + hidden);
                assertSameBits(updates[0], updates[1], "updates, hidden size " + hidden);
            }
        }
    }

    @Test
    void softmaxAndItsLogarithmAreEqualInPlaceOrNot() {
        Random random = Seeds.random("softmaxAndItsLogarithmAreEqualInPlaceOrNot");
        for (int count : SIZES) {
            for (int round = 0; round < 5; round++) {
                float[] x = round == 0 ? mixed(random, count) : Seeds.floats(random, count, 10f);
                float[] expected = new float[count];
                float[] actual = x.clone();
                scalar.softmax(x, 0, count, expected, 0);
                vector.softmax(actual, 0, count, actual, 0);
                assertSameBits(expected, actual, "softmax of " + count);
                actual = x.clone();
                scalar.logSoftmax(x, 0, count, expected, 0);
                vector.logSoftmax(actual, 0, count, actual, 0);
                assertSameBits(expected, actual, "log softmax of " + count);
            }
        }
    }

    /** Numbers among which every third is special. */
    static float[] mixed(Random random, int count) {
        float[] values = Seeds.floats(random, count, 20f);
        for (int i = 0; i < count; i++) {
            if (random.nextInt(3) == 0) {
                values[i] = SPECIAL[random.nextInt(SPECIAL.length)];
            }
        }
        return values;
    }

    /** Equal bits, NaN payloads apart. */
    static void assertSameBits(float[] expected, float[] actual, String what) {
        assertEquals(expected.length, actual.length, what);
        for (int i = 0; i < expected.length; i++) {
            int at = i;
            assertEquals(Float.floatToIntBits(expected[i]), Float.floatToIntBits(actual[i]),
                    () -> what + ": element " + at + " is " + expected[at] + " in the scalar kernel and " + actual[at] + " here");
        }
    }
}
