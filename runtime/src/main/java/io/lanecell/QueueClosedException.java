package io.lanecell;

/** A {@link StepQueue} is closed and did not run the call; its session's state is as it was. */
public final class QueueClosedException extends LanecellException {
    private static final long serialVersionUID = 1L;

    /** @param message what, where, expected, actual and remedy, in one sentence */
    public QueueClosedException(String message) {
        super(message);
    }
}
