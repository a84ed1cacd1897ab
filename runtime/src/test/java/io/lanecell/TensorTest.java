package io.lanecell;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TensorTest {
    @Test
    void everyElementTypeIsWidenedExactly() {
        assertArrayEquals(new float[]{1f, -2f, 65504f, 0x1p-24f, Float.POSITIVE_INFINITY},
                tensor(DType.F16, 0x00, 0x3c, 0x00, 0xc0, 0xff, 0x7b, 0x01, 0x00, 0x00, 0x7c).toFloats());
        assertArrayEquals(new float[]{1f, -0.0f, 0x1.fep127f}, tensor(DType.BF16, 0x80, 0x3f, 0x00, 0x80, 0x7f, 0x7f).toFloats());
        assertArrayEquals(new long[]{1, -1}, tensor(DType.I16, 1, 0, 0xff, 0xff).toLongs());
        assertArrayEquals(new double[]{255, 1}, tensor(DType.U8, 0xff, 1).toDoubles());
        assertArrayEquals(new long[]{-1, 127}, tensor(DType.I8, 0xff, 0x7f).toLongs());
        assertArrayEquals(new long[]{0, 1}, tensor(DType.BOOL, 0, 1).toLongs());
        assertArrayEquals(new long[]{-2}, tensor(DType.I32, 0xfe, 0xff, 0xff, 0xff).toLongs());
        assertArrayEquals(new double[]{0.1}, Tensor.of(new double[]{0.1}, 1).toDoubles());
        assertArrayEquals(new float[]{0.1f}, Tensor.of(new double[]{0.1}, 1).toFloats());
        assertArrayEquals(new double[]{0.1f}, Tensor.of(new float[]{0.1f}, 1).toDoubles());
        assertArrayEquals(new long[]{1L << 40}, Tensor.of(new long[]{1L << 40}, 1).toLongs());
    }

    @Test
    void aSingleNumberHasNoExtentsAndAnEmptyTensorNoElements() {
        assertEquals(1, Tensor.of(new float[]{3f}).size());
        assertEquals(0, Tensor.of(new float[0], 0, 1 << 30, 1 << 30).size());
        assertEquals("F32[2, 3]", Tensor.of(new float[6], 2, 3).toString());
    }

    @Test
    void whatTheCallerDoesToItsArraysLaterChangesNothing() {
        float[] values = {1, 2};
        int[] shape = {2};
        Tensor tensor = Tensor.of(values, shape);
        values[0] = 9;
        shape[0] = 9;
        tensor.shape()[0] = 9;
        assertArrayEquals(new float[]{1, 2}, tensor.toFloats());
        assertEquals(2, tensor.dim(0));
        assertTrue(tensor.bytes().isReadOnly());
    }

    @Test
    void aTensorWhoseElementsAreFetchedEqualsOneThatHasThem() {
        byte[] bytes = new byte[8 * 100_003];
        new Random(1).nextBytes(bytes);
        for (DType dtype : DType.values()) {
            int size = bytes.length / 8;
            MemorySegment all = MemorySegment.ofArray(bytes).asSlice(0, (long) size * dtype.bytes());
            Tensor here = Tensor.ofBytes(dtype, new int[]{size}, all);
            Tensor there = Tensor.ofContent(dtype, new int[]{size},
                    (offset, target) -> target.copyFrom(all.asSlice(offset, target.byteSize())));
            assertEquals(here.byteSize(), there.byteSize());
            assertArrayEquals(here.toFloats(), there.toFloats());
            assertArrayEquals(here.toDoubles(), there.toDoubles());
            if (!dtype.isFloating()) {
                assertArrayEquals(here.toLongs(), there.toLongs());
            }
            assertEquals(-1, here.bytes().mismatch(there.bytes()));
            assertTrue(there.bytes().isReadOnly());
            for (Tensor tensor : List.of(here, there)) {
                MemorySegment part = MemorySegment.ofArray(new byte[5]);
                tensor.copyBytes(3, part);
                assertEquals(-1, part.mismatch(all.asSlice(3, 5)));
                assertThrows(IndexOutOfBoundsException.class, () -> tensor.copyBytes(tensor.byteSize() - 4, part));
                assertThrows(IndexOutOfBoundsException.class, () -> tensor.copyBytes(-1, part));
            }
        }
    }

    @Test
    void weightsUnderAPrefixKeepTheirFullNamesForMessages() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("a.b.w", Tensor.of(new float[1], 1));
        tensors.put("a.v", Tensor.of(new float[1], 1));
        tensors.put("ab.w", Tensor.of(new float[1], 1));
        Weights weights = Weights.of(tensors);
        Weights inside = weights.under("a").under("b");
        assertEquals(List.of("w"), List.copyOf(inside.names()));
        assertEquals("a.b.w", inside.fullName("w"));
        InvalidModelException missing = assertThrows(InvalidModelException.class, () -> inside.get("x"));
        assertEquals("tensor 'a.b.x' is missing, the weights hold a.b.w", missing.getMessage());
        assertThrows(UnsupportedOperationException.class, () -> weights.tensors().clear());
    }

    private static Tensor tensor(DType dtype, int... bytes) {
        byte[] content = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            content[i] = (byte) bytes[i];
        }
        return Tensor.ofBytes(dtype, new int[]{bytes.length / dtype.bytes()}, MemorySegment.ofArray(content));
    }
}
