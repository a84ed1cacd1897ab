package io.lanecell;

import java.util.ArrayList;
import java.util.List;

/** The largest of a model's scores, by index or with labels. NaN counts as larger than any number, as PyTorch has it; of equals the first is taken first. */
public final class TopK {
    /** One of the best scores. */
    public record Entry(String label, int index, float score) {
    }

    private TopK() {
    }

    /** The index of the largest score; -1 of none. */
    public static int argmax(float[] scores) {
        return argmax(Checks.notNull(scores, "the scores"), 0, scores.length);
    }

    /** The index, from {@code offset} on, of the largest of {@code count} scores; -1 of none. Allocates nothing. */
    public static int argmax(float[] scores, int offset, int count) {
        Checks.range(Checks.notNull(scores, "the scores").length, offset, Math.max(0, count), "the scores");
        int best = count > 0 ? 0 : -1;
        for (int i = 1; i < count; i++) {
            best = isLarger(scores[offset + i], scores[offset + best]) ? i : best;
        }
        return best;
    }

    /** The same of float64 scores. */
    public static int argmax(double[] scores, int offset, int count) {
        Checks.range(Checks.notNull(scores, "the scores").length, offset, Math.max(0, count), "the scores");
        int best = count > 0 ? 0 : -1;
        for (int i = 1; i < count; i++) {
            double score = scores[offset + i];
            double largest = scores[offset + best];
            best = score > largest || Double.isNaN(score) && !Double.isNaN(largest) ? i : best;
        }
        return best;
    }

    /**
     * Writes the indices, from {@code offset} on, of the largest of {@code count} scores, largest first: as many as {@code best} has
     * room for. Allocates nothing.
     *
     * @return how many were written: {@code best.length}, or {@code count} where that is less
     */
    public static int indices(float[] scores, int offset, int count, int[] best) {
        Checks.range(Checks.notNull(scores, "the scores").length, offset, Math.max(0, count), "the scores");
        int room = Checks.notNull(best, "the indices").length;
        int found = 0;
        for (int i = 0; i < count && room > 0; i++) {
            if (found == room && !isLarger(scores[offset + i], scores[offset + best[room - 1]])) {
                continue;
            }
            int at = found < room ? found++ : room - 1;
            while (at > 0 && isLarger(scores[offset + i], scores[offset + best[at - 1]])) {
                best[at] = best[at - 1];
                at--;
            }
            best[at] = i;
        }
        return found;
    }

    /**
     * The largest {@code k} scores with their labels, largest first; all where there are fewer.
     *
     * @param labels one for each score
     * @throws InvalidInputException if there are not as many labels as scores, or {@code k} is less than 1
     */
    public static List<Entry> of(float[] scores, List<String> labels, int k) {
        Checks.notNull(scores, "the scores");
        if (Checks.notNull(labels, "the labels").size() != scores.length) {
            throw new InvalidInputException("there are " + labels.size() + " labels for " + scores.length
                    + " scores: give one for each, in the order of the model's output");
        }
        if (k < 1) {
            throw new InvalidInputException("the largest " + k + " scores were asked for, expected 1 or more");
        }
        int[] best = new int[Math.min(k, scores.length)];
        indices(scores, 0, scores.length, best);
        List<Entry> entries = new ArrayList<>();
        for (int index : best) {
            entries.add(new Entry(labels.get(index), index, scores[index]));
        }
        return entries;
    }

    private static boolean isLarger(float a, float b) {
        return a > b || Float.isNaN(a) && !Float.isNaN(b);
    }
}
