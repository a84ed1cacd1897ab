package io.lanecell.reference;

import io.lanecell.LayerSpec;
import io.lanecell.ModelSpec;
import io.lanecell.Weights;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The layers around the LSTM, judged by what PyTorch computed in float64. */
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

    /** However many dimensions the input has, each row of its last one is a step. */
    private static void assertLayer(GoldenCase golden, LayerSpec layer, Weights weights) {
        int[] shape = golden.io().get("input").shape();
        int rows = golden.io().get("input").size() / shape[shape.length - 1];
        ReferenceModel model = ReferenceModel.of(ModelSpec.of(layer), weights);
        golden.assertGives("output", model.run(golden.given("input"), 1, rows, null, null, null).output());
    }
}
