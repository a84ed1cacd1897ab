package io.lanecell;

/**
 * The root of every error that Lanecell raises on purpose. Its message is one sentence that says what is wrong, where,
 * what was expected, what was found, and what to do.
 */
public abstract class LanecellException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message what, where, expected, actual and remedy, in one sentence */
    protected LanecellException(String message) {
        super(message);
    }

    /**
     * @param message what, where, expected, actual and remedy, in one sentence
     * @param cause   the failure underneath
     */
    protected LanecellException(String message, Throwable cause) {
        super(message, cause);
    }
}
