package io.lanecell.loader;

import java.lang.foreign.MemorySegment;

/** Numbers that were stored with their highest byte first. */
final class BigEndian {
    private BigEndian() {
    }

    /**
     * A copy with the bytes of every number turned round, charged to the file.
     *
     * @param data  whole numbers of {@code width} bytes
     * @param where what messages call them
     */
    static ByteRange swapped(Source source, String where, ByteRange data, int width) {
        if (width == 1) {
            return data;
        }
        source.charge(data.size(), where);
        byte[] bytes = TensorLayouts.array(source, where, data.size());
        data.copyTo(0, MemorySegment.ofArray(bytes));
        for (int at = 0; at < bytes.length; at += width) {
            for (int i = 0; i < width / 2; i++) {
                byte low = bytes[at + i];
                bytes[at + i] = bytes[at + width - 1 - i];
                bytes[at + width - 1 - i] = low;
            }
        }
        return new ByteRange.InMemory(MemorySegment.ofArray(bytes));
    }
}
