package io.lanecell.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.ActivationFunction;
import io.lanecell.KernelChoice;
import io.lanecell.LayerSpec;
import io.lanecell.Model;
import io.lanecell.ModelSpec;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import io.lanecell.loader.JsonFile;
import io.lanecell.loader.ModelFile;
import io.lanecell.loader.ModelFileException;
import io.lanecell.loader.SafetensorsWriter;
import io.lanecell.reference.ReferenceModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** RTNeural's models, and what Keras and PyTorch made of them. */
class RtNeuralTest {
    /** Tolerances are those of RTNeural's own tests. */
    @ParameterizedTest
    @CsvSource({"dense, 1e-6", "lstm, 1e-6", "lstm_1d, 1e-6", "gru, 5e-6", "gru_1d, 1e-6", "lstm_torch, 1e-6", "gru_torch, 1e-6"})
    void rtNeuralModelsGiveTheirNumbers(String name, double tolerance) throws IOException {
        Path folder = ThirdParty.folder("rtneural");
        JsonNode json = JsonFile.read(folder.resolve(name + ".json"));
        Converted converted = name.endsWith("_torch") ? torch(json, name.substring(0, name.indexOf('_'))) : keras(json);
        float[] x = csv(folder.resolve(name + "_x_python.csv"));
        float[] y = csv(folder.resolve(name + "_y_python.csv"));
        double[] exact = ReferenceModel.of(converted.spec, converted.weights).run(widen(x), 1, x.length, null, null, null)
                .output();
        for (int i = 0; i < y.length; i++) {
            assertEquals(y[i], exact[i], tolerance, "reference, element " + i);
        }
        for (KernelChoice kernels : List.of(KernelChoice.VECTOR, KernelChoice.SCALAR)) {
            float[] out = new float[y.length];
            Model.of(converted.spec, converted.weights, kernels).newSession().run(x, 0, x.length, out, 0);
            for (int i = 0; i < y.length; i++) {
                assertEquals(y[i], out[i], tolerance, kernels + ", element " + i);
            }
        }
    }

    @Test
    void rtNeuralsModelThatContradictsItselfIsRefused(@TempDir Path temp) throws IOException {
        JsonNode json = JsonFile.read(ThirdParty.folder("rtneural").resolve("bad_lstm.json"));
        int units = json.get("layers").get(0).get("shape").get(2).asInt();
        SafetensorsWriter.write(temp.resolve("weights.safetensors"), keras(json).weights.tensors(), Map.of());
        Path model = Files.writeString(temp.resolve("model.json"), """
                {"format": "lanecell-model/1", "layers": [{"type": "lstm", "weights": "0", "hidden_size": %d},
                 {"type": "linear", "weights": "1"}]}
                """.formatted(units));
        String message = assertThrows(ModelFileException.class, () -> ModelFile.open(model)).getMessage();
        assertTrue(message.contains("layers[0] 'lstm': hidden_size is 16 but the weights' shapes say 20"), message);
    }

    private record Converted(ModelSpec spec, Weights weights) {
    }

    /** A state dict in JSON: a layer, three stacked ones, and a linear one. */
    private static Converted torch(JsonNode json, String type) {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        json.properties().forEach(entry -> weights.put(entry.getKey(), tensor(entry.getValue())));
        List<LayerSpec> layers = new ArrayList<>();
        for (String prefix : List.of(type, type + "2")) {
            layers.add(type.equals("gru") ? new LayerSpec.Gru(prefix, true) : new LayerSpec.Lstm(prefix, true));
        }
        layers.add(new LayerSpec.Linear("dense"));
        return new Converted(ModelSpec.of(layers.toArray(LayerSpec[]::new)), Weights.of(weights));
    }

    /** Layers of Keras: kernels stand [in, out], an LSTM has one bias and PyTorch's gate order, a GRU two and z r h. */
    private static Converted keras(JsonNode json) {
        List<LayerSpec> layers = new ArrayList<>();
        Map<String, Tensor> weights = new LinkedHashMap<>();
        int number = 0;
        for (JsonNode layer : json.get("layers")) {
            String prefix = Integer.toString(number++);
            JsonNode own = layer.get("weights");
            String type = layer.get("type").asString();
            switch (type) {
                case "dense", "time-distributed-dense" -> {
                    weights.put(prefix + ".weight", transposed(own.get(0)));
                    if (own.size() > 1) {
                        weights.put(prefix + ".bias", tensor(own.get(1)));
                    }
                    layers.add(new LayerSpec.Linear(prefix));
                }
                case "lstm" -> {
                    kerasRecurrent(weights, prefix, own, new int[]{0, 1, 2, 3});
                    layers.add(new LayerSpec.Lstm(prefix, true));
                }
                case "gru" -> {
                    kerasRecurrent(weights, prefix, own, new int[]{1, 0, 2});
                    layers.add(new LayerSpec.Gru(prefix, true));
                }
                case "activation" -> {
                }
                default -> throw new AssertionError(type);
            }
            String activation = layer.get("activation").asString();
            if (!type.equals("lstm") && !type.equals("gru") && !activation.isEmpty()) {
                layers.add(activation.equals("softmax")
                        ? new LayerSpec.Softmax()
                        : new LayerSpec.Activation(ActivationFunction.valueOf(activation.toUpperCase())));
            }
        }
        return new Converted(ModelSpec.of(layers.toArray(LayerSpec[]::new)), Weights.of(weights));
    }

    private static void kerasRecurrent(Map<String, Tensor> weights, String prefix, JsonNode own, int[] blocks) {
        Tensor input = transposed(own.get(0));
        int rows = input.dim(0);
        weights.put(prefix + ".weight_ih_l0", ThirdParty.reordered(input.toFloats(), blocks, input.shape()));
        Tensor recurrent = transposed(own.get(1));
        weights.put(prefix + ".weight_hh_l0", ThirdParty.reordered(recurrent.toFloats(), blocks, recurrent.shape()));
        boolean two = own.get(2).get(0).isArray();
        weights.put(prefix + ".bias_ih_l0",
                ThirdParty.reordered(tensor(two ? own.get(2).get(0) : own.get(2)).toFloats(), blocks, rows));
        weights.put(prefix + ".bias_hh_l0",
                two
                        ? ThirdParty.reordered(tensor(own.get(2).get(1)).toFloats(), blocks, rows)
                        : Tensor.of(new float[rows], rows));
    }

    private static Tensor tensor(JsonNode node) {
        boolean matrix = node.get(0).isArray();
        int columns = matrix ? node.get(0).size() : 1;
        float[] values = new float[node.size() * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (matrix ? node.get(i / columns).get(i % columns) : node.get(i)).asDouble();
        }
        return matrix ? Tensor.of(values, node.size(), columns) : Tensor.of(values, node.size());
    }

    private static Tensor transposed(JsonNode matrix) {
        Tensor tensor = tensor(matrix);
        int rows = tensor.dim(0);
        int columns = tensor.dim(1);
        float[] from = tensor.toFloats();
        float[] to = new float[from.length];
        for (int i = 0; i < from.length; i++) {
            to[i % columns * rows + i / columns] = from[i];
        }
        return Tensor.of(to, columns, rows);
    }

    private static float[] csv(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        float[] values = new float[lines.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Double.parseDouble(lines.get(i));
        }
        return values;
    }

    private static double[] widen(float[] values) {
        double[] wide = new double[values.length];
        Arrays.setAll(wide, i -> values[i]);
        return wide;
    }
}
