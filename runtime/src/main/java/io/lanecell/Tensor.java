package io.lanecell;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;

/**
 * An immutable n-dimensional array, row-major, as a weight file holds it: element type, shape and bytes. Elements are
 * widened when they are read ({@link #toFloats()}, {@link #toDoubles()}, {@link #toLongs()}), so a large file's tensor costs
 * no memory until then. Thread-safe.
 */
public final class Tensor {
    private static final int LONGEST_ARRAY = Integer.MAX_VALUE - 8;
    /** Elements that are fetched at once where they aren't in memory. */
    private static final int AT_ONCE = 1 << 16;

    private final DType dtype;
    private final int[] shape;
    private final int size;
    // One of these has the elements.
    private final float[] floats;
    private final MemorySegment bytes;
    private final Content content;

    /** Apart, because a start that has its weights in arrays can do without java.lang.foreign, which takes some 10 ms to load. */
    private static final class Little {
        static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
        static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
        static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
        static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
        static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

        private Little() {
        }
    }

    /** Elements that are not in memory, little-endian, row-major: those of a large file. Thread-safe, and always the same. */
    public interface Content {
        /** Fills {@code target} with the bytes from {@code offset} on; both lie within the tensor. */
        void copyTo(long offset, MemorySegment target);
    }

    private Tensor(DType dtype, int[] shape, float[] floats, MemorySegment bytes, Content content) {
        this.dtype = dtype;
        this.shape = shape;
        this.size = sizeOf(shape);
        this.floats = floats;
        this.bytes = bytes;
        this.content = content;
    }

    /**
     * A tensor over little-endian, row-major bytes, which are used in place: the caller must not change them afterwards.
     *
     * @param dtype the element type
     * @param shape the extent of each dimension, none for a single number
     * @param bytes exactly the elements' bytes
     * @throws InvalidInputException if the bytes don't fill the shape, or the shape has more than 2^31-1 elements
     */
    public static Tensor ofBytes(DType dtype, int[] shape, MemorySegment bytes) {
        Tensor tensor = new Tensor(dtype, shape.clone(), null, bytes.asReadOnly(), null);
        tensor.requireBytes(bytes.byteSize());
        return tensor;
    }

    private void requireBytes(long given) {
        if (given != byteSize()) {
            throw new InvalidInputException("tensor of type " + dtype + " and shape " + Arrays.toString(shape) + " needs "
                    + byteSize() + " bytes but was given " + given);
        }
    }

    /** A tensor whose elements are asked for when they are needed, each time anew. */
    public static Tensor ofContent(DType dtype, int[] shape, Content content) {
        return new Tensor(dtype, shape.clone(), null, null, content);
    }

    /** A float32 tensor holding a copy of {@code values}, row-major. */
    public static Tensor of(float[] values, int... shape) {
        Tensor tensor = new Tensor(DType.F32, shape.clone(), values.clone(), null, null);
        tensor.requireBytes((long) Float.BYTES * values.length);
        return tensor;
    }

    /** A float64 tensor holding a copy of {@code values}, row-major. */
    public static Tensor of(double[] values, int... shape) {
        MemorySegment copy = MemorySegment.ofArray(new byte[Math.multiplyExact(values.length, 8)]);
        MemorySegment.copy(values, 0, copy, Little.DOUBLE, 0, values.length);
        return ofBytes(DType.F64, shape, copy);
    }

    /** A 64-bit integer tensor holding a copy of {@code values}, row-major. */
    public static Tensor of(long[] values, int... shape) {
        MemorySegment copy = MemorySegment.ofArray(new byte[Math.multiplyExact(values.length, 8)]);
        MemorySegment.copy(values, 0, copy, Little.LONG, 0, values.length);
        return ofBytes(DType.I64, shape, copy);
    }

    /** The element type as stored. */
    public DType dtype() {
        return dtype;
    }

    /** A copy of the extents; empty for a single number. */
    public int[] shape() {
        return shape.clone();
    }

    /** Number of dimensions. */
    public int rank() {
        return shape.length;
    }

    /** The extent of dimension {@code i}. */
    public int dim(int i) {
        return shape[i];
    }

    /** Number of elements. */
    public int size() {
        return size;
    }

    /** Bytes that the stored elements take. */
    public long byteSize() {
        return (long) size * dtype.bytes();
    }

    /**
     * The stored elements, little-endian, row-major, read-only; where they aren't stored so (in an array, or a large file) a copy, made by
     * every call.
     */
    public MemorySegment bytes() {
        if (bytes != null) {
            return bytes;
        }
        MemorySegment copy = byteSize() <= LONGEST_ARRAY
                ? MemorySegment.ofArray(new byte[(int) byteSize()])
                : Arena.ofAuto().allocate(byteSize());
        if (floats != null) {
            MemorySegment.copy(floats, 0, copy, Little.FLOAT, 0, size);
        } else {
            content.copyTo(0, copy);
        }
        return copy.asReadOnly();
    }

    /** Copies the stored bytes from {@code offset} on into {@code target}, as many as it has. */
    public void copyBytes(long offset, MemorySegment target) {
        Objects.checkFromIndexSize(offset, target.byteSize(), byteSize());
        boolean wholeFloats = offset % Float.BYTES == 0 && target.byteSize() % Float.BYTES == 0;
        if (content != null) {
            content.copyTo(offset, target);
        } else if (floats != null && wholeFloats) {
            MemorySegment.copy(floats, (int) (offset / Float.BYTES), target, Little.FLOAT, 0,
                    (int) (target.byteSize() / Float.BYTES));
        } else {
            target.copyFrom(bytes().asSlice(offset, target.byteSize()));
        }
    }

