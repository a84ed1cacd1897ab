package io.lanecell;

import java.util.SplittableRandom;

/**
 * Chooses the next token from a model's logits: the largest, or at random in proportion to exp(logit / temperature) among the
 * likeliest. The same seed gives the same draws on every machine. Allocates nothing after construction; used by one thread at a time.
 */
public final class Sampler {
    private final double temperature; // 0: greedy
    private final int topK;
    private final double topP;
    private final SplittableRandom random;
    /** Weights relative to the largest; and, as a heap, the tokens by likelihood. */
    private final double[] likelihood;
    private final int[] tokens;

    private Sampler(double temperature, int topK, double topP, SplittableRandom random, int vocabulary) {
        this.temperature = temperature;
        this.topK = topK;
        this.topP = topP;
        this.random = random;
        likelihood = new double[vocabulary];
        tokens = new int[vocabulary];
    }

    /** Takes the largest logit, the first of equals. */
    public static Sampler greedy() {
        return new Sampler(0, 0, 1, null, 0);
    }

    /**
     * Draws at random.
     *
     * @param vocabulary  the number of logits
     * @param temperature over 0; below 1 likely tokens become likelier still
     * @param topK        draws among this many of the likeliest tokens; 0 for all
     * @param topP        draws, of these, among the fewest likeliest whose probabilities sum to this much; 1 for all
     * @param seed        what makes the draws repeatable
     * @throws InvalidInputException if one is out of its range
     */
    public static Sampler random(int vocabulary, double temperature, int topK, double topP, long seed) {
        require(vocabulary >= 1, "the vocabulary has " + vocabulary + " tokens, expected 1 or more");
        require(temperature > 0 && temperature < Double.POSITIVE_INFINITY, "the temperature is " + temperature
                + ", expected a number over 0");
        require(topK >= 0, "top-k is " + topK + ", expected 1 or more, or 0 for all tokens");
        require(topP > 0 && topP <= 1, "top-p is " + topP + ", expected a number over 0 and up to 1");
        return new Sampler(temperature, topK, topP, new SplittableRandom(seed), vocabulary);
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new InvalidInputException(otherwise);
        }
    }

    /** The chosen token. */
    public int choose(float[] logits) {
        return choose(logits, 0, Checks.notNull(logits, "the logits").length);
    }

    /**
     * The token chosen by {@code count} logits from {@code offset} on.
     *
     * @throws InvalidInputException if a logit is NaN, or there are not as many as the vocabulary has tokens
     */
    public int choose(float[] logits, int offset, int count) {
        Checks.range(Checks.notNull(logits, "the logits").length, offset, count, "the logits");
        requireVocabulary(count);
        for (int i = 0; i < count; i++) {
            requireNumber(logits[offset + i], i);
        }
        int best = TopK.argmax(logits, offset, count);
        for (int i = 0; i < likelihood.length; i++) {
            likelihood[i] = likelihood(logits[offset + i], logits[offset + best]);
        }
        return draw(best);
    }

    /**
     * The token chosen by {@code count} logits of a float64 model from {@code offset} on.
     *
     * @throws InvalidInputException if a logit is NaN, or there are not as many as the vocabulary has tokens
     */
    public int choose(double[] logits, int offset, int count) {
        Checks.range(Checks.notNull(logits, "the logits").length, offset, count, "the logits");
        requireVocabulary(count);
        for (int i = 0; i < count; i++) {
            requireNumber(logits[offset + i], i);
        }
        int best = TopK.argmax(logits, offset, count);
        for (int i = 0; i < likelihood.length; i++) {
            likelihood[i] = likelihood(logits[offset + i], logits[offset + best]);
        }
        return draw(best);
    }

    private void requireVocabulary(int count) {
        if (count < 1 || temperature > 0 && count != tokens.length) {
            throw new InvalidInputException("there are " + count + " logits where "
                    + (temperature > 0 ? tokens.length + ", the vocabulary," : "1 or more") + " are expected");
        }
    }

    private static void requireNumber(double logit, int token) {
        if (Double.isNaN(logit)) {
            throw new InvalidInputException(
                    "the logit of token " + token + " is NaN, expected a number: the model's weights or its"
                            + " input hold NaN or overflow");
        }
    }

    /** The token, now that the likelihoods are known; a greedy one looks at none. */
    private int draw(int best) {
        if (temperature == 0) {
            return best;
        }
        boolean all = topP == 1 && (topK == 0 || topK >= tokens.length);
        return all ? drawAmongAll(best) : drawAmongLikeliest();
    }

    /** Relative to the best, whose likelihood is 1, so that nothing overflows. */
    private double likelihood(double logit, double best) {
        return logit == best ? 1 : StrictMath.exp((logit - best) / temperature);
    }

    private int drawAmongAll(int best) {
        double sum = 0;
        for (double one : likelihood) {
            sum += one;
        }
        double point = random.nextDouble() * sum;
        double passed = 0;
        for (int i = 0; i < likelihood.length; i++) {
            passed += likelihood[i];
            if (point < passed) {
                return i;
            }
        }
        return best;
    }

    private int drawAmongLikeliest() {
        int count = tokens.length;
        int kept = topK == 0 ? count : Math.min(topK, count);
        double sum = sumOfLikeliest(kept);
        double enough = topP * sum;
        double nucleus = 0;
        int chosen = 0;
        while (chosen < kept && (chosen == 0 || nucleus < enough)) {
            nucleus += likelihood[likeliest(chosen++)];
        }
        double point = random.nextDouble() * nucleus;
        double passed = 0;
        for (int i = 0; i < chosen; i++) {
            passed += likelihood[likeliest(i)];
            if (point < passed) {
                return likeliest(i);
            }
        }
        return likeliest(0);
    }

    /** Sorts the likeliest tokens to the end, and gives the sum of their likelihoods. */
    private double sumOfLikeliest(int kept) {
        int count = tokens.length;
        for (int i = 0; i < count; i++) {
            tokens[i] = i;
        }
        for (int i = count / 2 - 1; i >= 0; i--) {
            sink(i, count);
        }
        double sum = 0;
        for (int i = 0; i < kept; i++) {
            int last = count - 1 - i;
            int likeliest = tokens[0];
            tokens[0] = tokens[last];
            tokens[last] = likeliest;
            sink(0, last);
            sum += likelihood[likeliest];
        }
        return sum;
    }

    /** The i-th likeliest token, once they are sorted. */
    private int likeliest(int i) {
        return tokens[tokens.length - 1 - i];
    }

    /** Restores the heap of the first {@code size} tokens, likeliest on top, where only the one at {@code at} may be too high. */
    private void sink(int at, int size) {
        int token = tokens[at];
        int child = 2 * at + 1;
        while (child < size) {
            if (child + 1 < size && isLikelier(tokens[child + 1], tokens[child])) {
                child++;
            }
            if (!isLikelier(tokens[child], token)) {
                break;
            }
            tokens[at] = tokens[child];
            at = child;
            child = 2 * at + 1;
        }
        tokens[at] = token;
    }

    /** Of equals the first is the likelier. */
    private boolean isLikelier(int a, int b) {
        return likelihood[a] > likelihood[b] || likelihood[a] == likelihood[b] && a < b;
    }
}
