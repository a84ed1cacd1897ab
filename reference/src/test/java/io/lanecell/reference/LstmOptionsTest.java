package io.lanecell.reference;

import static io.lanecell.ActivationFunction.HARD_SIGMOID;
import static io.lanecell.ActivationFunction.RELU;
import static io.lanecell.ActivationFunction.SIGMOID;
import static io.lanecell.ActivationFunction.TANH;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.InvalidModelException;
import io.lanecell.LayerSpec;
import io.lanecell.LstmOptions;
import io.lanecell.ModelSpec;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import io.lanecell.reference.ReferenceModel.Result;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What PyTorch's LSTM doesn't do. The expected numbers are numpy's, float64, from the equations in LstmOptions written a second
 * time: H = 3, I = 2, four steps, every tensor a stretch of 0.8·sin(n), norms' weights 1 more.
 */
class LstmOptionsTest {
    private static final LstmOptions PLAIN = LstmOptions.PYTORCH;
    private static final long SEED = 44;

    @Test
    void withoutOptionsBothCellsComputePyTorchsLstm() {
        double[] h = {-0.003617055721907718, 0.02015753521993896, 0.6523302561088166};
        double[] c = {-0.009673158184456201, 0.17709659705049127, 1.0265117356517317};
        assertGives(h, c, PLAIN, gates(4, true));
        // a clip that never clips takes the other cell
        assertGives(h, c, new LstmOptions(SIGMOID, TANH, TANH, false, 1e9f, 1e-5f), gates(4, true));
    }

    @Test
    void withoutOptionsBothCellsAgreeOnStacksBothDirectionsProjectionsAndLengths() {
        RandomLstm lstm = new RandomLstm(3, 5, 2, true, 2, 2, SEED);
        double[] input = RandomLstm.values(new Random(SEED), 3 * 6 * 3, 2);
        int[] lengths = {6, 1, 4};
        Result plain = lstm.model(true).run(input, 3, 6, lengths, null, null);
        Result variant = ReferenceModel
                .of(ModelSpec.of(new LayerSpec.Lstm("", true, new LstmOptions(SIGMOID, TANH, TANH, false, 1e9f, 0))),
                        lstm.weights())
                .run(input, 3, 6, lengths, null, null);
        assertArrayEquals(plain.output(), variant.output(), 1e-14);
        assertArrayEquals(plain.hN(), variant.hN(), 1e-14);
        assertArrayEquals(plain.cN(), variant.cN(), 1e-14);
    }

    @Test
    void peepholesLookAtTheCellStateBeforeAndAfter() {
        Map<String, Tensor> tensors = gates(4, true);
        addPeepholes(tensors);
        assertGives(new double[]{0.02694805658698074, 0.021186742594459823, 0.7119874671040153},
                new double[]{0.06675872830446263, 0.1900109468695248, 1.009090629162064}, PLAIN, tensors);
    }

    @Test
    void theCellStateIsClippedBeforeItsActivation() {
        assertGives(new double[]{-0.0168347988532491, -0.016187847938007278, 0.23232267382505323},
                new double[]{-0.05217040134694223, -0.11120735277625522, 0.3},
                new LstmOptions(SIGMOID, TANH, TANH, false, 0.3f, 1e-5f), gates(4, true));
    }

    @Test
    void coupledForgetsWhatItTakesInAndTheOutputPeepholeSeesTheClippedState() {
        Map<String, Tensor> tensors = gates(3, true);
        addPeepholes(tensors);
        tensors.remove("weight_cf_l0");
        assertGives(new double[]{0.008674562942456915, -0.13679028391988965, 0.28783547870928516},
                new double[]{0.2731225233691056, -0.3, 0.3}, new LstmOptions(SIGMOID, TANH, TANH, true, 0.3f, 1e-5f), tensors);
    }

    @Test
    void gatesAndCellMayHaveOtherActivations() {
        assertGives(new double[]{0.10414766814566288, 0.0, 3.6229109484211843},
                new double[]{0.18183541996502986, 0.9799591321185018, 3.664500207505111},
                new LstmOptions(HARD_SIGMOID, RELU, RELU, false, 0, 1e-5f), gates(4, true));
    }

    @Test
    void bothPartsOfTheGatesAndTheCellStateAreNormalised() {
        Map<String, Tensor> tensors = gates(4, true);
        addNorms(tensors, 12);
        assertGives(new double[]{-0.32731226724134704, 0.044143065565845206, -0.6701828199020373},
                new double[]{-0.29353124336181036, 0.19425027886192991, -0.21307771016220034},
                new LstmOptions(SIGMOID, TANH, TANH, false, 0, 1e-3f), tensors);
        Map<String, Tensor> coupled = gates(3, false);
        addNorms(coupled, 9);
        assertGives(new double[]{-0.04263659128832683, -0.017677467343941714, -0.10334187445855832},
                new double[]{0.21179643409739024, 0.23799829332719047, 0.25813156772360624},
                new LstmOptions(SIGMOID, TANH, TANH, true, 0, 1e-3f), coupled);
    }

