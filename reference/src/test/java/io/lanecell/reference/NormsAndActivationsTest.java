package io.lanecell.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.ActivationFunction;
import io.lanecell.InvalidModelException;
import io.lanecell.LayerSpec;
import io.lanecell.ModelSpec;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Norms with numbers known on paper; activations against PyTorch 1.13's float64. */
class NormsAndActivationsTest {
    private static final double INF = Double.POSITIVE_INFINITY;
    private static final double NAN = Double.NaN;
    private static final double[] X = {-30, -4, -1.5, -0.5, 0, 0.25, 1, 2.5, 5, 25, NAN, INF, -INF};

    @ParameterizedTest
    @EnumSource(ActivationFunction.class)
    void everyActivationGivesPyTorchsNumbers(ActivationFunction function) {
        assertArrayEquals(pytorchs(function), run(new LayerSpec.Activation(function), Weights.of(Map.of()), X), 2e-15);
    }

    private static double[] pytorchs(ActivationFunction function) {
        return switch (function) {
            case IDENTITY -> X;
            case RELU -> new double[]{0, 0, 0, 0, 0, 0.25, 1, 2.5, 5, 25, NAN, INF, 0};
            case RELU6 -> new double[]{0, 0, 0, 0, 0, 0.25, 1, 2.5, 5, 6, NAN, 6, 0};
            case LEAKY_RELU -> new double[]{-0.3, -0.04, -0.015, -0.005, 0, 0.25, 1, 2.5, 5, 25, NAN, INF, -INF};
            case ELU ->
                new double[]{-0.9999999999999064, -0.9816843611112658, -0.7768698398515702, -0.3934693402873666, 0, 0.25, 1,
                        2.5, 5, 25, NAN, INF, -1};
            case GELU -> new double[]{0, -0.00012668496733247991, -0.10021080190328704, -0.15426876936299344, 0,
                    0.14967658142073093, 0.841344746068543, 2.4844758366855597, 4.999998566742141, 25, NAN, INF, NAN};
            case GELU_TANH -> new double[]{0, -7.024594819227126e-05, -0.10042842301976707, -0.15428599017485606, 0,
                    0.149675350701685, 0.8411919906082768, 2.484915733910001, 4.999999770820381, 25, NAN, INF, NAN};
            case SILU -> new double[]{-2.8072868906517896e-12, -0.07194483984836623, -0.2736382857095345, -0.1887703343990727, 0,
                    0.14054412522144952, 0.7310585786300049, 2.3103545499468914, 4.966535745378576, 24.9999999996528, NAN, INF,
                    NAN};
            case HARD_SWISH -> new double[]{0, 0, -0.375, -0.20833333333333334, 0, 0.13541666666666666, 0.6666666666666666,
                    2.2916666666666665, 5, 25, NAN, INF, NAN};
            case TANH -> new double[]{-1, -0.999329299739067, -0.9051482536448664, -0.46211715726000974, 0, 0.24491866240370913,
                    0.7615941559557649, 0.9866142981514303, 0.9999092042625951, 1, NAN, 1, -1};
            case HARD_TANH -> new double[]{-1, -1, -1, -0.5, 0, 0.25, 1, 1, 1, 1, NAN, 1, -1};
            case SIGMOID -> new double[]{9.357622968839299e-14, 0.01798620996209156, 0.18242552380635635, 0.3775406687981454, 0.5,
                    0.5621765008857981, 0.7310585786300049, 0.9241418199787566, 0.9933071490757153, 0.999999999986112, NAN, 1, 0};
            case HARD_SIGMOID -> new double[]{0, 0, 0.25, 0.4166666666666667, 0.5, 0.5416666666666666, 0.6666666666666666,
                    0.9166666666666666, 1, 1, NAN, 1, 0};
            case HARD_SIGMOID_KERAS2 -> new double[]{0, 0, 0.2, 0.4, 0.5, 0.55, 0.7, 1, 1, 1, NAN, 1, 0};
            case SOFTPLUS -> new double[]{9.357622968839737e-14, 0.018149927917809738, 0.2014132779827524, 0.4740769841801067,
                    0.6931471805599453, 0.8259394198788436, 1.3132616875182228, 2.5788897342925496, 5.006715348489118, 25, NAN,
                    INF,
                    0};
            case SOFTSIGN -> new double[]{-0.967741935483871, -0.8, -0.6, -0.3333333333333333, 0, 0.2, 0.5, 0.7142857142857143,
                    0.8333333333333334, 0.9615384615384616, NAN, NAN, NAN};
        };
    }

