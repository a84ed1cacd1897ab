package io.lanecell.loader;

import io.lanecell.LanecellException;
import java.nio.file.Path;

/** A description of a model (model.json, config.json, a folder, bare weights) can't be understood or doesn't fit its weights. */
public final class ModelFileException extends LanecellException {
    private static final long serialVersionUID = 1L;

    private final transient Path file;

    ModelFileException(Path file, String message) {
        super(Quote.of(file) + ": " + message);
        this.file = file;
    }

    /** @param cause a failure whose message names the file already */
    ModelFileException(Path file, WeightFileException cause) {
        super(cause.getMessage(), cause);
        this.file = file;
    }

    /** The file at fault; null in an exception that was serialized. */
    public Path file() {
        return file;
    }
}
