package io.lanecell.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PackingTest {
    private static final int[] LENGTHS = {2, 7, 1, 4, 7};

    /** Element of step t of sequence n: 100·n + 10·t + feature. */
    private static double[] numbered(int batch, int steps, int width, boolean batchFirst) {
        double[] values = new double[batch * steps * width];
        for (int n = 0; n < batch; n++) {
            for (int t = 0; t < steps; t++) {
                for (int f = 0; f < width; f++) {
                    values[(batchFirst ? n * steps + t : t * batch + n) * width + f] = 100 * n + 10 * t + f;
                }
            }
        }
        return values;
    }

    @Test
    void sequencesAreSortedLongestFirstAndEqualOnesKeepTheirOrder() {
        assertArrayEquals(new int[]{1, 4, 3, 0, 2}, Packing.sortedIndices(LENGTHS));
        assertArrayEquals(new int[]{0, 1, 2}, Packing.sortedIndices(new int[]{4, 4, 4}));
        assertArrayEquals(new int[]{3, 0, 4, 2, 1}, Packing.unsortedIndices(Packing.sortedIndices(LENGTHS)));
    }

    @Test
    void batchSizesCountTheSequencesThatReachEachStep() {
        assertArrayEquals(new int[]{5, 4, 3, 3, 2, 2, 2}, Packing.batchSizes(LENGTHS));
        assertArrayEquals(new int[]{1}, Packing.batchSizes(new int[]{1}));
        assertEquals(Arrays.stream(LENGTHS).sum(), Arrays.stream(Packing.batchSizes(LENGTHS)).sum());
    }

    @Test
    void anOrderIsTakenOnlyIfItSortsEverySequenceOnce() {
        assertTrue(Packing.isDescending(new long[]{1, 4, 3, 0, 2}, LENGTHS));
        assertTrue(Packing.isDescending(new long[]{4, 1, 3, 0, 2}, LENGTHS), "equal lengths may change places");
        assertFalse(Packing.isDescending(new long[]{1, 3, 4, 0, 2}, LENGTHS));
        assertFalse(Packing.isDescending(new long[]{1, 1, 3, 0, 2}, LENGTHS));
        assertFalse(Packing.isDescending(new long[]{1, 4, 3, 0}, LENGTHS));
        assertFalse(Packing.isDescending(new long[]{1, 4, 3, 0, 5}, LENGTHS));
    }

    @Test
    void packingTakesStepAfterStepInTheGivenOrderAndLeavesPaddingOut() {
        int[] lengths = {1, 3, 2};
        double[] expected = {100, 101, 200, 201, 0, 1, 110, 111, 210, 211, 120, 121};
        for (boolean batchFirst : new boolean[]{true, false}) {
            double[] padded = numbered(3, 4, 2, batchFirst);
            assertArrayEquals(expected, Packing.pack(padded, 2, batchFirst, 4, lengths, Packing.sortedIndices(lengths)));
        }
    }

    @Test
    void resizingCutsOrAddsStepsAndKeepsTheRestInPlace() {
        for (boolean batchFirst : new boolean[]{true, false}) {
            double[] padded = numbered(3, 4, 2, batchFirst);
            assertArrayEquals(numbered(3, 2, 2, batchFirst), Packing.resize(padded, 2, batchFirst, 3, 4, 2));
            double[] longer = Packing.resize(padded, 2, batchFirst, 3, 4, 6);
            assertArrayEquals(padded, Packing.resize(longer, 2, batchFirst, 3, 6, 4));
            assertEquals(Arrays.stream(padded).sum(), Arrays.stream(longer).sum(), "what was added is zero");
        }
    }

    @Test
    void paddingIsWrittenOnlyWhereASequenceHasEnded() {
        for (boolean batchFirst : new boolean[]{true, false}) {
            double[] values = numbered(2, 3, 1, batchFirst);
            Packing.fillPadding(values, 1, batchFirst, 3, new int[]{3, 1}, -1.5);
            assertArrayEquals(batchFirst ? new double[]{0, 10, 20, 100, -1.5, -1.5} : new double[]{0, 100, 10, -1.5, 20, -1.5},
                    values);
        }
    }
}
