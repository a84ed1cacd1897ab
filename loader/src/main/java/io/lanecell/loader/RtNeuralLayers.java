package io.lanecell.loader;

import io.lanecell.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** RTNeural's layers, which are Keras' in Keras' layouts, under the names {@code 0}, {@code 1} and so on. */
final class RtNeuralLayers {
    private final Source source;
    private final KerasTensors tensors;

    RtNeuralLayers(Source source) {
        this.source = source;
        this.tensors = new KerasTensors(source);
    }

    Map<String, Tensor> convert(List<?> layers) {
        for (int i = 0; i < layers.size(); i++) {
            if (!(layers.get(i) instanceof Map<?, ?> layer) || !(layer.get("type") instanceof String type)) {
                throw source.malformed("layers[" + i + "] is no object with a type");
            }
            convert(Integer.toString(i), type, layer);
        }
        return tensors.all();
    }

    private void convert(String name, String type, Map<?, ?> layer) {
        List<Tensor> parts = parts(layer.get("weights"));
        String activation = layer.get("activation") instanceof String text ? text : "";
        switch (type) {
            case "dense", "time-distributed-dense" -> {
                expect(name, type, parts, 1, 2);
                tensors.dense(name, parts.get(0), at(parts, 1));
                checkUnits(name, type, layer, parts.get(0).dim(1));
            }
            case "lstm", "gru" -> {
                expect(name, type, parts, 3, 3);
                KerasTensors.Cell cell = type.equals("lstm") ? KerasTensors.Cell.LSTM : KerasTensors.Cell.GRU;
                tensors.recurrent(cell, name, "_l0", parts.get(0), parts.get(1), at(parts, 2));
                checkUnits(name, type, layer, parts.get(1).dim(0));
            }
            case "conv1d" -> {
                expect(name, type, parts, 1, 2);
                tensors.conv1d(name, parts.get(0), at(parts, 1));
                checkUnits(name, type, layer, parts.get(0).dim(2));
            }
            default -> {
                if (!parts.isEmpty()) {
                    throw source.unsupported("layer " + name + " is of type " + Quote.of(type)
                            + ", read are dense, time-distributed-dense, lstm, gru, conv1d and activation");
                }
            }
        }
        boolean own = type.equals("lstm") || type.equals("gru");
        if (own && !activation.isEmpty() && !activation.equals("tanh")) {
            throw source.unsupported("layer " + name + ", " + type + ", has activation " + Quote.of(activation)
                    + ", RTNeural computes tanh whatever stands there");
        }
        if (!own && !activation.isEmpty()) {
            source.remark(
                    "layer " + name + " has activation " + Quote.of(activation) + ", which is no weight: add it to model.json");
        }
    }

    private void checkUnits(String name, String type, Map<?, ?> layer, int units) {
        Object last = switch (layer.get("shape")) {
            case List<?> shape -> shape.getLast(); // an empty one is an array of no numbers
            case JsonTree.Numbers shape when shape.values().length > 0 -> (double) shape.values()[shape.values().length - 1];
            case null, default -> null;
        };
        if (last instanceof Double said && said != units) {
            throw source.malformed("layer " + name + ", " + type + ", says that it has " + said.longValue()
                    + " units but its weights have " + units + ": one of them is wrong");
        }
    }

    private void expect(String name, String type, List<Tensor> parts, int least, int most) {
        if (parts.size() < least || parts.size() > most) {
            throw source.malformed("layer " + name + ", " + type + ", has " + parts.size() + " arrays of weights, expected "
                    + (least == most ? "" : least + " or ") + most);
        }
    }

    private static Optional<Tensor> at(List<Tensor> parts, int i) {
        return i < parts.size() ? Optional.of(parts.get(i)) : Optional.empty();
    }

    /** The arrays of a layer; where all have one shape, they were joined to one. */
    private List<Tensor> parts(Object weights) {
        List<Tensor> parts = new ArrayList<>();
        if (weights instanceof JsonTree.Numbers numbers && numbers.shape().length > 1) {
            Tensor joined = numbers.tensor();
            for (int i = 0; i < joined.dim(0); i++) {
                parts.add(TensorLayouts.row(joined, i));
            }
        } else if (weights instanceof List<?> list) {
            for (Object item : list) {
                if (!(item instanceof JsonTree.Numbers numbers)) {
                    throw source.malformed("a layer's weights are no arrays of numbers whose rows are equally long");
                }
                parts.add(numbers.tensor());
            }
        } else if (weights instanceof JsonTree.Numbers numbers && numbers.values().length > 0) {
            throw source.malformed("a layer's weights are a list of numbers, expected a list of arrays");
        }
        return parts;
    }
}
