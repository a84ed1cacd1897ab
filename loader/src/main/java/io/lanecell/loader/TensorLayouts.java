package io.lanecell.loader;

import io.lanecell.DType;
import io.lanecell.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/** Tensors in another layout, whatever their element type. What is copied is charged to the file. */
final class TensorLayouts {
    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private TensorLayouts() {
    }

    /** An array of that many bytes, which the caller has charged for. */
    static byte[] array(Source source, String where, long size) {
        if (size > Integer.MAX_VALUE - 8) {
            throw source.unsupported(where + " takes " + size + " bytes, more than the 2147483639 that can be converted");
        }
        return new byte[(int) size];
    }

    /** Rows {@code from} to {@code to} of the first dimension, in place. */
    static Tensor rows(Tensor tensor, int from, int to) {
        int[] shape = tensor.shape();
        long row = rowBytes(tensor);
        shape[0] = to - from;
        return Tensor.ofBytes(tensor.dtype(), shape, tensor.bytes().asSlice(from * row, (to - from) * row));
    }

    /** The {@code i}-th row, without the first dimension, in place. */
    static Tensor row(Tensor tensor, int i) {
        Tensor one = rows(tensor, i, i + 1);
        return reshaped(one, Arrays.copyOfRange(one.shape(), 1, one.rank()));
    }

    /** The same elements under another shape. */
    static Tensor reshaped(Tensor tensor, int... shape) {
        return Tensor.ofBytes(tensor.dtype(), shape, tensor.bytes());
    }

    /** The first dimension cut into as many equal blocks as {@code order} has; block {@code order[i]} comes i-th. */
    static Tensor blocks(Source source, Tensor tensor, int... order) {
        int rows = tensor.dim(0) / order.length;
        Tensor[] parts = new Tensor[order.length];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = rows(tensor, order[i] * rows, (order[i] + 1) * rows);
        }
        return concat(source, 0, List.of(parts));
    }

    /** Tensors of one type, one behind the other along a dimension; the other extents are equal. */
    static Tensor concat(Source source, int axis, List<Tensor> tensors) {
        int[] shape = tensors.getFirst().shape();
        long extent = tensors.stream().mapToLong(tensor -> tensor.dim(axis)).sum();
        if (extent > Integer.MAX_VALUE) {
            throw source.malformed("tensors joined give an extent of " + extent + ", at most 2147483647 is allowed");
        }
        shape[axis] = (int) extent;
        DType dtype = tensors.getFirst().dtype();
        MemorySegment all = fresh(source, dtype, shape);
        int outer = all.byteSize() == 0 ? 0 : outer(shape, axis);
        long at = 0;
        for (int i = 0; i < outer; i++) {
            for (Tensor tensor : tensors) {
                long part = tensor.bytes().byteSize() / outer;
                MemorySegment.copy(tensor.bytes(), i * part, all, at, part);
                at += part;
            }
        }
        return Tensor.ofBytes(dtype, shape, all);
    }

    /** Elements {@code from} to {@code to} along a dimension. */
    static Tensor slice(Source source, Tensor tensor, int axis, int from, int to) {
        int[] shape = tensor.shape();
        shape[axis] = to - from;
        MemorySegment part = fresh(source, tensor.dtype(), shape);
        int outer = part.byteSize() == 0 ? 0 : outer(shape, axis);
        for (int i = 0; i < outer; i++) {
            long whole = tensor.bytes().byteSize() / outer;
            long one = whole / tensor.dim(axis);
            MemorySegment.copy(tensor.bytes(), i * whole + from * one, part, i * (to - from) * one, (to - from) * one);
        }
        return Tensor.ofBytes(tensor.dtype(), shape, part);
    }

    /** Dimension {@code axes[i]} comes i-th. */
    static Tensor permuted(Source source, Tensor tensor, int... axes) {
        int[] from = tensor.shape();
        int rank = from.length;
        long[] strides = new long[rank];
        long stride = tensor.dtype().bytes();
        for (int i = rank - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= from[i];
        }
        int[] shape = new int[rank];
        for (int i = 0; i < rank; i++) {
            shape[i] = from[axes[i]];
        }
        MemorySegment all = fresh(source, tensor.dtype(), shape);
        int bytes = tensor.dtype().bytes();
        int[] index = new int[rank];
        long at = 0;
        for (long to = 0; to < all.byteSize(); to += bytes) {
            MemorySegment.copy(tensor.bytes(), at, all, to, bytes);
            for (int i = rank - 1; i >= 0; i--) {
                at += strides[axes[i]];
                if (++index[i] < shape[i]) {
                    break;
                }
                at -= strides[axes[i]] * shape[i];
                index[i] = 0;
            }
        }
        return Tensor.ofBytes(tensor.dtype(), shape, all);
    }

    /** A matrix with its rows as columns. */
    static Tensor transposed(Source source, Tensor matrix) {
        return permuted(source, matrix, 1, 0);
    }

    /** Zeros. */
    static Tensor zeros(Source source, DType dtype, int... shape) {
        return Tensor.ofBytes(dtype, shape, fresh(source, dtype, shape));
    }

    private static MemorySegment fresh(Source source, DType dtype, int[] shape) {
        long size = Shapes.elements(shape);
        if (size > Integer.MAX_VALUE) {
            throw source.malformed("a tensor of shape " + Arrays.toString(shape) + " has too many elements, at most 2147483647");
        }
        source.charge(size * dtype.bytes(), "tensors in another layout");
        return MemorySegment.ofArray(array(source, "a tensor of shape " + Arrays.toString(shape), size * dtype.bytes()));
    }

    private static long rowBytes(Tensor tensor) {
        return tensor.dim(0) == 0 ? 0 : tensor.bytes().byteSize() / tensor.dim(0);
    }

    private static int outer(int[] shape, int axis) {
        int outer = 1;
        for (int i = 0; i < axis; i++) {
            outer *= shape[i];
        }
        return outer;
    }
}
