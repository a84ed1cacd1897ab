package io.lanecell.loader;

import io.lanecell.Weights;

/** Readers whose library a user need not have. */
final class OptionalLibrary {
    private OptionalLibrary() {
    }

    /** Reads with a reader that needs {@code artifact}, and says so where it is missing. */
    static Weights read(Source source, java.util.function.Supplier<WeightReader> reader, String what, String artifact) {
        try {
            return reader.get().read(source);
        } catch (NoClassDefFoundError e) {
            throw source.unsupported("is " + what + ", which needs a library that is missing: add " + artifact
                    + " to the application");
        }
    }
}
