package io.lanecell.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lanecell.ActivationFunction;
import io.lanecell.LayerSpec;
import io.lanecell.ModelSpec;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import io.lanecell.reference.ReferenceModel.Result;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** torch.nn.LSTM, GRU and RNN and their cells, judged by what PyTorch computed in float64. */
class GoldenRecurrentTest {

    @TestFactory
    Stream<DynamicTest> layersEqualPyTorch() {
        return Stream.of("lstm", "gru", "rnn").flatMap(group -> GoldenCase.tests(group, group + "_", golden -> {
            boolean batched = golden.config().get("batched").asBoolean();
            boolean batchFirst = batched && golden.config().get("args").get("batch_first").asBoolean();
            int[] shape = golden.io().get("input").shape();
            int batch = !batched ? 1 : batchFirst ? shape[0] : shape[1];
            int steps = batchFirst ? shape[1] : shape[0];
            int[] lengths = golden.lengths();
            Result result = model(golden, golden.weights(), batchFirst).run(golden.given("input"), batch, steps, lengths,
                    golden.given("h0"), golden.given("c0"));
            golden.assertGives("h_n", result.hN());
            assertGivesCellState(golden, result);
            if (lengths == null) {
                golden.assertGives("output", result.output());
            } else {
                assertPaddedOutput(golden, result, batchFirst, batch, steps, lengths);
            }
        }));
    }

    /** pad_packed_sequence gives max(lengths) or total_length steps and its padding_value; the reference T steps and 0. */
    private static void assertPaddedOutput(GoldenCase golden, Result result, boolean batchFirst, int batch, int steps,
            int[] lengths) {
        Tensor expected = golden.expected("output");
        double[] values = expected.toDoubles();
        int expectedSteps = expected.dim(batchFirst ? 1 : 0);
        int width = expected.dim(2);
        double[] own = new double[values.length];
        for (int n = 0; n < batch; n++) {
            for (int t = 0; t < Math.max(steps, expectedSteps); t++) {
                for (int i = 0; i < width; i++) {
                    int from = (batchFirst ? n * steps + t : t * batch + n) * width + i;
                    if (t < steps && t >= lengths[n]) {
                        assertEquals(0, result.output()[from], "padding of sequence " + n + " at step " + t);
                    }
                    if (t < expectedSteps) {
                        int to = (batchFirst ? n * expectedSteps + t : t * batch + n) * width + i;
                        own[to] = t < lengths[n] ? result.output()[from] : golden.config().get("padding_value").asDouble();
                    }
                }
            }
        }
        GoldenCase.assertClose("output", values, own);
    }

    @TestFactory
    Stream<DynamicTest> cellsSteppedEqualPyTorch() {
        return Stream.of("lstmcell_", "grucell_", "rnncell_").flatMap(cells -> GoldenCase.tests("cell", cells, golden -> {
            int[] shape = golden.io().get("input").shape();
            int batch = shape.length == 3 ? shape[1] : 1;
            Result result = model(golden, golden.weights(), false).run(golden.given("input"), batch, shape[0], null,
                    golden.given("h0"), golden.given("c0"));
            golden.assertGives("output", result.output());
            assertGivesCellState(golden, result);
        }));
    }

    @TestFactory
    Stream<DynamicTest> layersOfRealSizesEqualPyTorch() {
        return GoldenCase.tests("large", "", golden -> {
            JsonNode config = golden.config();
            JsonNode formula = config.get("formula");
            long seed = formula.get("seed").asLong();
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            for (JsonNode described : formula.get("tensors")) {
                int[] shape = new int[described.get("shape").size()];
                int size = 1;
                for (int i = 0; i < shape.length; i++) {
                    shape[i] = described.get("shape").get(i).asInt();
                    size *= shape[i];
                }
                String name = described.get("name").asString();
                Tensor tensor = Tensor.of(byFormula(seed, tensors.size(), size, formula.get("scale").asDouble()), shape);
                CRC32 crc = new CRC32();
                crc.update(tensor.bytes().asByteBuffer());
                assertEquals(described.get("crc32").asLong(), crc.getValue(), "CRC-32 of " + name);
                tensors.put(name, tensor);
            }
            int batch = config.get("batch").asInt();
            int steps = config.get("seq_len").asInt();
            int features = config.get("args").get("input_size").asInt();
            Tensor input = Tensor.of(byFormula(seed, formula.get("input_tensor_number").asInt(), batch * steps * features,
                    formula.get("input_scale").asDouble()), batch, steps, features);
            Result result = model(golden, Weights.of(tensors), true).run(input.toDoubles(), batch, steps, null, null, null);

            long[] kept = golden.io().get("steps").toLongs();
            int width = result.outputShape()[2];
            double[] atSteps = new double[batch * kept.length * width];
            for (int n = 0; n < batch; n++) {
                for (int k = 0; k < kept.length; k++) {
                    System.arraycopy(result.output(), (n * steps + (int) kept[k]) * width, atSteps,
                            (n * kept.length + k) * width, width);
                }
            }
            golden.assertGives("output_at_steps", atSteps);
            golden.assertGives("h_n", result.hN());
            assertGivesCellState(golden, result);
        });
    }

    /** The rule that config.json states: splitmix64 over a counter, its upper 24 bits made a float32 in −scale to scale. */
    private static float[] byFormula(long seed, int tensor, int size, double scale) {
        float[] values = new float[size];
        for (int j = 0; j < size; j++) {
            long z = ((seed * 1000 + tensor) << 32) + j + 0x9E3779B97F4A7C15L;
            z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
            z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
            z ^= z >>> 31;
            values[j] = (float) (((z >>> 40) - 0x1p23) / 0x1p23 * scale);
        }
        return values;
    }

    /** c_n of an LSTM; the others have none. */
    private static void assertGivesCellState(GoldenCase golden, Result result) {
        if (golden.config().get("module").asString().contains("LSTM")) {
            golden.assertGives("c_n", result.cN());
        } else {
            assertEquals(0, result.cN().length, "elements of c_n");
        }
    }

    private static ReferenceModel model(GoldenCase golden, Weights weights, boolean batchFirst) {
        LayerSpec layer = switch (golden.config().get("module").asString()) {
            case "torch.nn.LSTM", "torch.nn.LSTMCell" -> new LayerSpec.Lstm("", batchFirst);
            case "torch.nn.GRU", "torch.nn.GRUCell" -> new LayerSpec.Gru("", batchFirst);
            default -> new LayerSpec.Rnn("", batchFirst,
                    golden.config().get("args").get("nonlinearity").asString().equals("relu")
                            ? ActivationFunction.RELU
                            : ActivationFunction.TANH);
        };
        return ReferenceModel.of(ModelSpec.of(layer), weights);
    }
}
