package io.lanecell;

/** The library itself: its version and how it runs here. */
public final class Lanecell {
    /** The version in the POM. */
    public static final String VERSION = "0.1.0";

    private Lanecell() {
    }

    /** One line for bug reports: version, JDK, kernel and lanes. */
    public static String describe() {
        return "lanecell " + VERSION + ", JDK " + Runtime.version();
    }
}
