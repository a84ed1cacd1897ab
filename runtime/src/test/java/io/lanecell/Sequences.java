package io.lanecell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;

/** A batch of random sequences of different lengths, for models that change the number of steps. Padding holds NaN. */
final class Sequences {
    final int batch;
    final int steps;
    final int[] lengths;
    private final int width;
    private final boolean batchFirst;
    private final float[] values;

    Sequences(Random random, int batch, int steps, int shortest, int width, boolean batchFirst) {
        this.batch = batch;
        this.steps = steps;
        this.width = width;
        this.batchFirst = batchFirst;
        values = Seeds.floats(random, batch * steps * width, 1f);
        lengths = new int[batch];
        for (int n = 0; n < batch; n++) {
            lengths[n] = shortest + random.nextInt(steps - shortest + 1);
            for (int t = lengths[n]; t < steps; t++) {
                Arrays.fill(values, row(n, t, steps) * width, (row(n, t, steps) + 1) * width, Float.NaN);
            }
        }
        lengths[random.nextInt(batch)] = shortest;
    }

    private int row(int n, int t, int ofSteps) {
        return batchFirst ? n * ofSteps + t : t * batch + n;
    }

    /** Sequence {@code n} as far as it goes. */
    double[][] sequence(int n) {
        double[][] rows = new double[lengths[n]][width];
        for (int t = 0; t < rows.length; t++) {
            for (int f = 0; f < width; f++) {
                rows[t][f] = values[row(n, t, steps) * width + f];
            }
        }
        return rows;
    }

    /** What the model gives for all of them. */
    float[] run(Model model) {
        float[] out = new float[batch * model.outputSteps(steps) * model.outputSize()];
        Arrays.fill(out, 7f);
        model.newSession(batch).run(values, 0, steps, lengths, out, 0);
        return out;
    }

    /** Runs the model on both kernels, which must agree to the bit, and compares with {@code expected}, beyond which there must be zeros. */
    void check(Model model, double[][][] expected, boolean zerosBeyond, String what) {
        float[] out = run(model.with(KernelChoice.VECTOR));
        SessionEqualityTest.assertSameBits(out, run(model.with(KernelChoice.SCALAR)), what + ", scalar");
        int outSteps = model.outputSteps(steps);
        int outWidth = model.outputSize();
        for (int n = 0; n < batch; n++) {
            assertTrue(expected[n].length <= outSteps, what);
            for (int t = 0; t < outSteps; t++) {
                for (int f = 0; f < outWidth; f++) {
                    String where = what + ": sequence " + n + " step " + t + " feature " + f;
                    float actual = out[row(n, t, outSteps) * outWidth + f];
                    if (t < expected[n].length) {
                        double exact = expected[n][t][f];
                        assertEquals(exact, actual, 3e-6 * Math.max(1, Math.abs(exact)) * Math.sqrt(width), where);
                    } else if (zerosBeyond) {
                        assertEquals(0f, actual, where);
                    }
                }
            }
        }
    }
}
