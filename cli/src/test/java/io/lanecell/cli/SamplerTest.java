package io.lanecell.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.InvalidModelException;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplerTest {
    private static final int DRAWS = 100_000;

    private static double[] frequencies(Sampler sampler, float... scores) {
        double[] counts = new double[scores.length];
        for (int i = 0; i < DRAWS; i++) {
            counts[sampler.choose(scores)] += 1.0 / DRAWS;
        }
        return counts;
    }

    @Test
    void greedyTakesTheFirstOfTheLargest() {
        assertEquals(1, Sampler.greedy().choose(new float[]{-1, 3, 3, 2}));
        assertEquals(0, Sampler.greedy().choose(new float[]{0, -0f}));
        assertEquals(2, Sampler.greedy().choose(new float[]{Float.NEGATIVE_INFINITY, -5, -4}));
    }

    @Test
    void drawsFollowTheSoftmaxOfTheScores() {
        float[] logits = {(float) Math.log(0.1), (float) Math.log(0.6), (float) Math.log(0.3)};
        double[] found = frequencies(Sampler.random(1, false, new SplittableRandom(1)), logits);
        assertArrayEquals(new double[]{0.1, 0.6, 0.3}, found, 0.01);
    }

    @Test
    void probabilitiesAndTheirLogarithmsGiveTheSameDraws() {
        float[] logits = {(float) Math.log(0.1), (float) Math.log(0.6), (float) Math.log(0.3)};
        double[] fromLogits = frequencies(Sampler.random(0.5, false, new SplittableRandom(2)), logits);
        double[] fromProbabilities = frequencies(Sampler.random(0.5, true, new SplittableRandom(2)), 0.1f, 0.6f, 0.3f);
        assertArrayEquals(fromLogits, fromProbabilities, 0.001);
        assertArrayEquals(new double[]{0.01 / 0.46, 0.36 / 0.46, 0.09 / 0.46}, fromLogits, 0.01, "squares, at 1/2");
    }

    @Test
    void aTinyTemperatureIsGreedyAndNothingOverflows() {
        Sampler sampler = Sampler.random(1e-300, false, new SplittableRandom(3));
        assertEquals(1, sampler.choose(new float[]{1e38f, 3e38f, -3e38f}));
    }

    @Test
    void aSeedMakesDrawsRepeatable() {
        float[] scores = new float[50];
        int[] first = draws(new SplittableRandom(4), scores);
        assertArrayEquals(first, draws(new SplittableRandom(4), scores));
        assertTrue(IntStream.of(first).distinct().count() > 10, "and they are not all the same");
    }

    private static int[] draws(SplittableRandom random, float[] scores) {
        Sampler sampler = Sampler.random(1, false, random);
        return IntStream.range(0, 100).map(_ -> sampler.choose(scores)).toArray();
    }

    @Test
    void scoresOfNanAreRefused() {
        float[] scores = {1, Float.NaN};
        assertThrows(InvalidModelException.class, () -> Sampler.greedy().choose(scores));
    }
}
