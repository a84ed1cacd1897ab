package io.lanecell.loader;

/** Told how far reading or writing a file has come. */
@FunctionalInterface
public interface Progress {
    /** For who doesn't ask. */
    Progress NONE = (done, total) -> {
    };

    /** {@code done} of {@code total} bytes are through; called at most once for each megabyte or so. */
    void at(long done, long total);
}
