package io.lanecell;

/** A kernel was asked for by name and this JVM can't run it. */
public final class KernelUnavailableException extends LanecellException {
    private static final long serialVersionUID = 1L;

    /** @param message what is missing and how to get it */
    public KernelUnavailableException(String message) {
        super(message);
    }
}
