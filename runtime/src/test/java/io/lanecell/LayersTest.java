package io.lanecell;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Each layer that has no state, over random geometries and lengths, against its formula in float64; vector and scalar to the bit. */
class LayersTest {
    private static final int ROUNDS = 60;
    private static final int[] SIZES = {1, 2, 3, 5, 8, 15, 16, 17, 33, 64, 65, 127, 130};

    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    private double[] put(Random random, String name, int... shape) {
        RandomModels.put(tensors, random, name, shape);
        return tensors.get(name).toDoubles();
    }

    private Model model(LayerSpec... layers) {
        Model model = Model.of(ModelSpec.of(layers), Weights.of(tensors));
        tensors.clear();
        return model;
    }

    private static int size(Random random) {
        return SIZES[random.nextInt(SIZES.length)];
    }

    private static double[][][] each(Sequences sequences, UnaryOperator<double[][]> formula) {
        double[][][] expected = new double[sequences.batch][][];
        for (int n = 0; n < sequences.batch; n++) {
            expected[n] = formula.apply(sequences.sequence(n));
        }
        return expected;
    }

    private static UnaryOperator<double[][]> eachRow(UnaryOperator<double[]> formula) {
        return rows -> {
            double[][] out = new double[rows.length][];
            for (int t = 0; t < rows.length; t++) {
                out[t] = formula.apply(rows[t]);
            }
            return out;
        };
    }

    @Test
    void convolutionsOfAnyGeometryAreTheirFormula() {
        Random random = Seeds.random("convolutionsOfAnyGeometryAreTheirFormula");
        for (int round = 0; round < ROUNDS; round++) {
            int groups = new int[]{1, 1, 1, 2, 3, 5}[random.nextInt(6)];
            boolean depthwise = random.nextInt(4) == 0;
            int channels = depthwise ? 1 : size(random);
            groups = depthwise ? size(random) : groups;
            int outputs = groups * (depthwise ? 1 + random.nextInt(2) : 1 + random.nextInt(40));
            int taps = 1 + random.nextInt(5);
            LayerSpec.Conv1d spec = new LayerSpec.Conv1d("", 1 + random.nextInt(3), random.nextInt(5), random.nextInt(5),
                    1 + random.nextInt(3), groups);
            double[] weight = put(random, "weight", outputs, channels, taps);
            double[] bias = random.nextBoolean() ? put(random, "bias", outputs) : null;
            int shortest = Math.max(1, spec.dilation() * (taps - 1) + 1 - spec.paddingLeft() - spec.paddingRight());
            Sequences in = new Sequences(random, 3, shortest + random.nextInt(80), shortest, channels * groups, true);
            double[][][] expected = each(in, x -> Formulas.conv1d(x, spec, weight, outputs, channels, taps, bias));
            in.check(model(spec), expected, true, spec + ", weight " + outputs + " × " + channels + " × " + taps);
        }
    }

    @Test
    void aBatchNormBehindAConvolutionOrLinearLayerIsItsFormula() {
        Random random = Seeds.random("aBatchNormBehindAConvolutionOrLinearLayerIsItsFormula");
        for (int round = 0; round < ROUNDS; round++) {
            int features = size(random);
            int groups = round % 3 == 1 ? features : 1;
            int channels = features / groups;
            int outputs = groups * (1 + random.nextInt(3));
            boolean linear = round % 3 == 2;
            double[] weight = linear ? put(random, "c.weight", outputs, features) : put(random, "c.weight", outputs, channels, 3);
            double[] bias = put(random, "c.bias", outputs);
            UnaryOperator<double[]> norm = batchNorm(random, outputs, random.nextBoolean());
            LayerSpec.Conv1d spec = new LayerSpec.Conv1d("c", 1, linear ? 0 : 1, linear ? 0 : 1, 1, groups);
            Sequences in = new Sequences(random, 2, 1 + random.nextInt(40), 1, features, false);
            double[][][] expected = each(in, x -> eachRow(norm)
                    .apply(Formulas.conv1d(x, spec, weight, outputs, channels, linear ? 1 : 3, bias)));
            LayerSpec first = linear ? new LayerSpec.Linear("c") : spec;
            LayerSpec last = new LayerSpec.BatchNorm1d("n", 1e-3);
            in.check(timeFirst(first, new LayerSpec.Dropout(), last), expected, false, first + ", " + outputs + " features");
        }
    }

