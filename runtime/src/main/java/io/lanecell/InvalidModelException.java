package io.lanecell;

/** Weights and layers don't fit each other: a missing or surplus tensor, a wrong shape, layers that can't follow one another. */
public final class InvalidModelException extends LanecellException {
    private static final long serialVersionUID = 1L;

    /** @param message what, where, expected, actual and remedy, in one sentence */
    public InvalidModelException(String message) {
        super(message);
    }
}
