package io.lanecell.loader;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/**
 * A file that stays open while tensors of it are in use; the garbage collector closes it. Its parts are read when they are
 * needed rather than mapped, because a mapping ends the reader's process (or an {@code InternalError} does, at some later
 * instruction) when somebody cuts the file short, while a read that comes up short is an ordinary typed error. A channel
 * would do as well, but every thread that is interrupted while it reads closes it for all.
 */
final class OpenFile {
    private final Path path;
    private final RandomAccessFile file;
    private final long size;

    OpenFile(Path path) throws IOException {
        this.path = path;
        this.file = new RandomAccessFile(path.toFile(), "r");
        this.size = file.length();
    }

    /** Closes it before the garbage collector would: nobody has a tensor of it. */
    void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new WeightFileException.Unreadable(path, "can't be closed: " + Source.reason(e), e);
        }
    }

    Path path() {
        return path;
    }

    /** The file's size when it was opened. */
    long size() {
        return size;
    }

    /** Reads exactly {@code length} bytes from {@code at} on. */
    synchronized void read(long at, byte[] target, int offset, int length) {
        try {
            file.seek(at);
            int done = 0;
            while (done < length) {
                int read = file.read(target, offset + done, length - done);
                if (read < 0) {
                    throw new WeightFileException.Truncated(path, "was cut from " + size + " to " + file.length()
                            + " bytes while it was in use, wait for its writer and load it again");
                }
                done += read;
            }
        } catch (IOException e) {
            throw new WeightFileException.Unreadable(path, "can't be read: " + Source.reason(e), e);
        }
    }
}
