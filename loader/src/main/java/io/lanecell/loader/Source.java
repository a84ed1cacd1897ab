package io.lanecell.loader;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A weight file's bytes, what it may still cost, and its errors. The file is read once, whole: a mapping would crash the
 * reader of a file that somebody cuts short meanwhile. A file of n bytes may make us allocate another 2n + 48 MB on its
 * behalf, whatever it claims; readers charge that budget before they allocate.
 */
final class Source {
    private static final long FREE = 48L << 20;
    private static final long READ_AT_ONCE = 1L << 30;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Path file;
    private final MemorySegment bytes;
    private final List<String> remarks = new ArrayList<>();
    private long budget;

    private Source(Path file, MemorySegment bytes) {
        this.file = file;
        this.bytes = bytes.asReadOnly();
        this.budget = 2 * bytes.byteSize() + FREE;
    }

    static Source of(Path file, byte[] bytes) {
        return new Source(file, MemorySegment.ofArray(bytes));
    }

    /** Reads the whole file. */
    static Source read(Path file) {
        return readFirst(file, Long.MAX_VALUE);
    }

    /** Reads at most the file's first {@code limit} bytes. */
    static Source readFirst(Path file, long limit) {
        if (!Files.isRegularFile(file)) {
            String what = Files.isDirectory(file)
                    ? "is a folder where a file is expected"
                    : Files.exists(file) ? "is no regular file, copy its content into one" : "there is no such file";
            throw new WeightFileException.Unreadable(file, what, null);
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return new Source(file, readAll(file, channel, Math.min(limit, channel.size())));
        } catch (IOException e) {
            throw new WeightFileException.Unreadable(file, "can't be read: " + reason(e), e);
        }
    }

    private static MemorySegment readAll(Path file, FileChannel channel, long size) throws IOException {
        MemorySegment bytes;
        try {
            bytes = Arena.ofAuto().allocate(size);
        } catch (OutOfMemoryError e) {
            throw new WeightFileException.Unreadable(file, "there is not enough memory for its " + size
                    + " bytes, give the JVM more with -XX:MaxDirectMemorySize", e);
        }
        long done = 0;
        while (done < size) {
            int read = channel.read(bytes.asSlice(done, Math.min(READ_AT_ONCE, size - done)).asByteBuffer());
            if (read < 0) {
                throw new WeightFileException.Truncated(file, "was cut from " + size + " to " + done
                        + " bytes while it was being read, wait for its writer and try again");
            }
            done += read;
        }
        return bytes;
    }

    /** Why the system said no, without the path that Java's own messages consist of. */
    static String reason(IOException e) {
        return switch (e) {
            case java.nio.file.AccessDeniedException denied -> "permission denied";
            case java.nio.file.NoSuchFileException missing -> "there is no such file or folder";
            case java.nio.file.FileSystemException system when system.getReason() != null -> system.getReason();
            default -> String.valueOf(e.getMessage());
        };
    }

    Path file() {
        return file;
    }

    MemorySegment bytes() {
        return bytes;
    }

    long size() {
        return bytes.byteSize();
    }

    /** Keeps a sentence about what was chosen, left out or turned round. */
    void remark(String sentence) {
        charge(64 + 2L * sentence.length(), "the list of conversions");
        remarks.add(sentence);
    }

    /** The sentences so far. */
    List<String> remarks() {
        return List.copyOf(remarks);
    }

    /** Takes {@code amount} bytes from what this file may cost. */
    void charge(long amount, String what) {
        budget -= Math.min(amount, Long.MAX_VALUE / 2);
        if (budget < 0) {
            budget = 0;
            throw malformed(what + " would take far more memory than the file's " + size() + " bytes warrant, which no"
                    + " genuine weight file does");
        }
    }

    /** Gives back what was charged for memory that is free again. */
    void release(long amount) {
        budget += amount;
    }

    int u8(long at) {
        return bytes.get(ValueLayout.JAVA_BYTE, at) & 0xff;
    }

    int u16(long at) {
        return bytes.get(SHORT, at) & 0xffff;
    }

    long u32(long at) {
        return bytes.get(INT, at) & 0xffffffffL;
    }

    long i64(long at) {
        return bytes.get(LONG, at);
    }

    WeightFileException.Malformed malformed(String message) {
        return new WeightFileException.Malformed(file, message);
    }

    WeightFileException.Truncated truncated(String message) {
        return new WeightFileException.Truncated(file, message);
    }

    WeightFileException.Unsupported unsupported(String message) {
        return new WeightFileException.Unsupported(file, message);
    }

    WeightFileException.Refused refused(String message) {
        return new WeightFileException.Refused(file, message);
    }
}
