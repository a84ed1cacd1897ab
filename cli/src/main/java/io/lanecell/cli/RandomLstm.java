package io.lanecell.cli;

import io.lanecell.LayerSpec;
import io.lanecell.ModelSpec;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An LSTM with weights drawn as PyTorch initialises them, uniform within ±1/√H, for timing. Cheap to load and quick from the first
 * number on, because {@link ColdProgram} draws weights too.
 */
final class RandomLstm {
    static final ModelSpec SPEC = ModelSpec.of(new LayerSpec.Lstm("", true));

    private static final String[] SUFFIXES = {"", "_reverse"};
    private static final float UNIT = 0x1p-23f;

    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private final float bound;
    private long state = 1;

    private RandomLstm(int hidden) {
        bound = (float) (1 / Math.sqrt(hidden));
    }

    /** The weights of a geometry, the same every time. */
    static Weights weights(int inputs, int hidden, int layers, int directions) {
        RandomLstm lstm = new RandomLstm(hidden);
        for (int layer = 0; layer < layers; layer++) {
            for (int direction = 0; direction < directions; direction++) {
                String suffix = "_l".concat(String.valueOf(layer)).concat(SUFFIXES[direction]);
                lstm.draw("weight_ih".concat(suffix), 4 * hidden, layer == 0 ? inputs : hidden * directions);
                lstm.draw("weight_hh".concat(suffix), 4 * hidden, hidden);
                lstm.draw("bias_ih".concat(suffix), 4 * hidden);
                lstm.draw("bias_hh".concat(suffix), 4 * hidden);
            }
        }
        return Weights.of(lstm.tensors);
    }

    /** The same of a parsed geometry. */
    static Weights weights(LstmGeometry geometry) {
        return weights(geometry.inputs(), geometry.hidden(), geometry.layers(), geometry.directions());
    }

    private void draw(String name, int... shape) {
        float[] values = new float[shape.length == 1 ? shape[0] : shape[0] * shape[1]];
        long x = state;
        for (int i = 0; i < values.length; i++) {
            x = x * 6364136223846793005L + 1442695040888963407L; // Knuth's MMIX; the upper bits are good
            values[i] = (x >> 40) * UNIT * bound;
        }
        state = x;
        tensors.put(name, Tensor.of(values, shape));
    }
}
