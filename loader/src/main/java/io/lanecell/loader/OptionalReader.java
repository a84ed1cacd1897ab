package io.lanecell.loader;

import io.lanecell.Weights;
import java.util.function.Supplier;

/**
 * A reader whose library a user need not have; where it is missing, a file that needs it is refused.
 *
 * @param what     the kind of file, for the message
 * @param artifact the library
 * @param reader   makes the reader
 */
record OptionalReader(String what, String artifact, Supplier<WeightReader> reader) implements WeightReader {
    @Override
    public Weights read(Source source) {
        try {
            return reader.get().read(source);
        } catch (NoClassDefFoundError e) {
            throw source.unsupported("is " + what + ", which needs a library that is missing: add " + artifact
                    + " to the application");
        }
    }
}
