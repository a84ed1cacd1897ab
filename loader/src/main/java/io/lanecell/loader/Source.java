package io.lanecell.loader;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A weight file's bytes, what it may still cost, and its errors. A small file is read once, whole; of a large one each part is
 * read when it is needed, see {@link OpenFile}. A file of n bytes may make us allocate another 2n + 48 MB on its behalf,
 * whatever it claims; readers charge that budget before they allocate.
 */
final class Source {
    private static final long FREE = 48L << 20;
    /** Files up to this size are read whole. */
    private static final long READ_WHOLE = 32L << 20;
    /** Stands in a path for bytes that are no text. */
    private static final char REPLACED = '\ufffd';

    private final Path file;
    private final ByteRange content;
    private final Progress progress;
    private final List<String> remarks = new ArrayList<>();
    private final ByteWindow window;
    private ZipDirectory zip;
    private long budget;

    private Source(Path file, ByteRange content, Progress progress) {
        this.file = file;
        this.content = content;
        this.progress = progress;
        this.window = new ByteWindow(content);
        this.budget = 2 * content.size() + FREE;
    }

    static Source of(Path file, byte[] bytes) {
        return new Source(file, new ByteRange.InMemory(MemorySegment.ofArray(bytes).asReadOnly()), Progress.NONE);
    }

    /** Opens a file; a small one is read. */
    static Source read(Path file) {
        return open(file, READ_WHOLE, Progress.NONE);
    }

    /** Likewise, telling how far it has come. */
    static Source read(Path file, Progress progress) {
        return open(file, READ_WHOLE, progress);
    }

    /** Opens a file, and reads it if it has no more than {@code readWhole} bytes. */
    static Source open(Path file, long readWhole, Progress progress) {
        refuseIrregular(file);
        try {
            OpenFile open = new OpenFile(file);
            return open.size() <= readWhole
                    ? whole(open, open.size())
                    : new Source(file, new ByteRange.InFile(open, 0, open.size()), progress);
        } catch (IOException e) {
            throw new WeightFileException.Unreadable(file, "can't be read: " + reason(e), e);
        }
    }

    /** Reads at most the file's first {@code limit} bytes. */
    static Source readFirst(Path file, int limit) {
        refuseIrregular(file);
        try {
            OpenFile open = new OpenFile(file);
            return whole(open, Math.min(limit, open.size()));
        } catch (IOException e) {
            throw new WeightFileException.Unreadable(file, "can't be read: " + reason(e), e);
        }
    }

    private static Source whole(OpenFile open, long size) {
        try {
            byte[] bytes = new byte[(int) size];
            open.read(0, bytes, 0, bytes.length);
            return of(open.path(), bytes);
        } finally {
            open.close();
        }
    }

    private static void refuseIrregular(Path file) {
        if (!Files.isRegularFile(file)) {
            String what = Files.isDirectory(file)
                    ? "is a folder where a file is expected, name one in it"
                    : Files.exists(file) ? "is no regular file, copy its content into one" : absent(file, "file");
            throw new WeightFileException.Unreadable(file, what, null);
        }
    }

    /** Why a path leads to nothing. */
    static String absent(Path path, String kind) {
        if (Files.isSymbolicLink(path)) {
            return "is a symbolic link that leads nowhere, mend it or name the " + kind + " itself";
        }
        if (!Files.notExists(path)) {
            return "can't be looked up, permission is denied for a folder on the way to it";
        }
        return "there is no such " + kind + (hasUnreadableName(path)
                ? ", or its name has bytes that are no UTF-8 text: rename it"
                : ", check the path");
    }

    /** Whether a name's bytes were no text in the system's encoding: Java can neither open nor make such a file. */
    static boolean hasUnreadableName(Path path) {
        return path.toString().indexOf(REPLACED) >= 0;
    }

    /** Memory for {@code size} bytes of the file; the garbage collector frees it. */
    static MemorySegment allocate(Path file, long size) {
        try {
            return Arena.ofAuto().allocate(size);
        } catch (OutOfMemoryError e) {
            throw new WeightFileException.Unreadable(file, "there is not enough memory for its " + size
                    + " bytes, give the JVM more with -XX:MaxDirectMemorySize", e);
        }
    }

    /** Why the system said no, without the path that Java's own messages consist of. */
    static String reason(IOException e) {
        return switch (e) {
            case java.nio.file.AccessDeniedException denied -> "permission denied";
            case java.io.FileNotFoundException missing -> "permission denied, or it has gone";
            case java.nio.file.NoSuchFileException missing -> "there is no such file or folder";
            case java.nio.file.FileSystemException system when system.getReason() != null -> system.getReason();
            default -> String.valueOf(e.getMessage());
        };
    }

    Path file() {
        return file;
    }

    /** The whole file in memory, which for a large one is a costly copy: for formats that can't be read piece by piece. */
    MemorySegment bytes() {
        return content.inMemory();
    }

    /** The file's bytes, in memory or not. */
    ByteRange content() {
        return content;
    }

    long size() {
        return content.size();
    }

    /** The directory of the zip archive that the file is, read once. */
    ZipDirectory zip() {
        if (zip == null) {
            zip = ZipDirectory.read(this);
        }
        return zip;
    }

    /** Closes the file, of which no tensor may be in use. */
    void close() {
        if (content instanceof ByteRange.InFile inFile) {
            inFile.file().close();
        }
    }

    /** Bytes {@code at} to {@code at + length}, which the caller has charged for. */
    byte[] array(long at, int length) {
        byte[] bytes = new byte[length];
        content.copyTo(at, MemorySegment.ofArray(bytes));
        return bytes;
    }

    /** Tells whoever waits how far reading has come. */
    void progress(long done) {
        progress.at(done, size());
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
        return window.u8(at);
    }

    int u16(long at) {
        return window.u16(at);
    }

    long u32(long at) {
        return window.i32(at) & 0xffffffffL;
    }

    long i64(long at) {
        return window.i64(at);
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
