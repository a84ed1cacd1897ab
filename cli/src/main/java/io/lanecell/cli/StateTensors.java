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
 * without L·D for a cell. Only LSTMs have a c.
 */
final class StateTensors {
    private final List<RecurrentGeometry> layers;
    private final List<RecurrentGeometry> withCellState;
    private final boolean batched;

    StateTensors(Chain chain, boolean batched) {
        this.layers = chain.model().geometries();
        this.withCellState = layers.stream().filter(layer -> layer.kind().hasCellState()).toList();
        this.batched = batched;
    }

    /** h0's values, or null if the case has none. */
    double[] hidden(Map<String, Tensor> tensors, int batch) {
        if (tensors.containsKey("h0")) {
            refuseWithout(layers, "h0", "recurrent layer");
            if (!withCellState.isEmpty()) {
                refuseAlone(tensors, "h0", "c0");
            }
        }
        return read(tensors, "h0", hiddenShape(batch));
    }

    /** c0's values, or null if the case starts from zeros; empty where there is an h0 and nothing has a c. */
    double[] cell(Map<String, Tensor> tensors, int batch) {
        if (tensors.containsKey("c0")) {
            refuseWithout(withCellState, "c0", "LSTM");
            refuseAlone(tensors, "c0", "h0");
        }
        return withCellState.isEmpty() && tensors.containsKey("h0") ? new double[0] : read(tensors, "c0", cellShape(batch));
    }

    /** The shape of h_n: a lone cell's as the cell gives it, without layer dimension. */
    int[] hiddenShape(int batch) {
        return shape(layers, batch, RecurrentGeometry::outputSizePerDirection, isLoneCell(layers));
    }

    /** The shape of c_n. */
    int[] cellShape(int batch) {
        return shape(withCellState, batch, RecurrentGeometry::hiddenSize, isLoneCell(withCellState));
    }

    /** The shape of layer_h_n: in a chain a cell is a layer like any other. */
    int[] layerHiddenShape(int batch) {
        return shape(layers, batch, RecurrentGeometry::outputSizePerDirection, false);
    }

    /** The shape of layer_c_n. */
    int[] layerCellShape(int batch) {
        return shape(withCellState, batch, RecurrentGeometry::hiddenSize, false);
    }

    private static boolean isLoneCell(List<RecurrentGeometry> layers) {
        return layers.size() == 1 && layers.getFirst().cell();
    }

    private int[] shape(List<RecurrentGeometry> layers, int batch, ToIntFunction<RecurrentGeometry> width, boolean lone) {
        int[] widths = layers.stream().mapToInt(width).distinct().toArray();
        int rows = layers.stream().mapToInt(StateTensors::rows).sum();
        if (widths.length != 1) { // layers of different sizes: PyTorch has no one tensor for these, so they follow one another
            return new int[]{batch * layers.stream().mapToInt(layer -> rows(layer) * width.applyAsInt(layer)).sum()};
        }
        int[] shape = lone ? new int[0] : new int[]{rows};
        return CaseInputs.append(batched ? CaseInputs.append(shape, batch) : shape, widths[0]);
    }

    private static int rows(RecurrentGeometry layer) {
        return layer.numLayers() * layer.directions();
    }

    private static void refuseWithout(List<RecurrentGeometry> layers, String name, String kind) {
        if (layers.isEmpty()) {
            throw new InvalidInputException("tensor '" + name + "' is given but the model has no " + kind + ": leave it out");
        }
    }

    private static void refuseAlone(Map<String, Tensor> tensors, String name, String other) {
        if (!tensors.containsKey(other)) {
            throw new InvalidInputException("tensor '" + name + "' is given without '" + other + "', expected both or neither");
        }
    }

    private static double[] read(Map<String, Tensor> tensors, String name, int[] expected) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            return null;
        }
        if (!Arrays.equals(tensor.shape(), expected) || !tensor.dtype().isFloating()) {
            throw new InvalidInputException("tensor '" + name + "' is " + tensor + ", expected floating-point values of shape "
                    + Arrays.toString(expected));
        }
        return tensor.toDoubles();
    }
}
