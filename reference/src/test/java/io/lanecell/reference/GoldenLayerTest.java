package io.lanecell.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.lanecell.ActivationFunction;
import io.lanecell.LayerSpec;
import io.lanecell.ModelSpec;
import io.lanecell.Weights;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** The layers around the recurrent ones, judged by what PyTorch computed in float64. */
class GoldenLayerTest {

    @TestFactory
    Stream<DynamicTest> linearEqualsPyTorch() {
        return GoldenCase.tests("layer", "linear_",
                golden -> assertLayer(golden, new LayerSpec.Linear(""), golden.weights()));
    }

    @TestFactory
    Stream<DynamicTest> embeddingEqualsPyTorch() {
        return GoldenCase.tests("layer", "embedding_", golden -> {
            long[] tokens = golden.io().get("input").toLongs();
            ReferenceModel model = ReferenceModel.of(ModelSpec.of(new LayerSpec.Embedding("")), golden.weights());
            golden.assertGives("output", model.run(tokens, 1, tokens.length, null, null, null).output());
        });
    }

    @TestFactory
    Stream<DynamicTest> softmaxEqualsPyTorch() {
        return GoldenCase.tests("layer", "function_softmax",
                golden -> assertLayer(golden, new LayerSpec.Softmax(), Weights.of(Map.of())));
    }

    @TestFactory
    Stream<DynamicTest> logSoftmaxEqualsPyTorch() {
        return GoldenCase.tests("layer", "function_log_softmax",
                golden -> assertLayer(golden, new LayerSpec.LogSoftmax(), Weights.of(Map.of())));
    }

    @TestFactory
    Stream<DynamicTest> activationsEqualPyTorch() {
        return Stream.of(ActivationFunction.RELU, ActivationFunction.GELU, ActivationFunction.SILU, ActivationFunction.TANH,
                ActivationFunction.SIGMOID)
                .flatMap(function -> GoldenCase.tests("layer", "function_" + function.jsonName(), golden -> {
                    double[] input = golden.given("input");
                    ReferenceModel model = ReferenceModel.of(ModelSpec.of(new LayerSpec.Activation(function)),
                            Weights.of(Map.of()));
                    golden.assertGives("output", model.run(input, 1, input.length, null, null, null).output());
                }));
    }

    @TestFactory
    Stream<DynamicTest> layerNormEqualsPyTorch() {
        return GoldenCase.tests("layer", "layernorm_",
                golden -> assertLayer(golden, new LayerSpec.LayerNorm("", 1e-5), golden.weights()));
    }

    @TestFactory
    Stream<DynamicTest> conv1dEqualsPyTorch() {
        return GoldenCase.tests("layer", "conv1d_", golden -> {
            JsonNode args = golden.config().get("args");
            int padding = args.get("padding").asInt();
            assertChannelsFirst(golden, new LayerSpec.Conv1d("", args.get("stride").asInt(), padding, padding,
                    args.get("dilation").asInt(), args.get("groups").asInt()));
        });
    }

    @TestFactory
    Stream<DynamicTest> batchNorm1dEqualsPyTorch() {
        return GoldenCase.tests("layer", "batchnorm1d_",
                golden -> assertChannelsFirst(golden, new LayerSpec.BatchNorm1d("", 1e-5)));
    }

    /** torch.nn.Conv1d and BatchNorm1d take and give (N, C, T). */
    private static void assertChannelsFirst(GoldenCase golden, LayerSpec layer) {
        int[] shape = golden.io().get("input").shape();
        ReferenceModel model = ReferenceModel.of(ModelSpec.of(new LayerSpec.Transpose(), layer, new LayerSpec.Transpose()),
                golden.weights());
        ReferenceModel.Result result = model.run(golden.given("input"), shape[0], shape[2], null, null, null);
        assertArrayEquals(golden.expected("output").shape(), result.outputShape());
        golden.assertGives("output", result.output());
    }

    /** However many dimensions the input has, each row of its last one is a step. */
    private static void assertLayer(GoldenCase golden, LayerSpec layer, Weights weights) {
        int[] shape = golden.io().get("input").shape();
        int rows = golden.io().get("input").size() / shape[shape.length - 1];
        ReferenceModel model = ReferenceModel.of(ModelSpec.of(layer), weights);
        golden.assertGives("output", model.run(golden.given("input"), 1, rows, null, null, null).output());
    }
}
