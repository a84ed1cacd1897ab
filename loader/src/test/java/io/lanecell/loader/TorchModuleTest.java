package io.lanecell.loader;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.ActivationFunction;
import io.lanecell.LayerSpec;
import io.lanecell.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each torch class or function that a config.json may name is read as. */
class TorchModuleTest {
    private static final LayerSpec TRANSPOSE = new LayerSpec.Transpose();

    @TempDir
    Path folder;

    private void weights(Map<String, int[]> shapes) {
        Map<String, Tensor> tensors = new java.util.LinkedHashMap<>();
        shapes.forEach((name, shape) -> {
            int size = 1;
            for (int extent : shape) {
                size *= extent;
            }
            tensors.put(name, Tensor.of(new float[size], shape));
        });
        SafetensorsWriter.write(folder.resolve("weights.safetensors"), tensors, Map.of());
    }

    private List<LayerSpec> layers(String module, String args) throws IOException {
        Files.writeString(folder.resolve("config.json"),
                "{\"module\": \"" + module + "\", \"args\": " + args.replace('\'', '"') + "}");
        return ModelFile.open(folder).spec().layers();
    }

    private void assertFault(String module, String args, String words) {
        String message = assertThrows(ModelFileException.class, () -> layers(module, args)).getMessage();
        assertTrue(message.contains(words), message);
    }

    @Test
    void recurrentClassesAndCells() throws IOException {
        weights(Map.of("weight_ih_l0", new int[]{15, 2}, "weight_hh_l0", new int[]{15, 5}));
        assertEquals(List.of(new LayerSpec.Gru("", true)), layers("torch.nn.GRU", "{'batch_first': true, 'dropout': 0.4}"));
        assertFault("torch.nn.GRU", "{'hidden_size': 4}", "torch.nn.GRU: hidden_size is 4");
        assertFault("torch.nn.GRU", "{'coupled': true}", "'coupled' is unknown");
        weights(Map.of("weight_ih", new int[]{15, 2}, "weight_hh", new int[]{15, 5}));
        assertEquals(List.of(new LayerSpec.Gru("", false)), layers("torch.nn.GRUCell", "{'bias': false, 'dtype': null}"));
        assertFault("torch.nn.GRUCell", "{'num_layers': 1}", "'num_layers' is unknown");
        weights(Map.of("weight_ih", new int[]{5, 2}, "weight_hh", new int[]{5, 5}));
        assertEquals(List.of(new LayerSpec.Rnn("", false, ActivationFunction.RELU)),
                layers("torch.nn.RNNCell", "{'nonlinearity': 'relu'}"));
        assertEquals(List.of(new LayerSpec.Rnn("", true, ActivationFunction.TANH)),
                layers("torch.nn.RNN", "{'batch_first': true}"));
    }

    @Test
    void classesThatTakeChannelsBeforeStepsStandBetweenTransposes() throws IOException {
        weights(Map.of("weight", new int[]{4, 2, 3}, "bias", new int[]{4}));
        assertEquals(List.of(TRANSPOSE, new LayerSpec.Conv1d("", 1, 1, 1, 1, 1), TRANSPOSE),
                layers("torch.nn.Conv1d", "{'in_channels': 2, 'out_channels': 4, 'kernel_size': 3, 'padding': 'same'}"));
        assertFault("torch.nn.Conv1d", "{'kernel_size': 5}", "torch.nn.Conv1d: kernel_size is 5");
        weights(Map.of("running_mean", new int[]{4}, "running_var", new int[]{4}));
        assertEquals(List.of(TRANSPOSE, new LayerSpec.BatchNorm1d("", 1e-3), TRANSPOSE),
                layers("torch.nn.BatchNorm1d", "{'eps': 1e-3, 'affine': false, 'momentum': null}"));
        Files.delete(folder.resolve("weights.safetensors"));
        assertEquals(List.of(TRANSPOSE, new LayerSpec.MaxPool1d(2, 2, 0), TRANSPOSE),
                layers("torch.nn.MaxPool1d", "{'kernel_size': 2, 'stride': null}"));
        assertEquals(List.of(TRANSPOSE, new LayerSpec.AvgPool1d(2, 1, 0, true), TRANSPOSE),
                layers("torch.nn.AvgPool1d", "{'kernel_size': 2, 'stride': 1}"));
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '~', delimiter = '|', value = {"torch.nn.ReLU | {'inplace': true} | RELU",
            "torch.relu | {} | RELU",
            "torch.nn.functional.relu6 | {} | RELU6", "torch.nn.GELU | {} | GELU", "torch.gelu | {} | GELU",
            "torch.nn.GELU | {'approximate': 'tanh'} | GELU_TANH", "torch.silu | {} | SILU", "torch.sigmoid | {} | SIGMOID",
            "torch.tanh | {} | TANH", "torch.nn.Hardtanh | {'min_val': -1, 'max_val': 1.0} | HARD_TANH",
            "torch.nn.Hardsigmoid | {} | HARD_SIGMOID", "torch.nn.Hardswish | {} | HARD_SWISH",
            "torch.nn.Softsign | {} | SOFTSIGN", "torch.nn.Identity | {} | IDENTITY"})
    void functions(String module, String args, ActivationFunction expected) throws IOException {
        assertEquals(List.of(new LayerSpec.Activation(expected)), layers(module.strip(), args));
    }

    @Test
    void functionsWithParameters() throws IOException {
        assertEquals(List.of(new LayerSpec.Activation(ActivationFunction.LEAKY_RELU, 0.2f)),
                layers("torch.nn.LeakyReLU", "{'negative_slope': 0.2, 'inplace': false}"));
        assertEquals(List.of(new LayerSpec.Activation(ActivationFunction.ELU, 2)), layers("torch.nn.ELU", "{'alpha': 2.0}"));
        assertEquals(List.of(new LayerSpec.Activation(ActivationFunction.SOFTPLUS, 3)),
                layers("torch.nn.Softplus", "{'beta': 3, 'threshold': 20}"));
        assertFault("torch.nn.Softplus", "{'threshold': 10}", "torch.nn.Softplus: threshold is 10.0, only 20.0");
        assertFault("torch.nn.Hardtanh", "{'max_val': 6}", "max_val is 6.0");
        assertFault("torch.nn.GELU", "{'approximate': 'erf'}", "approximate is 'erf'");
    }

    @Test
    void aLayerNormMayHaveNoTensors() throws IOException {
        assertEquals(List.of(new LayerSpec.LayerNorm("", 1e-5)),
                layers("torch.nn.LayerNorm", "{'normalized_shape': [6], 'elementwise_affine': false}"));
        assertFault("torch.nn.LayerNorm", "{'normalized_shape': [6], 'elementwise_affine': true}", "'weight' is missing");
        weights(Map.of("weight", new int[]{6}, "bias", new int[]{6}));
        assertEquals(List.of(new LayerSpec.LayerNorm("", 1e-5)), layers("torch.nn.LayerNorm", "{'normalized_shape': [6]}"));
        assertFault("torch.nn.LayerNorm", "{'normalized_shape': [7]}", "normalized_shape is 7");
    }
}
