package io.lanecell;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplerTest {
    private static final int DRAWS = 100_000;
    /** Of probabilities 0.1, 0.6, 0.3. */
    private static final float[] LOGITS = {(float) Math.log(0.1), (float) Math.log(0.6), (float) Math.log(0.3)};

    private static double[] frequencies(Sampler sampler, float... logits) {
        double[] counts = new double[logits.length];
        for (int i = 0; i < DRAWS; i++) {
            counts[sampler.choose(logits)] += 1.0 / DRAWS;
        }
        return counts;
    }

    @Test
    void greedyTakesTheFirstOfTheLargest() {
        assertEquals(1, Sampler.greedy().choose(new float[]{-1, 3, 3, 2}));
        assertEquals(0, Sampler.greedy().choose(new float[]{0, -0f}));
        assertEquals(2, Sampler.greedy().choose(new float[]{Float.NEGATIVE_INFINITY, -5, -4}));
        assertEquals(1, Sampler.greedy().choose(new float[]{9, 1, 2, 9}, 1, 2));
    }

    @Test
    void drawsFollowTheSoftmaxOfTheLogits() {
        assertArrayEquals(new double[]{0.1, 0.6, 0.3}, frequencies(Sampler.random(3, 1, 0, 1, 1), LOGITS), 0.01);
        assertArrayEquals(new double[]{0.01 / 0.46, 0.36 / 0.46, 0.09 / 0.46},
                frequencies(Sampler.random(3, 0.5, 0, 1, 2), LOGITS),
                0.01, "squares, at 1/2");
    }

    @Test
    void topKDrawsAmongTheLikeliest() {
        assertArrayEquals(new double[]{0, 2 / 3.0, 1 / 3.0}, frequencies(Sampler.random(3, 1, 2, 1, 3), LOGITS), 0.01);
        assertArrayEquals(new double[]{0, 1, 0}, frequencies(Sampler.random(3, 1, 1, 1, 3), LOGITS), 1e-9);
        assertArrayEquals(new double[]{0.1, 0.6, 0.3}, frequencies(Sampler.random(3, 1, 7, 1, 3), LOGITS), 0.01);
        assertArrayEquals(new double[]{0.5, 0.5, 0, 0}, frequencies(Sampler.random(4, 1, 2, 1, 4), 1, 1, 1, 1), 0.01,
                "of equals the first");
    }

    @Test
    void topPDrawsAmongTheFewestThatSumToIt() {
        assertArrayEquals(new double[]{0, 1, 0}, frequencies(Sampler.random(3, 1, 0, 0.59, 5), LOGITS), 1e-9);
        assertArrayEquals(new double[]{0, 2 / 3.0, 1 / 3.0}, frequencies(Sampler.random(3, 1, 0, 0.61, 5), LOGITS), 0.01);
        assertArrayEquals(new double[]{0.1, 0.6, 0.3}, frequencies(Sampler.random(3, 1, 0, 0.95, 5), LOGITS), 0.01);
        assertArrayEquals(new double[]{0, 1, 0}, frequencies(Sampler.random(3, 1, 2, 0.66, 5), LOGITS), 1e-9,
                "of the two that top-k leaves, the first has 2/3");
    }

    @Test
    void theLikeliestOfManyAreFound() {
        float[] logits = new float[1000];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = i * 7919 % 1000 * 0.001f;
        }
        int[] best = new int[10];
        TopK.indices(logits, 0, logits.length, best);
        Sampler sampler = Sampler.random(1000, 1, 10, 1, 6);
        int[] drawn = IntStream.range(0, 5_000).map(_ -> sampler.choose(logits)).distinct().sorted().toArray();
        assertArrayEquals(IntStream.of(best).sorted().toArray(), drawn);
    }

    @Test
    void aTinyTemperatureIsGreedyAndNothingOverflows() {
        assertEquals(1, Sampler.random(3, 1e-300, 0, 1, 3).choose(new float[]{1e38f, 3e38f, -3e38f}));
        assertEquals(1, Sampler.random(2, 1, 2, 0.9, 3).choose(new float[]{Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY}));
    }

    @Test
    void aSeedMakesDrawsRepeatableForGood() {
        int[] draws = draws(4);
        assertArrayEquals(draws, draws(4));
        assertTrue(IntStream.of(draws).distinct().count() > 10, "and they are not all the same");
        assertArrayEquals(new int[]{21, 44, 42}, java.util.Arrays.copyOf(draws, 3), "as on every machine");
    }

    private static int[] draws(long seed) {
        Sampler sampler = Sampler.random(50, 1, 0, 1, seed);
        return IntStream.range(0, 100).map(_ -> sampler.choose(new float[50])).toArray();
    }

    @Test
    void float64LogitsAreDrawnAsFloat32OnesAre() {
        double[] wide = {LOGITS[0], LOGITS[1], LOGITS[2]};
        Sampler narrowDraws = Sampler.random(3, 0.7, 2, 1, 5);
        Sampler wideDraws = Sampler.random(3, 0.7, 2, 1, 5);
        for (int i = 0; i < 1000; i++) {
            assertEquals(narrowDraws.choose(LOGITS), wideDraws.choose(wide, 0, 3));
        }
        assertEquals(1, Sampler.greedy().choose(new double[]{1, 1 + 1e-12, 0}, 0, 3));
    }

    @Test
    void aDrawAllocatesNothing() {
        float[] logits = Seeds.floats(new Random(1), 40, 1f);
        Sampler sampler = Sampler.random(40, 0.8, 10, 0.9, 1);
        for (int i = 0; i < 5 * DRAWS; i++) { // the JVM links branches that few draws take when the first one comes
            sampler.choose(logits);
        }
        AllocationTest.assertAllocatesNothing(() -> sampler.choose(logits));
    }

    @Test
    void whatIsOutOfRangeIsRefused() {
        refused("the logit of token 1 is NaN", () -> Sampler.greedy().choose(new float[]{1, Float.NaN}));
        refused("there are 2 logits where 3, the vocabulary, are expected",
                () -> Sampler.random(3, 1, 0, 1, 1).choose(new float[2]));
        refused("there are 0 logits where 1 or more are expected", () -> Sampler.greedy().choose(new float[0]));
        refused("the temperature is 0.0", () -> Sampler.random(3, 0, 0, 1, 1));
        refused("the temperature is NaN", () -> Sampler.random(3, Double.NaN, 0, 1, 1));
        refused("top-k is -1", () -> Sampler.random(3, 1, -1, 1, 1));
        refused("top-p is 0.0", () -> Sampler.random(3, 1, 0, 0, 1));
        refused("top-p is 1.5", () -> Sampler.random(3, 1, 0, 1.5, 1));
        refused("the vocabulary has 0 tokens", () -> Sampler.random(0, 1, 0, 1, 1));
    }

    private static void refused(String message, org.junit.jupiter.api.function.Executable call) {
        InvalidInputException refusal = assertThrows(InvalidInputException.class, call);
        assertTrue(refusal.getMessage().contains(message), () -> "'" + refusal.getMessage() + "' should say '" + message + "'");
    }
}
