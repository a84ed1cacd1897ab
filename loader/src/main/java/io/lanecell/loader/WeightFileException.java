package io.lanecell.loader;

import io.lanecell.LanecellException;
import java.nio.file.Path;

/** A weight file can't be read or written. One subclass for each kind of failure, a closed set. */
public abstract sealed class WeightFileException extends LanecellException {
    private static final long serialVersionUID = 1L;

    private final transient Path file;

    private WeightFileException(Path file, String message, Throwable cause) {
        super(Quote.of(file) + ": " + message, cause);
        this.file = file;
    }

    /** The file at fault; null in an exception that was serialized. */
    public Path file() {
        return file;
    }

    /** A sound file, as far as one can tell, in a format or with a feature that Lanecell doesn't read. */
    public static final class Unsupported extends WeightFileException {
        private static final long serialVersionUID = 1L;

        Unsupported(Path file, String message) {
            super(file, message, null);
        }
    }

    /** A pickle that asks for something other than tensors, dicts, lists and numbers. Nothing of it was run. */
    public static final class Refused extends WeightFileException {
        private static final long serialVersionUID = 1L;

        Refused(Path file, String message) {
            super(file, message, null);
        }
    }

    /** A file that ends before what it announces. */
    public static final class Truncated extends WeightFileException {
        private static final long serialVersionUID = 1L;

        Truncated(Path file, String message) {
            super(file, message, null);
        }
    }

    /** A file that breaks its format's rules, or is in no known format. */
    public static final class Malformed extends WeightFileException {
        private static final long serialVersionUID = 1L;

        Malformed(Path file, String message) {
            super(file, message, null);
        }
    }

    /** A file that the system won't let us read: it doesn't exist, is a folder, may not be opened. */
    public static final class Unreadable extends WeightFileException {
        private static final long serialVersionUID = 1L;

        Unreadable(Path file, String message, Throwable cause) {
            super(file, message, cause);
        }
    }

    /** A file that could not be written. Whatever stood there before still stands. */
    public static final class Unwritable extends WeightFileException {
        private static final long serialVersionUID = 1L;

        Unwritable(Path file, String message, Throwable cause) {
            super(file, message, cause);
        }
    }
}