    @Test
    void parametersChangeTheFunctionsThatHaveThem() {
        Weights none = Weights.of(Map.of());
        double[] x = {-4, -0.5, 1, 5};
        assertArrayEquals(new double[]{-0.8, -0.1, 1, 5},
                run(new LayerSpec.Activation(ActivationFunction.LEAKY_RELU, 0.2f), none, x),
                1e-15);
        assertArrayEquals(new double[]{-0.687179052777886, -0.2754285382011566, 1, 5},
                run(new LayerSpec.Activation(ActivationFunction.ELU, 0.7f), none, x), 1e-15);
        assertArrayEquals(new double[]{0.00016770318644788442, 0.15663084375911143, 1.0634640055214863, 5.000022699449609},
                run(new LayerSpec.Activation(ActivationFunction.SOFTPLUS, 2f), none, x), 1e-15);
        assertArrayEquals(new double[]{11}, run(new LayerSpec.Activation(ActivationFunction.SOFTPLUS, 2f), none, 11), 0);
    }

    @Test
    void layerNormTakesMeanAndPopulationVarianceOverTheFeatures() {
        // 1, 2, 3, 6: mean 3, variance (4 + 1 + 0 + 9) / 4 = 3.5; ε = 0.5 makes the root 2
        LayerSpec layer = new LayerSpec.LayerNorm("", 0.5);
        double[] x = {1, 2, 3, 6};
        assertArrayEquals(new double[]{-1, -0.5, 0, 1.5}, run(layer, Weights.of(Map.of()), x));
        Tensor weight = Tensor.of(new double[]{2, 4, 6, 10}, 4);
        assertArrayEquals(new double[]{-2, -2, 0, 15}, run(layer, Weights.of(Map.of("weight", weight)), x));
        assertArrayEquals(new double[]{98, -2, 0, 16},
                run(layer, Weights.of(Map.of("weight", weight, "bias", Tensor.of(new double[]{100, 0, 0, 1}, 4))), x));
    }

    @Test
    void batchNormUsesTheRunningStatistics() {
        // y = (x − 10) / √(3.75 + 0.25) = (x − 10) / 2 and (x + 1) / √(0 + 0.25) = 2·(x + 1)
        Map<String, Tensor> statistics = Map.of("bn.running_mean", Tensor.of(new double[]{10, -1}, 2), "bn.running_var",
                Tensor.of(new double[]{3.75, 0}, 2));
        LayerSpec layer = new LayerSpec.BatchNorm1d("bn", 0.25);
        assertArrayEquals(new double[]{-3, 10}, run(layer, Weights.of(statistics), 4, 4));
        Map<String, Tensor> affine = new HashMap<>(statistics);
        affine.put("bn.weight", Tensor.of(new double[]{2, 0.5}, 2));
        affine.put("bn.bias", Tensor.of(new double[]{1, -1}, 2));
        affine.put("bn.num_batches_tracked", Tensor.of(new long[]{7}));
        assertArrayEquals(new double[]{-5, 4}, run(layer, Weights.of(affine), 4, 4));
    }

    @Test
    void whatDoesNotFitIsRefusedByPlace() {
        Tensor two = Tensor.of(new double[2], 2);
        refused(new LayerSpec.BatchNorm1d("bn", 1e-5), Map.of("bn.running_mean", two), "layers[0] 'batch_norm1d'",
                "'bn.running_var' is missing");
        refused(new LayerSpec.BatchNorm1d("bn", 1e-5), Map.of("bn.running_mean", two, "bn.running_var", two, "bn.weight", two),
                "'bn.bias' is missing");
        refused(new LayerSpec.BatchNorm1d("bn", -1), Map.of("bn.running_mean", two, "bn.running_var", two), "eps", "-1");
        refused(new LayerSpec.LayerNorm("norm", 1e-5), Map.of(), "layers[0] 'layer_norm'", "'norm.weight' is missing");
        refused(new LayerSpec.LayerNorm("", 1e-5), Map.of("weight", two, "bias", Tensor.of(new double[3], 3)), "[3]", "[2]");
        refused(new LayerSpec.LayerNorm("", 1e-5), Map.of("weight", Tensor.of(new double[4], 2, 2)), "[2, 2]", "vector");
        refused(new LayerSpec.LayerNorm("", NAN), Map.of(), "eps", "NaN");
        refused(new LayerSpec.Activation(ActivationFunction.SOFTPLUS, 0), Map.of(), "layers[0] 'softplus'", "beta", "0");
        refused(new LayerSpec.Activation(ActivationFunction.ELU, Float.NaN), Map.of(), "layers[0] 'elu'", "alpha", "NaN");
    }

    private static void refused(LayerSpec layer, Map<String, Tensor> tensors, String... says) {
        String message = assertThrows(InvalidModelException.class,
                () -> ReferenceModel.of(ModelSpec.of(layer), Weights.of(tensors))).getMessage();
        for (String part : says) {
            assertTrue(message.contains(part), "'" + message + "' should say '" + part + "'");
        }
    }

    private static double[] run(LayerSpec layer, Weights weights, double... row) {
        return ReferenceModel.of(ModelSpec.of(layer), weights).run(row, 1, 1, null, null, null).output();
    }
}
