package io.lanecell.loader;

import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Weights in JSON: RTNeural's ({@code layers}, in Keras' layouts), Neural Amp Modeler's ({@code architecture} and one flat list),
 * or a state dict whose tensors are nested arrays.
 */
final class JsonWeightsReader implements WeightReader {
    /** An LSTM's numbers in Neural Amp Modeler's order are at least this many for an input and a unit. */
    private static final int LARGEST_EXTENT = 1 << 16;

    @Override
    public Weights read(Source source) {
        Map<String, Object> root = JsonTree.read(source);
        for (String key : List.of("format", "module")) {
            if (root.get(key) instanceof String text && (text.startsWith("torch.nn.") || text.equals(ModelJson.FORMAT))) {
                throw source.unsupported("describes a model and holds no weights: name the weight file it goes with"
                        + (root.get("weights") instanceof String file ? ", " + Quote.of(file) : ""));
            }
        }
        if (root.containsKey("architecture")) {
            return neuralAmpModeler(source, root);
        }
        if (root.get("layers") instanceof List<?> layers) {
            return Weights.of(new RtNeuralLayers(source).convert(layers));
        }
        return stateDict(source, root.get("state_dict") instanceof Map<?, ?> inner ? inner : root);
    }

    private static Weights stateDict(Source source, Map<?, ?> entries) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        entries.forEach((name, value) -> {
            if (value instanceof JsonTree.Numbers numbers) {
                tensors.put((String) name, numbers.tensor());
            } else {
                source.remark("key " + Quote.of((String) name) + " is left out: it is no array of numbers");
            }
        });
        if (tensors.isEmpty()) {
            throw source.malformed("is JSON without weights, expected RTNeural's layers, Neural Amp Modeler's architecture or a"
                    + " state dict of arrays");
        }
        return Weights.of(tensors);
    }

    private static Weights neuralAmpModeler(Source source, Map<String, Object> root) {
        if (!"LSTM".equals(root.get("architecture"))) {
            throw source.unsupported("is a Neural Amp Modeler model of architecture " + Quote.of(String.valueOf(
                    root.get("architecture") instanceof String name ? name : "?")) + ", only LSTM is read");
        }
        Map<?, ?> config = root.get("config") instanceof Map<?, ?> map ? map : Map.of();
        int inputs = extent(source, config, "input_size");
        int units = extent(source, config, "hidden_size");
        int layers = extent(source, config, "num_layers");
        float[] numbers = root.get("weights") instanceof JsonTree.Numbers given && given.shape().length == 1
                ? given.values()
                : new float[0];
        long rows = 4L * units;
        long needed = rows * (inputs + units) + rows + 2L * units + (layers - 1) * (rows * 2 * units + rows + 2L * units)
                + units + 1;
        if (numbers.length != needed) {
            throw source.malformed("its weights are " + numbers.length + " numbers, an LSTM of input_size " + inputs
                    + ", hidden_size " + units + " and num_layers " + layers + " has " + needed);
        }
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        List<float[]> h = new ArrayList<>();
        List<float[]> c = new ArrayList<>();
        int at = 0;
        for (int layer = 0; layer < layers; layer++) {
            int columns = (layer == 0 ? inputs : units) + units;
            Tensor both = Tensor.of(Arrays.copyOfRange(numbers, at, at + (int) rows * columns), (int) rows, columns);
            at += (int) rows * columns;
            tensors.put("rec.weight_ih_l" + layer, TensorLayouts.slice(source, both, 1, 0, columns - units));
            tensors.put("rec.weight_hh_l" + layer, TensorLayouts.slice(source, both, 1, columns - units, columns));
            tensors.put("rec.bias_ih_l" + layer, Tensor.of(Arrays.copyOfRange(numbers, at, at + (int) rows), (int) rows));
            tensors.put("rec.bias_hh_l" + layer, Tensor.of(new float[(int) rows], (int) rows));
            at += (int) rows;
            h.add(Arrays.copyOfRange(numbers, at, at + units));
            c.add(Arrays.copyOfRange(numbers, at + units, at + 2 * units));
            at += 2 * units;
        }
        tensors.put("head.weight", Tensor.of(Arrays.copyOfRange(numbers, at, at + units), 1, units));
        tensors.put("head.bias", Tensor.of(Arrays.copyOfRange(numbers, at + units, at + units + 1), 1));
        tensors.put("h0", joined(h, units));
        tensors.put("c0", joined(c, units));
        source.remark("the flat list of weights became rec.weight_ih_l0 …, head.weight and head.bias; its one bias is bias_ih,"
                + " bias_hh is zeros");
        source.remark("h0 and c0 are the state that the model starts from: give them as input, they are no weights");
        return Weights.of(tensors);
    }

    private static Tensor joined(List<float[]> states, int units) {
        float[] all = new float[states.size() * units];
        for (int i = 0; i < states.size(); i++) {
            System.arraycopy(states.get(i), 0, all, i * units, units);
        }
        return Tensor.of(all, states.size(), 1, units);
    }

    private static int extent(Source source, Map<?, ?> config, String key) {
        if (config.get(key) instanceof Number number && number.doubleValue() == number.intValue() && number.intValue() > 0
                && number.intValue() <= LARGEST_EXTENT) {
            return number.intValue();
        }
        throw source.malformed("its config has no " + key + ", expected a whole number from 1 to " + LARGEST_EXTENT);
    }
}
