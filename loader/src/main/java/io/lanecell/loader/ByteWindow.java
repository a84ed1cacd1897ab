package io.lanecell.loader;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Little-endian numbers out of a run of bytes; of one that is not in memory a small window is. Not thread-safe. */
final class ByteWindow {
    private static final int SIZE = 1 << 14;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final ByteRange bytes;
    private MemorySegment window;
    private long start;

    ByteWindow(ByteRange bytes) {
        this.bytes = bytes;
        this.window = bytes instanceof ByteRange.InMemory(var all) ? all : MemorySegment.ofArray(new byte[0]);
    }

    int u8(long at) {
        return holding(at, 1).get(ValueLayout.JAVA_BYTE, at - start) & 0xff;
    }

    int u16(long at) {
        return holding(at, 2).get(SHORT, at - start) & 0xffff;
    }

    int i32(long at) {
        return holding(at, 4).get(INT, at - start);
    }

    long i64(long at) {
        return holding(at, 8).get(LONG, at - start);
    }

    private MemorySegment holding(long at, int length) {
        boolean inside = at >= start && at - start <= window.byteSize() - length;
        if (!inside) {
            // A little before, too, because the end of a zip archive is searched backwards.
            start = Math.max(0, Math.min(at - SIZE / 4, bytes.size() - SIZE));
            byte[] read = new byte[(int) Math.min(SIZE, bytes.size())];
            window = MemorySegment.ofArray(read);
            bytes.copyTo(start, window);
        }
        return window;
    }
}
