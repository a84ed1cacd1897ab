package io.lanecell.loader;

/** Told how far reading or writing a file has come. */
@FunctionalInterface
public interface Progress {
    /** For who doesn't ask. */
    Progress NONE = new Progress() { // no lambda, whose making would hold up the first load
        @Override
        public void at(long done, long total) {
            // Nobody asked.
        }
    };

    /** {@code done} of {@code total} bytes are through; called at most once for each megabyte or so. */
    void at(long done, long total);
}
