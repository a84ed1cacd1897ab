package io.lanecell.loader;

import io.lanecell.DType;
import io.lanecell.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** A run of bytes, in memory or still in its file. */
sealed interface ByteRange {
    /** How many. */
    long size();

    /** A part of them. */
    ByteRange slice(long from, long size);

    /** Copies as many bytes from {@code from} on as {@code target} has. */
    void copyTo(long from, MemorySegment target);

    /** All of them in memory, read-only; the caller has seen to it that they may cost that. */
    MemorySegment inMemory();

    /** A tensor of exactly these bytes, row-major and little-endian. */
    Tensor tensor(DType dtype, int[] shape);

    /** Bytes in memory. */
    record InMemory(MemorySegment bytes) implements ByteRange {
        @Override
        public long size() {
            return bytes.byteSize();
        }

        @Override
        public ByteRange slice(long from, long size) {
            return new InMemory(bytes.asSlice(from, size));
        }

        @Override
        public void copyTo(long from, MemorySegment target) {
            target.copyFrom(bytes.asSlice(from, target.byteSize()));
        }

        @Override
        public MemorySegment inMemory() {
            return bytes.asReadOnly();
        }

        @Override
        public Tensor tensor(DType dtype, int[] shape) {
            return Tensor.ofBytes(dtype, shape, bytes);
        }
    }

    /** Bytes of an open file, read anew whenever they are needed. */
    record InFile(OpenFile file, long at, long size) implements ByteRange {
        private static final int BUFFER = 1 << 16;

        @Override
        public ByteRange slice(long from, long part) {
            Objects.checkFromIndexSize(from, part, size);
            return new InFile(file, at + from, part);
        }

        @Override
        public void copyTo(long from, MemorySegment target) {
            Objects.checkFromIndexSize(from, target.byteSize(), size);
            byte[] buffer = new byte[(int) Math.min(BUFFER, target.byteSize())];
            for (long done = 0; done < target.byteSize(); done += buffer.length) {
                int part = (int) Math.min(buffer.length, target.byteSize() - done);
                file.read(at + from + done, buffer, 0, part);
                MemorySegment.copy(MemorySegment.ofArray(buffer), 0, target, done, part);
            }
        }

        @Override
        public MemorySegment inMemory() {
            MemorySegment copy = Source.allocate(file.path(), size);
            copyTo(0, copy);
            return copy.asReadOnly();
        }

        @Override
        public Tensor tensor(DType dtype, int[] shape) {
            return Tensor.ofContent(dtype, shape, this::copyTo);
        }
    }
}