    @Test
    void aMissingPeepholeOrNormIsNamed() {
        Map<String, Tensor> peepholes = gates(4, true);
        addPeepholes(peepholes);
        peepholes.remove("weight_co_l0");
        refused(PLAIN, peepholes, "layers[0] 'lstm'", "'weight_co_l0' is missing");
        Map<String, Tensor> norms = gates(4, true);
        addNorms(norms, 12);
        norms.remove("ln_c_bias_l0");
        refused(PLAIN, norms, "'ln_c_bias_l0' is missing");
        addNorms(norms, 9);
        refused(PLAIN, norms, "'ln_ih_weight_l0' has shape [9]", "[12]");
    }

    @Test
    void optionsThatExcludeEachOtherAreRefusedWithTheReason() {
        Map<String, Tensor> all = gates(4, true);
        addPeepholes(all);
        addNorms(all, 12);
        refused(PLAIN, all, "layer normalisation", "peepholes", "exclude each other");
        Map<String, Tensor> projected = gates(4, true);
        addNorms(projected, 12);
        projected.put("weight_hr_l0", wave(0, 0, 1, 3));
        refused(PLAIN, projected, "layer normalisation", "projection", "exclude each other");
        Map<String, Tensor> coupled = gates(3, true);
        addPeepholes(coupled);
        refused(new LstmOptions(SIGMOID, TANH, TANH, true, 0, 0), coupled, "coupled", "'weight_cf", "f = 1 − i");
        refused(new LstmOptions(SIGMOID, TANH, TANH, true, 0, 0), gates(4, true), "[12, 3]", "a coupled lstm", "[12, 4]");
        refused(new LstmOptions(SIGMOID, TANH, TANH, false, -1, 0), gates(4, true), "cell_clip", "-1");
        refused(new LstmOptions(SIGMOID, TANH, TANH, false, Float.NaN, 0), gates(4, true), "cell_clip", "NaN");
    }

    private static void assertGives(double[] h, double[] c, LstmOptions options, Map<String, Tensor> tensors) {
        double[] input = wave(501, 0, 4, 2).toDoubles();
        double[] c0 = wave(611, 0, 3).toDoubles();
        for (int i = 0; i < input.length; i++) {
            input[i] *= 3;
        }
        for (int i = 0; i < c0.length; i++) {
            c0[i] *= 2;
        }
        Result result = model(options, tensors).run(input, 1, 4, null, wave(601, 0, 3).toDoubles(), c0);
        assertArrayEquals(h, result.hN(), 1e-14);
        assertArrayEquals(c, result.cN(), 1e-14);
    }

    private static void refused(LstmOptions options, Map<String, Tensor> tensors, String... says) {
        String message = assertThrows(InvalidModelException.class, () -> model(options, tensors)).getMessage();
        for (String part : says) {
            assertTrue(message.contains(part), "'" + message + "' should say '" + part + "'");
        }
    }

    private static ReferenceModel model(LstmOptions options, Map<String, Tensor> tensors) {
        return ReferenceModel.of(ModelSpec.of(new LayerSpec.Lstm("", true, options)), Weights.of(tensors));
    }

    private static Map<String, Tensor> gates(int gates, boolean bias) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("weight_ih_l0", wave(1, 0, gates * 3, 2));
        tensors.put("weight_hh_l0", wave(101, 0, gates * 3, 3));
        if (bias) {
            tensors.put("bias_ih_l0", wave(201, 0, gates * 3));
            tensors.put("bias_hh_l0", wave(301, 0, gates * 3));
        }
        return tensors;
    }

    private static void addPeepholes(Map<String, Tensor> tensors) {
        tensors.put("weight_ci_l0", wave(401, 0, 3));
        tensors.put("weight_cf_l0", wave(411, 0, 3));
        tensors.put("weight_co_l0", wave(421, 0, 3));
    }

    private static void addNorms(Map<String, Tensor> tensors, int rows) {
        tensors.put("ln_ih_weight_l0", wave(701, 1, rows));
        tensors.put("ln_ih_bias_l0", wave(751, 0, rows));
        tensors.put("ln_hh_weight_l0", wave(801, 1, rows));
        tensors.put("ln_hh_bias_l0", wave(851, 0, rows));
        tensors.put("ln_c_weight_l0", wave(901, 1, 3));
        tensors.put("ln_c_bias_l0", wave(951, 0, 3));
    }

    /** 0.8·sin(n) for n from {@code first} on, plus {@code more}. */
    private static Tensor wave(int first, double more, int... shape) {
        int size = IntStream.of(shape).reduce(1, (a, b) -> a * b);
        return Tensor.of(IntStream.range(first, first + size).mapToDouble(n -> 0.8 * Math.sin(n) + more).toArray(), shape);
    }
}
