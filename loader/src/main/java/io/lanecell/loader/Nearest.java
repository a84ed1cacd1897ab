package io.lanecell.loader;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** The known name that somebody may have meant by one that is unknown, for messages. */
final class Nearest {
    /** Comparing costs the product of the lengths, for each known name. */
    private static final int LONGEST_NAME = 100;
    private static final int MOST_NAMES = 1000;

    private Nearest() {
    }

    /**
     * The known name with the fewest letters changed, if those are no more than a third.
     *
     * @param plain takes from a name what doesn't count, such as upper case
     */
    static Optional<String> to(String name, Collection<String> known, UnaryOperator<String> plain) {
        String wanted = plain.apply(name);
        if (wanted.length() > LONGEST_NAME) {
            return Optional.empty();
        }
        return known.stream().limit(MOST_NAMES).filter(other -> other.length() <= 2 * LONGEST_NAME)
                .filter(other -> edits(wanted, plain.apply(other)) <= wanted.length() / 3)
                .min(Comparator.comparingInt(other -> edits(wanted, plain.apply(other))));
    }

    /** Letters to insert, delete or change to come from one name to the other. */
    private static int edits(String from, String to) {
        int[] row = IntStream.rangeClosed(0, to.length()).toArray();
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int change = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }
}
