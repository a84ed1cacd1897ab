package io.lanecell.loader;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TensorNamesTest {
    @Test
    void upToSixNamesAreListedAndTheOthersCounted() {
        assertEquals("no tensors", TensorNames.some(List.of()));
        assertEquals("no tensors", TensorNames.some(Weights.of(Map.of())));
        assertEquals("'w'", TensorNames.some(Weights.of(Map.of("w", Tensor.of(new float[1], 1)))));
        assertEquals("'a', 'b', 'c', 'd', 'e', 'f'", TensorNames.some(List.of("a", "b", "c", "d", "e", "f")));
        assertEquals("'a', 'b', 'c', 'd', 'e', 'f' and 2 more",
                TensorNames.some(List.of("a", "b", "c", "d", "e", "f", "g", "h")));
    }
}