    /** These layers in the layout (T, N, ·), which only a recurrent layer can ask for. */
    private Model timeFirst(LayerSpec... layers) {
        Map<String, Tensor> all = new LinkedHashMap<>(tensors);
        ModelSpec spec = ModelSpec.of(layers);
        Model model = Model.of(spec, Weights.of(all));
        int size = model.inputSize();
        // A recurrent layer whose weights are 0 but for what hands x through would change it; so the layout is taken from a
        // recurrent branch that adds zeros.
        RandomModels.lstm(new Random(1), RandomModels.plain(size, 1)).tensors()
                .forEach((name, tensor) -> all.put("l." + name, tensor));
        all.put("z.weight", Tensor.of(new float[size], size, 1));
        LayerSpec residual = new LayerSpec.Add(List.of(List.of(),
                List.of(new LayerSpec.Lstm("l", false), new LayerSpec.Linear("z"))));
        LayerSpec[] withResidual = new LayerSpec[layers.length + 1];
        withResidual[0] = residual;
        System.arraycopy(layers, 0, withResidual, 1, layers.length);
        tensors.clear();
        return Model.of(ModelSpec.of(withResidual), Weights.of(all));
    }

    private UnaryOperator<double[]> batchNorm(Random random, int size, boolean affine) {
        double[] mean = put(random, "n.running_mean", size);
        float[] positive = Seeds.floats(random, size, 1f);
        for (int i = 0; i < size; i++) {
            positive[i] = 0.1f + positive[i] * positive[i];
        }
        tensors.put("n.running_var", Tensor.of(positive, size));
        tensors.put("n.num_batches_tracked", Tensor.of(new long[]{12}));
        double[] weight = affine ? put(random, "n.weight", size) : null;
        double[] bias = affine ? put(random, "n.bias", size) : null;
        return x -> {
            double[] y = new double[size];
            for (int f = 0; f < size; f++) {
                y[f] = (x[f] - mean[f]) / Math.sqrt(positive[f] + 1e-3) * (affine ? weight[f] : 1) + (affine ? bias[f] : 0);
            }
            return y;
        };
    }

    @Test
    void aBatchNormAloneIsItsFormula() {
        Random random = Seeds.random("aBatchNormAloneIsItsFormula");
        for (int size : SIZES) {
            UnaryOperator<double[]> norm = batchNorm(random, size, random.nextBoolean());
            Sequences in = new Sequences(random, 3, 5, 1, size, true);
            in.check(model(new LayerSpec.BatchNorm1d("n", 1e-3)), each(in, eachRow(norm)), false, "batch norm of " + size);
        }
    }

    @Test
    void aLayerNormIsItsFormulaWithAndWithoutWeights() {
        Random random = Seeds.random("aLayerNormIsItsFormulaWithAndWithoutWeights");
        for (int size : SIZES) {
            double[] weight = put(random, "n.weight", size);
            double[] bias = put(random, "n.bias", size);
            Sequences in = new Sequences(random, 3, 5, 1, size, true);
            double[][][] expected = each(in, eachRow(x -> Formulas.layerNorm(x, weight, bias, 1e-5)));
            in.check(model(new LayerSpec.LayerNorm("n", 1e-5)), expected, false, "layer norm of " + size);
            put(random, "fc.weight", size, size);
            Sequences large = new Sequences(random, 2, 3, 1, size, true);
            Model plain = model(new LayerSpec.LayerNorm("", 1e-5), new LayerSpec.Linear("fc"));
            Model identity = Model.of(ModelSpec.of(new LayerSpec.LayerNorm("", 1e-5), new LayerSpec.Linear("fc")),
                    Weights.of(Map.of("fc.weight", unit(size))));
            double[] ones = ones(size);
            large.check(identity, each(large, eachRow(x -> Formulas.layerNorm(x, ones, new double[size], 1e-5))), false,
                    "layer norm of " + size + " without weights");
            org.junit.jupiter.api.Assertions.assertEquals(size, plain.inputSize());
        }
    }

