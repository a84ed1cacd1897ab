package io.lanecell;

/** What public methods demand of their arguments. Nothing is allocated unless a check fails. */
final class Checks {
    private Checks() {
    }

    static <T> T notNull(T value, String what) {
        if (value == null) {
            throw new InvalidInputException(what + " must not be null");
        }
        return value;
    }

    /** That something of {@code length} elements (or bytes, in a segment) has {@code needed} from {@code offset} on. */
    static void range(long length, long offset, long needed, String what) {
        if (offset < 0 || length - offset < needed) {
            throw new InvalidInputException(what + " needs " + needed + " from offset " + offset + " on, its size is " + length);
        }
    }

    static void writable(boolean writable, String what) {
        if (!writable) {
            throw new InvalidInputException(what + " is read-only, pass one that can be written");
        }
    }
}
