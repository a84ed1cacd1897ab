package io.lanecell.loader;

/** Puts text that a file made up into a one-line message. */
final class Quote {
    private static final int LONGEST = 80;

    private Quote() {
    }

    /** The text in single quotes, shortened, with nothing in it that could break the line or steer a terminal. */
    static String of(String text) {
        StringBuilder out = new StringBuilder("'");
        for (int i = 0; i < text.length(); i++) {
            if (i == LONGEST) {
                out.append("… (").append(text.length()).append(" characters)");
                break;
            }
            char c = text.charAt(i);
            if (c < ' ' || c >= 0x7f && c < 0xa0 || Character.getType(c) == Character.FORMAT || c == '\u2028' || c == '\u2029') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('\'').toString();
    }
}
