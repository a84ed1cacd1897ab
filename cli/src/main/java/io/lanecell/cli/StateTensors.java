package io.lanecell.cli;

import io.lanecell.InvalidInputException;
import io.lanecell.RecurrentGeometry;
import io.lanecell.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/**
 * The shapes that h0, c0, h_n and c_n have: (L·D, N, P or H) and (L·D, N, H), without N if there is no batch dimension and
 * without L·D for a cell.
 */
final class StateTensors {
    private final List<RecurrentGeometry> layers;
    private final boolean batched;

    StateTensors(Chain chain, boolean batched) {
        this.layers = chain.model().geometries();
        this.batched = batched;
    }

    /** h0's values, or null if the case has none. */
    double[] hidden(Map<String, Tensor> tensors, int batch) {
        return read(tensors, "h0", "c0", hiddenShape(batch));
    }

    /** c0's values, or null if the case has none. */
    double[] cell(Map<String, Tensor> tensors, int batch) {
        return read(tensors, "c0", "h0", cellShape(batch));
    }

    /** The shape of h_n. */
    int[] hiddenShape(int batch) {
        return shape(batch, RecurrentGeometry::outputSizePerDirection);
    }

    /** The shape of c_n. */
    int[] cellShape(int batch) {
        return shape(batch, RecurrentGeometry::cellSizePerDirection);
    }

    private int[] shape(int batch, ToIntFunction<RecurrentGeometry> width) {
        int[] widths = layers.stream().mapToInt(width).distinct().toArray();
        int rows = layers.stream().mapToInt(StateTensors::rows).sum();
        if (widths.length != 1) { // layers of different sizes: PyTorch has no one tensor for these, so they follow one another
            return new int[]{batch * layers.stream().mapToInt(layer -> rows(layer) * width.applyAsInt(layer)).sum()};
        }
        boolean cell = layers.size() == 1 && layers.getFirst().cell();
        int[] shape = cell ? new int[0] : new int[]{rows};
        return CaseInputs.append(batched ? CaseInputs.append(shape, batch) : shape, widths[0]);
    }

    private static int rows(RecurrentGeometry layer) {
        return layer.numLayers() * layer.directions();
    }

    private double[] read(Map<String, Tensor> tensors, String name, String other, int[] expected) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            return null;
        }
        if (layers.isEmpty()) {
            throw new InvalidInputException("tensor '" + name + "' is given but the model has no recurrent layer: leave it out");
        }
        if (!tensors.containsKey(other)) {
            throw new InvalidInputException("tensor '" + name + "' is given without '" + other + "', expected both or neither");
        }
        if (!Arrays.equals(tensor.shape(), expected) || !tensor.dtype().isFloating()) {
            throw new InvalidInputException("tensor '" + name + "' is " + tensor + ", expected floating-point values of shape "
                    + Arrays.toString(expected));
        }
        return tensor.toDoubles();
    }
}
