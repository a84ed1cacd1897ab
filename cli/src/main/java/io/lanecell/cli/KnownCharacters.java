package io.lanecell.cli;

import io.lanecell.InvalidInputException;
import io.lanecell.loader.Vocabulary;

/** The characters that a model can read. */
final class KnownCharacters {
    private final Vocabulary vocabulary;

    /** @param vocabulary one of characters */
    KnownCharacters(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    /** Refuses a text with a character that the model doesn't know, naming it and what is known. */
    void check(String text) {
        text.codePoints().filter(c -> !vocabulary.tokens().contains(Character.toString(c))).findFirst().ifPresent(c -> {
            throw new InvalidInputException("the prompt holds '%s' (U+%04X), which the model doesn't know: it knows %s"
                    .formatted(OneLine.of(Character.toString(c)), c, list()));
        });
    }

    /** The characters in order, runs of three or more as {@code a-z}. */
    String list() {
        int[] sorted = vocabulary.tokens().stream().mapToInt(token -> token.codePointAt(0)).sorted().toArray();
        StringBuilder list = new StringBuilder();
        for (int i = 0; i < sorted.length; i++) {
            int end = i;
            while (end + 1 < sorted.length && sorted[end + 1] == sorted[end] + 1 && Character.isLetterOrDigit(sorted[i])
                    && Character.getType(sorted[end + 1]) == Character.getType(sorted[i])) {
                end++;
            }
            list.append(i == 0 ? "" : " ").append(show(sorted[i]));
            if (end - i >= 2) {
                list.append('-').append(show(sorted[end]));
                i = end;
            }
        }
        return list.toString();
    }

    private static String show(int c) {
        return c == ' ' ? "blank" : OneLine.of(Character.toString(c));
    }
}
