package io.lanecell;

/** A {@link Session} or {@link StepBatch} was used by two threads at once. The call that was under way goes on undisturbed. */
public final class ConcurrentUseException extends LanecellException {
    private static final long serialVersionUID = 1L;

    /** @param message what, where, expected, actual and remedy, in one sentence */
    public ConcurrentUseException(String message) {
        super(message);
    }
}