    private static double[] ones(int size) {
        double[] ones = new double[size];
        java.util.Arrays.fill(ones, 1);
        return ones;
    }

    private static Tensor unit(int size) {
        float[] unit = new float[size * size];
        for (int i = 0; i < size; i++) {
            unit[i * size + i] = 1;
        }
        return Tensor.of(unit, size, size);
    }

    @Test
    void poolsAreTheirFormula() {
        Random random = Seeds.random("poolsAreTheirFormula");
        for (int round = 0; round < ROUNDS; round++) {
            int size = size(random);
            int kernel = 1 + random.nextInt(5);
            int stride = 1 + random.nextInt(4);
            int padding = random.nextInt(kernel / 2 + 1);
            boolean countPadding = random.nextBoolean();
            boolean mean = random.nextBoolean();
            tensors.put("fc.weight", unit(size));
            LayerSpec pool = mean
                    ? new LayerSpec.AvgPool1d(kernel, stride, padding, countPadding)
                    : new LayerSpec.MaxPool1d(kernel, stride, padding);
            int shortest = Math.max(1, kernel - 2 * padding);
            Sequences in = new Sequences(random, 3, shortest + random.nextInt(20), shortest, size, true);
            in.check(model(pool, new LayerSpec.Linear("fc")),
                    each(in, x -> Formulas.pool(x, kernel, stride, padding, mean, countPadding)), true, pool + " of " + size);
        }
    }

    @Test
    void poolsOverTimeAndAttentionAreTheirFormula() {
        Random random = Seeds.random("poolsOverTimeAndAttentionAreTheirFormula");
        for (int size : SIZES) {
            double[] w = put(random, "w", size);
            Sequences in = new Sequences(random, 4, 40, 1, size, true);
            double[][][] expected = each(in, x -> {
                double[] scores = new double[x.length];
                for (int t = 0; t < x.length; t++) {
                    scores[t] = Formulas.dot(java.util.Arrays.stream(x[t]).map(Math::tanh).toArray(), w);
                }
                return new double[][]{Formulas.attend(x, scores)};
            });
            in.check(model(new LayerSpec.AttentionOverTime("w")), expected, true, "attention over time of " + size);
            tensors.put("fc.weight", unit(size));
            in.check(model(new LayerSpec.MeanOverTime(), new LayerSpec.Linear("fc")),
                    each(in, x -> new double[][]{Formulas.mean(x)}), true, "mean over time of " + size);
            tensors.put("fc.weight", unit(size));
            in.check(model(new LayerSpec.MaxOverTime(), new LayerSpec.Linear("fc")),
                    each(in, x -> new double[][]{Formulas.max(x)}), true, "max over time of " + size);
        }
    }

    @Test
    void activationsAreTheirKernels() {
        Random random = Seeds.random("activationsAreTheirKernels");
        for (ActivationFunction function : ActivationFunction.values()) {
            tensors.put("fc.weight", unit(33));
            Sequences in = new Sequences(random, 2, 9, 1, 33, true);
            Model both = model(new LayerSpec.Linear("fc"), new LayerSpec.Activation(function));
            SessionEqualityTest.assertSameBits(in.run(both.with(KernelChoice.VECTOR)), in.run(both.with(KernelChoice.SCALAR)),
                    function.toString());
        }
    }
}
