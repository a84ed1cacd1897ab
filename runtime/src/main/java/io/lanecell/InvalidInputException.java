package io.lanecell;

/** A caller's argument doesn't fit: an array too short, a wrong length, a null, a token outside the vocabulary. */
public final class InvalidInputException extends LanecellException {
    private static final long serialVersionUID = 1L;

    /** @param message what, where, expected, actual and remedy, in one sentence */
    public InvalidInputException(String message) {
        super(message);
    }
}
