package io.lanecell.loader;

import io.lanecell.Tensor;
import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.ThreadLocalRandom;

/** Writes a file whole or not at all: into a temporary file beside it, which then takes its place in one move. */
final class AtomicFile {
    private static final int WRITE_AT_ONCE = 1 << 18;

    /** Writes a file's content. */
    interface Body {
        void writeTo(OutputStream out) throws IOException;
    }

    private AtomicFile() {
    }

    /** @param total about how many bytes it will be, for {@code progress} */
    static void write(Path file, long total, Progress progress, Body body) {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new WeightFileException.Unwritable(file, "is a folder or a device, name a file to write", null);
        }
        if (Files.isSymbolicLink(file) && !Files.exists(file)) {
            throw new WeightFileException.Unwritable(file, Source.absent(file, "file"), null);
        }
        if (Source.hasUnreadableName(file)) {
            throw new WeightFileException.Unwritable(file, "its name has bytes that are no UTF-8 text, choose another", null);
        }
        Path absolute = file.toAbsolutePath();
        if (absolute.getFileName() == null) {
            throw new WeightFileException.Unwritable(file, "names no file to write", null);
        }
        String random = Long.toHexString(ThreadLocalRandom.current().nextLong());
        Path temporary = absolute.resolveSibling("." + absolute.getFileName() + "." + random + ".tmp");
        try {
            try {
                writeAll(temporary, total, progress, body);
                // A link stays a link: what it points to is replaced.
                Path target = Files.exists(absolute) ? absolute.toRealPath() : absolute;
                Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            throw new WeightFileException.Unwritable(file, "can't be written: " + Source.reason(e), e);
        }
    }

    private static void writeAll(Path temporary, long total, Progress progress, Body body) throws IOException {
        Files.createFile(temporary);
        try (FileOutputStream file = new FileOutputStream(temporary.toFile())) {
            OutputStream out = new Reporting(new BufferedOutputStream(file, 1 << 16), total, progress);
            body.writeTo(out);
            out.flush();
            file.getFD().sync();
        }
    }

    /** Writes a tensor's bytes piece by piece. */
    static void write(OutputStream out, Tensor tensor) throws IOException {
        byte[] buffer = new byte[(int) Math.min(WRITE_AT_ONCE, tensor.byteSize())];
        for (long done = 0; done < tensor.byteSize(); done += buffer.length) {
            int part = (int) Math.min(buffer.length, tensor.byteSize() - done);
            tensor.copyBytes(done, MemorySegment.ofArray(buffer).asSlice(0, part));
            out.write(buffer, 0, part);
        }
    }

    /** Tells after every few megabytes how far it has come. */
    private static final class Reporting extends FilterOutputStream {
        private static final long EVERY = 4L << 20;

        private final long total;
        private final Progress progress;
        private long done;
        private long reported;

        private Reporting(OutputStream out, long total, Progress progress) {
            super(out);
            this.total = total;
            this.progress = progress;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            done += length;
            if (done - reported >= EVERY) {
                reported = done;
                progress.at(Math.min(done, total), total);
            }
        }
    }
}
