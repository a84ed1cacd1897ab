package io.lanecell;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TopKTest {
    private static final float[] SCORES = {0.1f, 0.7f, 0.2f, 0.7f};
    private static final List<String> LABELS = List.of("a", "b", "c", "d");

    @Test
    void theLargestComeFirstAndOfEqualsTheFirst() {
        assertEquals(1, TopK.argmax(SCORES));
        assertEquals(1, TopK.argmax(SCORES, 2, 2));
        assertEquals(-1, TopK.argmax(new float[0]));
        int[] best = new int[3];
        assertEquals(3, TopK.indices(SCORES, 0, 4, best));
        assertArrayEquals(new int[]{1, 3, 2}, best);
        assertEquals(2, TopK.indices(SCORES, 2, 2, best));
        assertEquals(1, best[0]);
    }

    @Test
    void theyEqualASortOfEverything() {
        Random random = Seeds.random("theyEqualASortOfEverything");
        for (int count : new int[]{1, 2, 3, 17, 100}) {
            float[] scores = new float[count];
            for (int i = 0; i < count; i++) {
                scores[i] = random.nextInt(20);
            }
            int[] sorted = IntStream.range(0, count).boxed().sorted(Comparator.comparing(i -> -scores[i])).mapToInt(i -> i)
                    .toArray();
            int[] best = new int[count];
            assertEquals(count, TopK.indices(scores, 0, count, best));
            assertArrayEquals(sorted, best);
        }
    }

    @Test
    void notANumberIsTheLargestAsInPyTorch() {
        assertEquals(1, TopK.argmax(new float[]{Float.POSITIVE_INFINITY, Float.NaN, Float.NaN}));
        int[] best = new int[2];
        TopK.indices(new float[]{1, Float.NEGATIVE_INFINITY, Float.NaN}, 0, 3, best);
        assertArrayEquals(new int[]{2, 0}, best);
    }

    @Test
    void labelsComeWithTheirScores() {
        assertEquals(List.of(new TopK.Entry("b", 1, 0.7f), new TopK.Entry("d", 3, 0.7f)), TopK.of(SCORES, LABELS, 2));
        assertEquals(4, TopK.of(SCORES, LABELS, 9).size());
    }

    @Test
    void findingTheLargestAllocatesNothing() {
        float[] scores = Seeds.floats(new Random(1), 40, 1f);
        int[] best = new int[5];
        AllocationTest.assertAllocatesNothing(() -> TopK.indices(scores, 0, 40, best));
    }

    @Test
    void theLargestOfFloat64ScoresIsFoundAlike() {
        assertEquals(2, TopK.argmax(new double[]{9, 1, 1 + 1e-12, 1}, 1, 3) + 1);
        assertEquals(1, TopK.argmax(new double[]{9, Double.NaN, Double.NaN}, 0, 3));
        assertEquals(-1, TopK.argmax(new double[0], 0, 0));
    }

    @Test
    void aLabelListOfTheWrongLengthIsRefused() {
        String message = assertThrows(InvalidInputException.class, () -> TopK.of(SCORES, List.of("a", "b"), 1)).getMessage();
        assertTrue(message.contains("there are 2 labels for 4 scores"), message);
        assertThrows(InvalidInputException.class, () -> TopK.of(SCORES, LABELS, 0));
        assertThrows(InvalidInputException.class, () -> TopK.argmax(SCORES, 3, 2));
    }
}
