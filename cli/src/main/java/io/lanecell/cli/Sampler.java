package io.lanecell.cli;

import io.lanecell.InvalidModelException;
import java.util.SplittableRandom;

/** Chooses the next token from a model's scores: the best one, or at random in proportion to exp(score / temperature). */
final class Sampler {
    private final double temperature; // 0: greedy
    private final boolean scoresAreProbabilities;
    private final SplittableRandom random;

    private Sampler(double temperature, boolean scoresAreProbabilities, SplittableRandom random) {
        this.temperature = temperature;
        this.scoresAreProbabilities = scoresAreProbabilities;
        this.random = random;
    }

    /** Takes the largest score, the first of equals. */
    static Sampler greedy() {
        return new Sampler(0, false, null);
    }

    /**
     * Draws at random.
     *
     * @param temperature            over 0; below 1 likely tokens become likelier still
     * @param scoresAreProbabilities whether scores are the outcome of a softmax rather than logits
     */
    static Sampler random(double temperature, boolean scoresAreProbabilities, SplittableRandom random) {
        return new Sampler(temperature, scoresAreProbabilities, random);
    }

    /** The chosen token. */
    int choose(float[] scores) {
        int best = 0;
        for (int i = 0; i < scores.length; i++) {
            if (Float.isNaN(scores[i])) {
                throw new InvalidModelException(
                        "the model's score for token " + i + " is NaN, expected a number: its weights hold"
                                + " NaN or overflow");
            }
            best = scores[i] > scores[best] ? i : best;
        }
        return temperature == 0 ? best : draw(scores, best);
    }

    private int draw(float[] scores, int best) {
        double[] cumulative = new double[scores.length];
        double sum = 0;
        for (int i = 0; i < scores.length; i++) {
            sum += weight(scores[i], scores[best]);
            cumulative[i] = sum;
        }
        double point = random.nextDouble() * sum;
        for (int i = 0; i < cumulative.length; i++) {
            if (point < cumulative[i]) {
                return i;
            }
        }
        return best;
    }

    /** Relative to the best, whose weight is 1, so that nothing overflows. */
    private double weight(double score, double best) {
        if (score == best) {
            return 1;
        }
        return scoresAreProbabilities
                ? StrictMath.pow(score / best, 1 / temperature)
                : StrictMath.exp((score - best) / temperature);
    }
}
