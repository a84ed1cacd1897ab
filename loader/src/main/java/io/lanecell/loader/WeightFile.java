package io.lanecell.loader;

/** Opens weight files. */
public final class WeightFile {
    private WeightFile() {
    }
}
