package io.lanecell.loader;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.DType;
import io.lanecell.InvalidInputException;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NarrowingTest {
    private static float[] narrowed(DType target, float... values) {
        return Narrowing.of(Weights.of(Map.of("w", Tensor.of(values, values.length))), target).weights().get("w").toFloats();
    }

    @Test
    void numbersAreRoundedToTheNearestTiesToEven() {
        assertArrayEquals(new float[]{1, 1 + 0x1p-6f, 1 + 0x1p-7f, -1, 0x1p-133f, -0.0f},
                narrowed(DType.BF16, 1 + 0x1p-8f, 1 + 3 * 0x1p-8f, 1 + 0x1.01p-8f, -1 - 0x1p-9f, 0x1p-133f, -0.0f));
        assertArrayEquals(new float[]{1, 1 + 0x1p-9f, 65504, 0x1p-24f, 0},
                narrowed(DType.F16, 1 + 0x1p-11f, 1 + 3 * 0x1p-11f, 65519, 0x1p-24f, 0x1p-25f));
        assertArrayEquals(new float[]{Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY},
                narrowed(DType.BF16, Float.intBitsToFloat(0x7f800001), Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY));
    }

    @Test
    void bfloat16IsTheNearestOfItsTwoNeighbours() {
        long seed = new Random().nextLong();
        System.out.println("bfloat16IsTheNearestOfItsTwoNeighbours: seed " + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 10_000; i++) {
            float value = Float.intBitsToFloat(random.nextInt() & 0xbfffffff);
            float down = Float.intBitsToFloat(Float.floatToIntBits(value) & 0xffff0000);
            float up = Float.intBitsToFloat((Float.floatToIntBits(value) & 0xffff0000) + 0x10000);
            float got = narrowed(DType.BF16, value)[0];
            double best = Math.min(Math.abs((double) value - down), Math.abs((double) value - up));
            assertEquals(best, Math.abs((double) value - got));
        }
    }

    @Test
    void theReportSaysWhatWasNarrowedKeptAndLost() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("a", Tensor.of(new float[]{1, 1e6f, Float.POSITIVE_INFINITY}, 3));
        tensors.put("b", Tensor.of(new double[]{1e300}, 1));
        tensors.put("steps", Tensor.of(new long[]{5}, 1));
        Narrowing narrowing = Narrowing.of(Weights.of(tensors), DType.F16);
        assertEquals(List.of("narrowed 1 tensor from F64 to F16", "narrowed 1 tensor from F32 to F16",
                "2 numbers beyond the range of F16 became infinite", "left 1 tensor of integers as it is"), narrowing.report());
        assertEquals(DType.I64, narrowing.weights().get("steps").dtype());
        Narrowing back = Narrowing.of(narrowing.weights(), DType.F32);
        assertEquals(List.of("converted 2 tensors from F16 to F32", "left 1 tensor of integers as it is"), back.report());
        assertTrue(Narrowing.of(back.weights(), DType.F32).report().getFirst().startsWith("left"));
    }

    @Test
    void onlyFloatingPointTypesOf16And32BitsAreTargets() {
        Weights none = Weights.of(Map.of());
        assertThrows(InvalidInputException.class, () -> Narrowing.of(none, DType.I8));
        assertThrows(InvalidInputException.class, () -> Narrowing.of(none, DType.F64));
    }
}
