package io.lanecell.loader;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lanecell.DType;
import io.lanecell.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tensors cut, joined and turned, and those without elements. */
class LayoutsTest {
    private final Source source = Source.of(Path.of("x"), new byte[1]);
    /** 0, 1, 2 … as [2, 3, 4]. */
    private final Tensor cube = counting(0, 2, 3, 4);

    private static Tensor counting(int first, int... shape) {
        byte[] bytes = new byte[(int) Shapes.elements(shape)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (first + i);
        }
        return Tensor.ofBytes(DType.U8, shape, MemorySegment.ofArray(bytes));
    }

    private static void assertIs(Tensor tensor, String shape, long... elements) {
        assertEquals("U8" + shape, tensor.toString());
        assertArrayEquals(elements, tensor.toLongs());
    }

    @Test
    void rowsAreCutInPlace() {
        assertIs(TensorLayouts.rows(counting(0, 4, 2), 1, 3), "[2, 2]", 2, 3, 4, 5);
        assertIs(TensorLayouts.row(cube, 1), "[3, 4]", 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23);
        assertIs(TensorLayouts.rows(counting(0, 0, 2), 0, 0), "[0, 2]");
        assertIs(TensorLayouts.blocks(source, counting(0, 6), 2, 0, 1), "[6]", 4, 5, 0, 1, 2, 3);
    }

    @Test
    void slicesAreCutAlongAnyDimension() {
        assertIs(TensorLayouts.slice(source, cube, 0, 1, 2), "[1, 3, 4]", 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23);
        assertIs(TensorLayouts.slice(source, cube, 1, 1, 3), "[2, 2, 4]", 4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22,
                23);
        assertIs(TensorLayouts.slice(source, cube, 2, 2, 3), "[2, 3, 1]", 2, 6, 10, 14, 18, 22);
        assertIs(TensorLayouts.slice(source, cube, 1, 3, 3), "[2, 0, 4]");
        assertIs(TensorLayouts.slice(source, counting(0, 0, 3), 1, 0, 2), "[0, 2]");
    }

    @Test
    void tensorsAreJoinedAlongAnyDimension() {
        Tensor more = counting(50, 2, 1, 4);
        assertIs(TensorLayouts.concat(source, 1, List.of(TensorLayouts.slice(source, cube, 1, 0, 1), more)), "[2, 2, 4]", 0, 1, 2,
                3, 50, 51, 52, 53, 12, 13, 14, 15, 54, 55, 56, 57);
        assertIs(TensorLayouts.concat(source, 0, List.of(counting(1, 1, 2), counting(5, 2, 2))), "[3, 2]", 1, 2, 5, 6, 7, 8);
        assertIs(TensorLayouts.concat(source, 1, List.of(counting(1, 2, 1), counting(5, 2, 2))), "[2, 3]", 1, 5, 6, 2, 7, 8);
        assertIs(TensorLayouts.concat(source, 1, List.of(counting(1, 0, 1), counting(5, 0, 2))), "[0, 3]");
        assertIs(TensorLayouts.concat(source, 0, List.of(counting(1, 0, 1), counting(5, 2, 1))), "[2, 1]", 5, 6);
    }

    @Test
    void dimensionsAreExchanged() {
        assertIs(TensorLayouts.permuted(source, cube, 2, 0, 1), "[4, 2, 3]", 0, 4, 8, 12, 16, 20, 1, 5, 9, 13, 17, 21, 2, 6, 10,
                14,
                18, 22, 3, 7, 11, 15, 19, 23);
        assertIs(TensorLayouts.transposed(source, counting(0, 2, 3)), "[3, 2]", 0, 3, 1, 4, 2, 5);
        assertIs(TensorLayouts.permuted(source, counting(7)), "[]", 7);
        Tensor wide = Tensor.of(new float[]{1, 2, 3, 4, 5, 6}, 2, 3);
        assertArrayEquals(new float[]{1, 4, 2, 5, 3, 6}, TensorLayouts.transposed(source, wide).toFloats());
        assertArrayEquals(new float[]{2, 5}, TensorLayouts.slice(source, wide, 1, 1, 2).toFloats());
        assertArrayEquals(new float[]{4, 5, 6}, TensorLayouts.rows(wide, 1, 2).toFloats());
    }

    @Test
    void copiesAreChargedForAndViewsAreNot() {
        Source fresh = Source.of(Path.of("x"), new byte[1]);
        fresh.charge((48 << 20) + 2 - 48, "the rest");
        TensorLayouts.permuted(fresh, cube, 2, 1, 0);
        TensorLayouts.row(cube, 0);
        TensorLayouts.zeros(fresh, DType.F64, 3);
        Fault.assertFault(WeightFileException.Malformed.class, () -> TensorLayouts.zeros(fresh, DType.U8, 1), "memory");
    }
}
