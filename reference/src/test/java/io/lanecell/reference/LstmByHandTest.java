package io.lanecell.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lanecell.LayerSpec;
import io.lanecell.ModelSpec;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import io.lanecell.reference.ReferenceModel.Result;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * LSTMs of one cell whose every number is known on paper. The gate sums are logarithms, for which
 * <pre>
 * σ(ln a)    = a / (a + 1)             σ(ln 3) = 3/4   σ(ln 1) = 1/2   σ(−ln 3) = 1/4
 * tanh(ln a) = (a² − 1) / (a² + 1)     tanh(ln 2) = 3/5   tanh(ln 3) = 4/5
 * </pre>
 */
class LstmByHandTest {
    private static final double LN2 = Math.log(2);
    private static final double LN3 = Math.log(3);

    /** Gates in the order i, f, g, o: a mistake in that order changes every number below. */
    private static final double[] W_IH = {LN3, 0, LN2, -LN3};

    @Test
    void oneStepFromAStateGivesTheNumbersOfThePage() {
        // x = 1, h0 = 0: i = σ(ln 3) = 3/4, f = σ(0) = 1/2, g = tanh(ln 2) = 3/5, o = σ(−ln 3) = 1/4.
        // c0 = 2·(ln 2 − 9/20), so c1 = 1/2·c0 + 3/4·3/5 = ln 2, and h1 = 1/4·tanh(ln 2) = 3/20.
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("weight_ih_l0", Tensor.of(W_IH, 4, 1));
        tensors.put("weight_hh_l0", Tensor.of(new double[4], 4, 1));
        Result result = lstm(tensors).run(new double[]{1}, 1, 1, null, new double[]{0}, new double[]{2 * (LN2 - 9.0 / 20)});
        assertEquals(LN2, result.cN()[0], 1e-15);
        assertEquals(3.0 / 20, result.hN()[0], 1e-15);
        assertEquals(3.0 / 20, result.output()[0], 1e-15);
    }

    @Test
    void theSecondStepTakesTheFirstOnesHiddenStateThroughTheHiddenWeights() {
        // The first step as above: h1 = 3/20, c1 = ln 2. The second has x = 0, and W_hh = W_ih · 20/3 gives the same gate sums
        // from h1: i = 3/4, f = 1/2, g = 3/5, o = 1/4. So c2 = 1/2·ln 2 + 9/20 and h2 = 1/4·tanh(c2).
        double[] whh = new double[4];
        for (int k = 0; k < 4; k++) {
            whh[k] = W_IH[k] * 20 / 3;
        }
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("weight_ih_l0", Tensor.of(W_IH, 4, 1));
        tensors.put("weight_hh_l0", Tensor.of(whh, 4, 1));
        Result result = lstm(tensors).run(new double[]{1, 0}, 1, 2, null, new double[]{0},
                new double[]{2 * (LN2 - 9.0 / 20)});
        double c2 = LN2 / 2 + 9.0 / 20;
        assertEquals(c2, result.cN()[0], 1e-15);
        assertArrayEquals(new double[]{3.0 / 20, Math.tanh(c2) / 4}, result.output(), 1e-15);
        assertEquals(Math.tanh(c2) / 4, result.hN()[0], 1e-15);
    }

    @Test
    void bothBiasesAreAdded() {
        // No input part; ln 3 = ln 6 + ln ½ and so on: the same gates as in the first test, now from the biases alone.
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("weight_ih_l0", Tensor.of(new double[4], 4, 1));
        tensors.put("weight_hh_l0", Tensor.of(new double[4], 4, 1));
        tensors.put("bias_ih_l0", Tensor.of(new double[]{LN3 + LN2, 0.25, 3 * LN2, LN2}, 4));
        tensors.put("bias_hh_l0", Tensor.of(new double[]{-LN2, -0.25, -2 * LN2, -LN3 - LN2}, 4));
        Result result = lstm(tensors).run(new double[]{7}, 1, 1, null, new double[]{0}, new double[]{2 * (LN2 - 9.0 / 20)});
        assertEquals(LN2, result.cN()[0], 1e-15);
        assertEquals(3.0 / 20, result.hN()[0], 1e-15);
    }

    @Test
    void aProjectionMapsTheHiddenStateAndLeavesTheCellState() {
        // Two cells alike, each c1 = ln 2 and o·tanh(c1) = 3/20; W_hr = (2, 4) gives h = 6·3/20 = 9/10.
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("weight_ih_l0", Tensor.of(new double[]{LN3, LN3, 0, 0, LN2, LN2, -LN3, -LN3}, 8, 1));
        tensors.put("weight_hh_l0", Tensor.of(new double[8], 8, 1));
        tensors.put("weight_hr_l0", Tensor.of(new double[]{2, 4}, 1, 2));
        double c0 = 2 * (LN2 - 9.0 / 20);
        Result result = lstm(tensors).run(new double[]{1}, 1, 1, null, new double[]{0}, new double[]{c0, c0});
        assertArrayEquals(new double[]{LN2, LN2}, result.cN(), 1e-15);
        assertArrayEquals(new double[]{9.0 / 10}, result.hN(), 1e-15);
        assertArrayEquals(new int[]{1, 1, 1}, result.outputShape());
    }

    @Test
    void theSecondLayerReadsTheFirstOnesHiddenState() {
        // Layer 0 gives h = 3/20 as above; layer 1's W_ih = W_ih · 20/3 makes the same gates of it. c0 = 0 in layer 1, so
        // c1 = 3/4·3/5 = 9/20 and h1 = 1/4·tanh(9/20).
        double[] second = new double[4];
        for (int k = 0; k < 4; k++) {
            second[k] = W_IH[k] * 20 / 3;
        }
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("weight_ih_l0", Tensor.of(W_IH, 4, 1));
        tensors.put("weight_hh_l0", Tensor.of(new double[4], 4, 1));
        tensors.put("weight_ih_l1", Tensor.of(second, 4, 1));
        tensors.put("weight_hh_l1", Tensor.of(new double[4], 4, 1));
        Result result = lstm(tensors).run(new double[]{1}, 1, 1, null, new double[2], new double[]{2 * (LN2 - 9.0 / 20), 0});
        assertArrayEquals(new double[]{LN2, 9.0 / 20}, result.cN(), 1e-15);
        assertArrayEquals(new double[]{3.0 / 20, Math.tanh(9.0 / 20) / 4}, result.hN(), 1e-15);
        assertArrayEquals(new double[]{Math.tanh(9.0 / 20) / 4}, result.output(), 1e-15);
    }

    @Test
    void namesWithoutLayerNumbersAreAnLstmCells() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("weight_ih", Tensor.of(W_IH, 4, 1));
        tensors.put("weight_hh", Tensor.of(new double[4], 4, 1));
        tensors.put("bias_ih", Tensor.of(new double[4], 4));
        tensors.put("bias_hh", Tensor.of(new double[4], 4));
        Result result = lstm(tensors).run(new double[]{1}, 1, 1, null, new double[]{0}, new double[]{2 * (LN2 - 9.0 / 20)});
        assertEquals(LN2, result.cN()[0], 1e-15);
        assertEquals(3.0 / 20, result.hN()[0], 1e-15);
    }

    private static ReferenceModel lstm(Map<String, Tensor> tensors) {
        return ReferenceModel.of(ModelSpec.of(new LayerSpec.Lstm("", true)), Weights.of(tensors));
    }
}
