package io.lanecell.loader;

import io.lanecell.DType;
import io.lanecell.Tensor;
import io.lanecell.loader.PickleValue.View;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Turns a view of a storage into a row-major tensor: in place where it is one already, else by a copy. */
final class StridedView {
    private StridedView() {
    }

    /** @param storage exactly the bytes of the view's storage */
    static Tensor materialise(Source source, String name, View view, ByteRange storage) {
        DType dtype = view.storage().dtype();
        int[] shape = view.shape();
        long elements = Shapes.elements(shape);
        if (elements == 0) {
            return Tensor.ofBytes(dtype, shape, MemorySegment.ofArray(new byte[0]));
        }
        String where = "tensor " + Quote.of(name) + " of shape " + Arrays.toString(shape);
        if (elements > Integer.MAX_VALUE) {
            throw source.malformed(where + " has too many elements, at most " + Integer.MAX_VALUE + " are allowed");
        }
        long last = last(source, where, view);
        long bytes = elements * dtype.bytes();
        if (isRowMajor(view)) {
            return storage.slice(view.offset() * dtype.bytes(), bytes).tensor(dtype, shape);
        }
        source.charge(bytes, where);
        if (bytes > Integer.MAX_VALUE - 8) {
            throw source.unsupported(where + " is a view of more than 2 GB, save it with .contiguous()");
        }
        ByteRange part = storage.slice(view.offset() * dtype.bytes(), (last + 1 - view.offset()) * dtype.bytes());
        if (part instanceof ByteRange.InFile) {
            source.charge(part.size(), where); // many views of one storage each read it again
        }
        return Tensor.ofBytes(dtype, shape, MemorySegment.ofArray(copy(view, part.inMemory(), (int) bytes)));
    }

    /** The last element of the view, which must lie inside its storage. */
    private static long last(Source source, String where, View view) {
        long room = view.storage().elements();
        long reach = view.offset();
        for (int i = 0; i < view.shape().length && reach < room; i++) {
            long steps = view.shape()[i] - 1;
            long stride = view.strides()[i];
            boolean inside = steps == 0 || stride <= (room - 1 - reach) / steps;
            reach = inside ? reach + steps * stride : room;
        }
        if (reach >= room) {
            throw source.malformed(where + ", strides " + Arrays.toString(view.strides()) + " and offset " + view.offset()
                    + " reaches past its storage of " + room + " elements");
        }
        return reach;
    }

    private static boolean isRowMajor(View view) {
        long expected = 1;
        for (int i = view.shape().length - 1; i >= 0; i--) {
            if (view.shape()[i] != 1 && view.strides()[i] != expected) {
                return false;
            }
            expected *= view.shape()[i];
        }
        return true;
    }

    /** @param storage the elements from the view's first on */
    private static byte[] copy(View view, MemorySegment storage, int size) {
        byte[] out = new byte[size];
        MemorySegment target = MemorySegment.ofArray(out);
        int width = view.storage().dtype().bytes();
        int[] index = new int[view.shape().length];
        long from = 0;
        for (int at = 0; at < size; at += width) {
            MemorySegment.copy(storage, from * width, target, at, width);
            // Count up the index like an odometer, the last dimension fastest.
            for (int i = index.length - 1; i >= 0; i--) {
                from += view.strides()[i];
                if (++index[i] < view.shape()[i]) {
                    break;
                }
                from -= view.strides()[i] * index[i];
                index[i] = 0;
            }
        }
        return out;
    }
}
