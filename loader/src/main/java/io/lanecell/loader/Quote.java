package io.lanecell.loader;

import java.nio.file.Path;

/** Puts text that a file made up into a one-line message. */
final class Quote {
    private static final int LONGEST = 80;

    private Quote() {
    }

    /** The text in single quotes, shortened. */
    static String of(String text) {
        return "'" + line(text, LONGEST) + "'";
    }

    /** A path as the user gave it; that of the empty name, which Java takes for the working folder, would be invisible. */
    static String of(Path path) {
        return path.toString().isEmpty() ? "''" : path.toString();
    }

    /** The first {@code longest} characters of the text, with nothing that could break the line or steer a terminal. */
    static String line(String text, int longest) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            if (i == longest) {
                return out.append("… (").append(text.length()).append(" characters)").toString();
            }
            char c = text.charAt(i);
            if (isPlain(c)) {
                out.append(c);
            } else {
                out.append(String.format("\\u%04x", (int) c));
            }
        }
        return out.toString();
    }

    /** Whether the text has nothing that could break a line or steer a terminal, so that a message may hold it as it is. */
    static boolean isPlain(String text) {
        return text.chars().allMatch(c -> isPlain((char) c));
    }

    private static boolean isPlain(char c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
