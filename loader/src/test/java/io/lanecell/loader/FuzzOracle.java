package io.lanecell.loader;

import com.sun.management.ThreadMXBean;
import io.lanecell.LanecellException;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.lang.management.ManagementFactory;

/**
 * The loader's promise about any file: it gives tensors whose elements can be read, or one of our exceptions with a message of
 * one line, within 1 s of processor time for each 100 KB (1 s at least) and having allocated at most 4 n + 64 MB.
 */
final class FuzzOracle {
    private static final long LEAST_NANOS = 1_000_000_000L;
    private static final long NANOS_PER_BYTE = 10_000;
    /** The file's own n bytes are here before the reader begins, so 3 n are left to it. */
    private static final int BYTES_PER_BYTE = 3;
    private static final long FREE_BYTES = 64L << 20;
    private static final int MOST_ELEMENTS = 1 << 20;
    private static final int LONGEST_MESSAGE = 4096;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private FuzzOracle() {
    }

    static void check(byte[] file, FuzzTarget.Reader reader) {
        // What is too much at first may have been classes that were loaded.
        if (cost(file, reader) != null) {
            String again = cost(file, reader);
            if (again != null) {
                throw new AssertionError(again + " for a file of " + file.length + " bytes");
            }
        }
    }

    /** Reads the file; what that took, if it was too much. */
    private static String cost(byte[] file, FuzzTarget.Reader reader) {
        long nanosBefore = THREADS.getCurrentThreadCpuTime();
        long bytesBefore = THREADS.getCurrentThreadAllocatedBytes();
        Weights weights = null;
        try {
            weights = reader.read(file);
        } catch (LanecellException e) {
            checkMessage(e);
        }
        long bytes = THREADS.getCurrentThreadAllocatedBytes() - bytesBefore;
        long nanos = THREADS.getCurrentThreadCpuTime() - nanosBefore;
        if (weights != null) {
            readElements(weights);
        }
        if (bytes > (long) BYTES_PER_BYTE * file.length + FREE_BYTES) {
            return "allocated " + bytes + " bytes";
        }
        return nanos > Math.max(LEAST_NANOS, file.length * NANOS_PER_BYTE) ? "took " + nanos / 1_000_000 + " ms" : null;
    }

    /** Reads the elements of as many tensors as have a million together. */
    static void readElements(Weights weights) {
        int left = MOST_ELEMENTS;
        for (Tensor tensor : weights.tensors().values()) {
            left -= tensor.size();
            if (left < 0) {
                return;
            }
            if (tensor.toFloats().length != tensor.size() || tensor.bytes().byteSize() != tensor.byteSize()) {
                throw new AssertionError("tensor " + tensor + " has another number of elements");
            }
        }
    }

    private static void checkMessage(LanecellException e) {
        String message = e.getMessage();
        boolean fine = message != null && !message.isBlank() && message.length() <= LONGEST_MESSAGE
                && message.chars().noneMatch(Character::isISOControl);
        if (!fine) {
            throw new AssertionError("no message of one line", e);
        }
    }
}