    /** What is done with a run of elements: their bytes, how many they are, and the index of the first. */
    private interface Run {
        void take(MemorySegment bytes, int count, int first);
    }

    /** Passes over the elements: all at once where they are in memory, else through a small buffer. */
    private void runs(Run run) {
        if (content == null) {
            run.take(bytes(), size, 0);
            return;
        }
        MemorySegment buffer = MemorySegment.ofArray(new byte[Math.min(size, AT_ONCE) * dtype.bytes()]);
        for (int first = 0; first < size; first += AT_ONCE) {
            int count = Math.min(AT_ONCE, size - first);
            MemorySegment part = buffer.asSlice(0, (long) count * dtype.bytes());
            content.copyTo((long) first * dtype.bytes(), part);
            run.take(part, count, first);
            if (first > Integer.MAX_VALUE - AT_ONCE) {
                break;
            }
        }
    }

    /** The elements as float32: 16-bit floats and small integers exactly, wider types rounded to nearest. */
    public float[] toFloats() {
        if (floats != null) {
            return floats.clone();
        }
        float[] out = new float[size];
        runs((part, count, first) -> floats(part, count, out, first));
        return out;
    }

    private void floats(MemorySegment part, int count, float[] out, int first) {
        switch (dtype) {
            // Into a segment, because the same into an array first makes a switch over its type, milliseconds of a program's start.
            case F32 -> MemorySegment.copy(part, Little.FLOAT, 0, MemorySegment.ofArray(out), ValueLayout.JAVA_FLOAT,
                    (long) Float.BYTES * first, count);
            case F16 -> {
                for (int i = 0; i < count; i++) {
                    out[first + i] = Float.float16ToFloat(part.get(Little.SHORT, 2L * i));
                }
            }
            case BF16 -> {
                for (int i = 0; i < count; i++) {
                    out[first + i] = Float.intBitsToFloat(part.get(Little.SHORT, 2L * i) << 16);
                }
            }
            case F64 -> {
                for (int i = 0; i < count; i++) {
                    out[first + i] = (float) part.get(Little.DOUBLE, 8L * i);
                }
            }
            default -> {
                for (int i = 0; i < count; i++) {
                    out[first + i] = integerAt(part, i);
                }
            }
        }
    }

    /** The elements as float64: every type exactly, but for 64-bit integers beyond 2^53. */
    public double[] toDoubles() {
        double[] out = new double[size];
        if (dtype == DType.F64) {
            runs((part, count, first) -> MemorySegment.copy(part, Little.DOUBLE, 0, out, first, count));
        } else if (dtype.isFloating()) {
            float[] floats = toFloats();
            for (int i = 0; i < size; i++) {
                out[i] = floats[i];
            }
        } else {
            runs((part, count, first) -> {
                for (int i = 0; i < count; i++) {
                    out[first + i] = integerAt(part, i);
                }
            });
        }
        return out;
    }

    /**
     * The elements as 64-bit integers.
     *
     * @throws InvalidInputException if an element is not a whole number of that range (NaN, Inf and fractions included)
     */
    public long[] toLongs() {
        long[] out = new long[size];
        if (dtype.isFloating()) {
            double[] values = toDoubles();
            for (int i = 0; i < size; i++) {
                out[i] = (long) values[i];
                if (out[i] != values[i] || Math.abs(values[i]) >= 0x1p63) {
                    throw new InvalidInputException("element " + i + " of a " + dtype + " tensor of shape "
                            + Arrays.toString(shape) + " is " + values[i] + " where a whole number is expected");
                }
            }
        } else {
            runs((part, count, first) -> {
                for (int i = 0; i < count; i++) {
                    out[first + i] = integerAt(part, i);
                }
            });
        }
        return out;
    }

    private long integerAt(MemorySegment part, int i) {
        return switch (dtype) {
            case I64 -> part.get(Little.LONG, 8L * i);
            case I32 -> part.get(Little.INT, 4L * i);
            case I16 -> part.get(Little.SHORT, 2L * i);
            case I8 -> part.get(ValueLayout.JAVA_BYTE, i);
            case U8, BOOL -> part.get(ValueLayout.JAVA_BYTE, i) & 0xff;
            default -> throw new AssertionError(dtype);
        };
    }

    private static int sizeOf(int[] shape) {
        long size = 1;
        boolean empty = false;
        for (int extent : shape) {
            if (extent < 0) {
                throw new InvalidInputException("a shape can't have a negative extent, found " + Arrays.toString(shape));
            }
            empty |= extent == 0;
            size = Math.multiplyHigh(size, extent) == 0 ? size * extent : Long.MAX_VALUE;
            if (size > Integer.MAX_VALUE) {
                size = (long) Integer.MAX_VALUE + 1;
            }
        }
        if (empty) {
            return 0;
        }
        if (size > Integer.MAX_VALUE) {
            throw new InvalidInputException(
                    "a tensor holds at most 2147483647 elements, shape " + Arrays.toString(shape) + " has more");
        }
        return (int) size;
    }

    /** Element type and shape, for instance {@code F32[512, 128]}. */
    @Override
    public String toString() {
        return dtype + Arrays.toString(shape);
    }
}
