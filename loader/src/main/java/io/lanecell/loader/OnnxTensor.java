package io.lanecell.loader;

import io.lanecell.DType;
import io.lanecell.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A tensor as an ONNX file has it (TensorProto).
 *
 * @param parts    its elements: as they are in memory, or in a field of their own type
 * @param raw      whether {@code parts} are the elements' little-endian bytes
 * @param external where the bytes are that lie in another file
 */
record OnnxTensor(String name, List<Long> dims, long type, List<MemorySegment> parts, boolean raw, Map<String, String> external,
        boolean outside) {
    /** The element type; none for those that Lanecell has none for: strings, complex numbers, 4 and 8 bits. */
    Optional<DType> dtype() {
        return Optional.ofNullable(switch (Math.clamp(type, 0, 100)) {
            case 1 -> DType.F32;
            case 2 -> DType.U8;
            case 3 -> DType.I8;
            case 5 -> DType.I16;
            case 6 -> DType.I32;
            case 7 -> DType.I64;
            case 9 -> DType.BOOL;
            case 10 -> DType.F16;
            case 11 -> DType.F64;
            case 16 -> DType.BF16;
            default -> null;
        });
    }

    /** The tensor; its type must be one that there is. */
    Tensor read(Source source, OnnxExternalData files, String title) {
        String where = "tensor " + Quote.of(title);
        DType dtype = dtype().orElseThrow();
        int[] shape = shape(source, where);
        long size = Shapes.elements(shape) * dtype.bytes();
        if (outside) {
            return Tensor.ofBytes(dtype, shape, files.bytes(where, external, size));
        }
        if (raw) {
            return Tensor.ofBytes(dtype, shape, exactly(source, where + " of type " + dtype, parts.getFirst(), size));
        }
        boolean asTheyAre = dtype == DType.F32 || dtype == DType.F64;
        source.charge(size, where);
        MemorySegment all = MemorySegment.ofArray(TensorLayouts.array(source, where, size));
        long done = 0;
        for (MemorySegment part : parts) {
            if (!asTheyAre) {
                done = numbers(source, where, dtype, part, all, done);
            } else if (part.byteSize() > size - done) {
                throw source.malformed(where + " has more than the " + size + " bytes of its shape");
            } else {
                all.asSlice(done, part.byteSize()).copyFrom(part);
                done += part.byteSize();
            }
        }
        if (done != size) {
            throw source.truncated(where + " has " + done + " bytes, its type " + dtype + " and shape need " + size);
        }
        return Tensor.ofBytes(dtype, shape, all);
    }

    private int[] shape(Source source, String where) {
        if (dims.size() > 32) {
            throw source.malformed(where + " has " + dims.size() + " dimensions, at most 32 are allowed");
        }
        int[] shape = new int[dims.size()];
        for (int i = 0; i < shape.length; i++) {
            long extent = dims.get(i);
            if (extent < 0 || extent > Integer.MAX_VALUE) {
                throw source.malformed(where + " has an extent of " + extent + ", expected 0 to 2147483647");
            }
            shape[i] = (int) extent;
        }
        if (Shapes.elements(shape) > Integer.MAX_VALUE) {
            throw source.malformed(where + " of shape " + dims + " has too many elements, at most 2147483647 are allowed");
        }
        return shape;
    }

    private static MemorySegment exactly(Source source, String where, MemorySegment bytes, long size) {
        if (bytes.byteSize() < size) {
            throw source.truncated(where + " has " + bytes.byteSize() + " bytes, its shape needs " + size);
        }
        if (bytes.byteSize() > size) {
            throw source.malformed(where + " has " + bytes.byteSize() + " bytes, its shape needs only " + size);
        }
        return bytes;
    }

    /** Integers and 16-bit floats come as numbers of varying length. */
    private static long numbers(Source source, String where, DType dtype, MemorySegment part, MemorySegment all, long from) {
        long[] done = {from};
        new ProtoMessage(source, part).eachNumber(value -> {
            if (done[0] == all.byteSize()) {
                throw source.malformed(where + " has more elements than its shape");
            }
            for (int i = 0; i < dtype.bytes(); i++) {
                all.set(ValueLayout.JAVA_BYTE, done[0]++, (byte) (value >>> 8 * i));
            }
        });
        return done[0];
    }
}
