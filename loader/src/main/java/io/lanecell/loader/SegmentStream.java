package io.lanecell.loader;

import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Bytes in memory as a stream, for parsers that want one. */
final class SegmentStream extends InputStream {
    private final MemorySegment bytes;
    private long at;

    SegmentStream(MemorySegment bytes) {
        this.bytes = bytes;
    }

    @Override
    public int read() {
        return at < bytes.byteSize() ? bytes.get(ValueLayout.JAVA_BYTE, at++) & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        int part = (int) Math.min(length, bytes.byteSize() - at);
        if (part == 0 && length > 0) {
            return -1;
        }
        MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, at, target, offset, part);
        at += part;
        return part;
    }

    @Override
    public long skip(long count) {
        long part = Math.clamp(count, 0, bytes.byteSize() - at);
        at += part;
        return part;
    }
}
