package io.lanecell.benchmarks.compare;

import io.lanecell.LanecellException;

/** The comparison can't be made as asked. */
public final class CompareException extends LanecellException {
    private static final long serialVersionUID = 1;

    /** Says what, where and what to do. */
    public CompareException(String message) {
        super(message);
    }

    /** With what lies behind it. */
    public CompareException(String message, Throwable cause) {
        super(message, cause);
    }
}
