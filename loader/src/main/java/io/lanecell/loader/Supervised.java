package io.lanecell.loader;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.function.Function;

/**
 * Lets a library that trusts its input read bytes that may be hostile. It gets a copy, which is taken away from it, whatever it
 * is doing, as soon as it has used more time or memory than a file of that size can warrant; its next access then fails.
 * Whatever it throws becomes our typed error. A thread of its own looks every 2 ms: where more threads want to run than there are
 * processors it wakes up later, and the library comes further (by 80 MB at a load of 10 on two processors).
 */
final class Supervised {
    /**
     * A file of n bytes may take max(1 s, n · 10 µs) of processor time; the library gets three quarters, the rest is for what is
     * made of its result. The library's own classes are in it: jhdf's took 0.1 to 0.15 s in a new JVM, its smallest files 5 ms.
     */
    private static final long LEAST_NANOS = 750_000_000L;
    private static final long NANOS_PER_BYTE = 7_500;
    private static final long MOST_NANOS = 60_000_000_000L;
    /** The library is given a ByteBuffer. */
    static final long MOST_BYTES = Integer.MAX_VALUE - 8;
    static final String TOO_LARGE = "holds more than 2 GB of %s, split it";
    private static final long FREE_BYTES = 24L << 20;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final Arena arena = Arena.ofShared();
    private final long reader = Thread.currentThread().threadId();
    private final long nanosBefore = THREADS.getThreadCpuTime(reader);
    private final long bytesBefore = THREADS.getThreadAllocatedBytes(reader);
    private final long mostNanos;
    private final long mostBytes;
    private boolean ended;
    private String stopped;

    /** @param size of the bytes to read, which of a compressed archive are more than the {@code file} has */
    private Supervised(long file, long size) {
        this.mostNanos = mostNanos(file);
        this.mostBytes = mostBytes(size);
    }

    /** What {@code library} makes of a copy of the bytes; its result must not refer to them. */
    static <T> T read(Source source, MemorySegment bytes, String what, Function<ByteBuffer, T> library) {
        if (bytes.byteSize() > MOST_BYTES) {
            throw source.unsupported(TOO_LARGE.formatted(what));
        }
        source.charge(bytes.byteSize() + mostBytes(bytes.byteSize()), what);
        T result = new Supervised(source.size(), bytes.byteSize()).run(source, bytes, what, library);
        source.release(bytes.byteSize());
        return result;
    }

    /** How much of the processor's time reading may take. */
    static long mostNanos(long file) {
        return Math.clamp(file * NANOS_PER_BYTE, LEAST_NANOS, MOST_NANOS);
    }

    /** What reading may allocate beside the copy. */
    static long mostBytes(long size) {
        return FREE_BYTES + size / 8;
    }

    private <T> T run(Source source, MemorySegment bytes, String what, Function<ByteBuffer, T> library) {
        Thread watch = Thread.ofPlatform().daemon().name("lanecell-file-watch").unstarted(this::watch);
        try {
            MemorySegment copy = arena.allocate(Math.max(1, bytes.byteSize())).asSlice(0, bytes.byteSize());
            copy.copyFrom(bytes);
            watch.start();
            return library.apply(copy.asReadOnly().asByteBuffer());
        } catch (WeightFileException e) {
            throw e;
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            String why = end();
            throw source.malformed(why != null ? why : "is not valid " + what + ": " + reason(e));
        } finally {
            end();
            if (arena.scope().isAlive()) {
                arena.close();
            }
        }
    }

    /** Ends the watch when it looks again; why it had ended the reading, or null. */
    private synchronized String end() {
        ended = true;
        return stopped;
    }

    private synchronized void watch() {
        try {
            while (!ended) {
                wait(2);
                boolean slow = THREADS.getThreadCpuTime(reader) - nanosBefore > mostNanos;
                boolean large = THREADS.getThreadAllocatedBytes(reader) - bytesBefore > mostBytes;
                if (!ended && (slow || large)) {
                    stopped = "would take far more " + (slow ? "time" : "memory") + " to read than its size warrants, which no"
                            + " genuine weight file does";
                    ended = true;
                    arena.close();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The first line of the deepest reason. */
    private static String reason(Throwable e) {
        Throwable cause = e;
        for (int i = 0; i < 20 && cause.getCause() != null; i++) {
            cause = cause.getCause();
        }
        String message = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return Quote.line(message.lines().findFirst().orElse(""), 120);
    }
}
