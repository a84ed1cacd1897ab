package io.lanecell.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.ActivationFunction;
import io.lanecell.KernelChoice;
import io.lanecell.LayerSpec;
import io.lanecell.Model;
import io.lanecell.ModelSpec;
import io.lanecell.Session;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import io.lanecell.loader.JsonFile;
import io.lanecell.loader.WeightFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The ONNX project's node tests. Its W is [D, gates, I], R [D, gates, H], B [D, W's and R's], P [D, peepholes i o f]; gates i o f c or z r h. */
class OnnxNodeTest {
    /** test_gru_seq_length is none of torch.nn.GRU's arithmetic: its linear_before_reset is 0, and after its first step that tells. */
    @ParameterizedTest
    @ValueSource(strings = {"test_lstm_defaults", "test_lstm_batchwise", "test_lstm_with_initial_bias",
            "test_lstm_with_peepholes",
            "test_simple_rnn_defaults", "test_simple_rnn_batchwise", "test_simple_rnn_with_initial_bias", "test_rnn_seq_length",
            "test_gru_defaults", "test_gru_batchwise", "test_gru_with_initial_bias"})
    void onnxNodesGiveTheirNumbers(String name) {
        Path folder = ThirdParty.folder("onnx_node_tests").resolve(name);
        JsonNode config = JsonFile.read(folder.resolve("config.json"));
        Map<String, Tensor> io = WeightFile.load(folder.resolve("io.safetensors")).tensors();
        boolean batchFirst = config.get("attributes").path("layout").asInt(0) == 1;
        String op = config.get("op").asString();
        LayerSpec layer = switch (op) {
            case "LSTM" -> new LayerSpec.Lstm("", batchFirst);
            case "GRU" -> new LayerSpec.Gru("", batchFirst);
            default -> new LayerSpec.Rnn("", batchFirst, ActivationFunction.TANH);
        };
        int[] blocks = switch (op) {
            case "LSTM" -> new int[]{0, 2, 3, 1};
            case "GRU" -> new int[]{1, 0, 2};
            default -> new int[]{0};
        };
        Weights weights = onnxWeights(io, blocks);
        double[] sizes = {config.get("rtol").asDouble(), config.get("atol").asDouble()};
        for (KernelChoice kernels : List.of(KernelChoice.VECTOR, KernelChoice.SCALAR)) {
            Model model = Model.of(ModelSpec.of(layer), weights, kernels);
            int batch = io.get("X").dim(batchFirst ? 0 : 1);
            int steps = io.get("X").dim(batchFirst ? 1 : 0);
            int[] lengths = !io.containsKey("sequence_lens")
                    ? null
                    : Arrays.stream(io.get("sequence_lens").toLongs()).mapToInt(Math::toIntExact).toArray();
            Session session = model.newSession(batch);
            if (io.containsKey("initial_h")) {
                session.setState(io.get("initial_h").toFloats(), 0, io.get("initial_c").toFloats(), 0);
            }
            float[] output = new float[batch * steps * model.outputSize()];
            session.run(io.get("X").toFloats(), 0, steps, lengths, output, 0);
            float[] h = new float[batch * model.hiddenStateSize()];
            session.getState(h, 0, new float[batch * model.cellStateSize()], 0);
            assertNear(io.get("Y_h").toFloats(), h, sizes[0], sizes[1]);
            if (io.containsKey("Y")) {
                assertNear(io.get("Y").toFloats(), output, sizes[0], sizes[1]);
            }
        }
    }

    private static Weights onnxWeights(Map<String, Tensor> io, int[] blocks) {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        int rows = io.get("W").dim(1);
        int units = rows / blocks.length;
        weights.put("weight_ih_l0", ThirdParty.reordered(io.get("W").toFloats(), blocks, rows, io.get("W").dim(2)));
        weights.put("weight_hh_l0", ThirdParty.reordered(io.get("R").toFloats(), blocks, rows, units));
        if (io.containsKey("B")) {
            float[] both = io.get("B").toFloats();
            weights.put("bias_ih_l0", ThirdParty.reordered(Arrays.copyOf(both, rows), blocks, rows));
            weights.put("bias_hh_l0", ThirdParty.reordered(Arrays.copyOfRange(both, rows, 2 * rows), blocks, rows));
        }
        if (io.containsKey("P")) {
            String[] order = {"weight_ci_l0", "weight_co_l0", "weight_cf_l0"};
            for (int i = 0; i < order.length; i++) {
                weights.put(order[i],
                        Tensor.of(Arrays.copyOfRange(io.get("P").toFloats(), i * units, (i + 1) * units), units));
            }
        }
        return Weights.of(weights);
    }

    private static void assertNear(float[] expected, float[] actual, double relative, double absolute) {
        assertEquals(expected.length, actual.length);
        for (int i = 0; i < expected.length; i++) {
            double error = Math.abs(expected[i] - actual[i]);
            int at = i;
            assertTrue(error <= absolute + relative * Math.abs(expected[i]),
                    () -> "element " + at + " is " + actual[at] + ", expected " + expected[at]);
        }
    }
}
