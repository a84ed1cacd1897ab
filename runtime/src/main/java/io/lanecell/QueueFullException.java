package io.lanecell;

/** A {@link StepQueue} has no room for a call that is not to wait; nothing of it was taken in. */
public final class QueueFullException extends LanecellException {
    private static final long serialVersionUID = 1L;

    /** @param message what, where, expected, actual and remedy, in one sentence */
    public QueueFullException(String message) {
        super(message);
    }
}
