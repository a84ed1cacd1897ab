package io.lanecell.loader;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** Writes a file whole or not at all: into a temporary file beside it, which then takes its place in one move. */
final class AtomicFile {
    private static final long WRITE_AT_ONCE = 8L << 20;

    private AtomicFile() {
    }

    static void write(Path file, List<MemorySegment> content) {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new WeightFileException.Unwritable(file, "is a folder or a device, name a file to write", null);
        }
        Path absolute = file.toAbsolutePath();
        if (absolute.getFileName() == null) {
            throw new WeightFileException.Unwritable(file, "names no file to write", null);
        }
        String random = Long.toHexString(ThreadLocalRandom.current().nextLong());
        Path temporary = absolute.resolveSibling("." + absolute.getFileName() + "." + random + ".tmp");
        try {
            try {
                writeAll(temporary, content);
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

    private static void writeAll(Path temporary, List<MemorySegment> content) throws IOException {
        try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (MemorySegment segment : content) {
                for (long at = 0; at < segment.byteSize(); at += WRITE_AT_ONCE) {
                    long size = Math.min(WRITE_AT_ONCE, segment.byteSize() - at);
                    ByteBuffer part = segment.asSlice(at, size).asByteBuffer();
                    while (part.hasRemaining()) {
                        channel.write(part);
                    }
                }
            }
            channel.force(true);
        }
    }
}
