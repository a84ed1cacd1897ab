package io.lanecell.loader;

import java.nio.file.Path;
import java.util.function.Consumer;

/** What reading a file charges to it. */
final class Cost {
    private static final long FREE = 48L << 20;

    private Cost() {
    }

    /** The smallest budget that reading this good file gets along with. */
    static long of(Path file, byte[] bytes, Consumer<Source> reading) {
        long enough = FREE + 2L * bytes.length;
        long least = 0;
        for (long most = enough; least < most;) {
            long budget = (least + most) / 2;
            if (isEnough(file, bytes, enough - budget, reading)) {
                most = budget;
            } else {
                least = budget + 1;
            }
        }
        return least;
    }

    static long of(byte[] bytes, Consumer<Source> reading) {
        return of(Path.of("x"), bytes, reading);
    }

    private static boolean isEnough(Path file, byte[] bytes, long spent, Consumer<Source> reading) {
        Source source = Source.of(file, bytes);
        source.charge(spent, "what was before");
        try {
            reading.accept(source);
            return true;
        } catch (WeightFileException.Malformed e) {
            if (e.getMessage().contains("would take far more memory")) {
                return false;
            }
            throw e;
        }
    }
}
