package io.lanecell.cli;

import io.lanecell.InvalidInputException;
import io.lanecell.LayerSpec;
import io.lanecell.ModelSpec;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An LSTM with weights drawn as PyTorch initialises them, uniform within ±1/√H, for timing. */
final class RandomLstm {
    static final ModelSpec SPEC = ModelSpec.of(new LayerSpec.Lstm("", true));

    private static final Pattern GEOMETRY = Pattern.compile("(\\d{1,5}),(\\d{1,5})(?:,(\\d{1,2})(,bi)?)?");
    private static final int LARGEST = 4096;

    private RandomLstm() {
    }

    /** The weights of a geometry given as {@code I,H[,layers[,bi]]}, the same every time. */
    static Weights weights(String geometry) {
        Matcher parts = GEOMETRY.matcher(geometry);
        if (!parts.matches()) {
            throw new InvalidInputException(
                    "--lstm is '" + geometry + "', expected I,H[,layers[,bi]] as in 128,128 or 128,256,2,bi");
        }
        int inputs = size("I", parts.group(1));
        int hidden = size("H", parts.group(2));
        int layers = parts.group(3) == null ? 1 : size("layers", parts.group(3));
        String[] directions = parts.group(4) == null ? new String[]{""} : new String[]{"", "_reverse"};
        SplittableRandom random = new SplittableRandom(1);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (int layer = 0; layer < layers; layer++) {
            int width = layer == 0 ? inputs : hidden * directions.length;
            for (String direction : directions) {
                String suffix = "_l" + layer + direction;
                tensors.put("weight_ih" + suffix, uniform(random, hidden, 4 * hidden, width));
                tensors.put("weight_hh" + suffix, uniform(random, hidden, 4 * hidden, hidden));
                tensors.put("bias_ih" + suffix, uniform(random, hidden, 4 * hidden));
                tensors.put("bias_hh" + suffix, uniform(random, hidden, 4 * hidden));
            }
        }
        return Weights.of(tensors);
    }

    private static int size(String name, String digits) {
        int size = Integer.parseInt(digits);
        if (size < 1 || size > LARGEST) {
            throw new InvalidInputException("--lstm has " + name + " = " + size + ", expected 1 to " + LARGEST);
        }
        return size;
    }

    private static Tensor uniform(SplittableRandom random, int hidden, int... shape) {
        int count = 1;
        for (int extent : shape) {
            count *= extent;
        }
        float bound = (float) (1 / Math.sqrt(hidden));
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (2 * random.nextFloat() - 1) * bound;
        }
        return Tensor.of(values, shape);
    }
}
