package io.lanecell.loader;

import io.lanecell.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Keras' tensors in PyTorch's layouts and under its names. Kernels stand [inputs, outputs] and are transposed; a recurrent
 * layer's gates are i f c o (PyTorch's order) or z r h (PyTorch's: r z n); one bias is bias_ih, with zeros for bias_hh.
 */
final class KerasTensors {
    /** A recurrent cell and which of Keras' gates comes where PyTorch wants it. */
    enum Cell {
        LSTM(0, 1, 2, 3), GRU(1, 0, 2), SIMPLE_RNN(0);

        private final int[] order;

        Cell(int... order) {
            this.order = order;
        }
    }

    private final Source source;
    private final Map<String, Tensor> all = new LinkedHashMap<>();

    KerasTensors(Source source) {
        this.source = source;
    }

    /** What was converted so far. */
    Map<String, Tensor> all() {
        return all;
    }

    void dense(String name, Tensor kernel, Optional<Tensor> bias) {
        expect(name, "kernel", kernel, kernel.rank() == 2, "[inputs, units]");
        bias.ifPresent(tensor -> expectVector(name, "bias", tensor, kernel.dim(1)));
        put(name, "weight", TensorLayouts.transposed(source, kernel));
        bias.ifPresent(tensor -> put(name, "bias", tensor));
        source.remark("layer " + Quote.of(name) + ": kernel transposed to weight [units, inputs]");
    }

    void conv1d(String name, Tensor kernel, Optional<Tensor> bias) {
        expect(name, "kernel", kernel, kernel.rank() == 3, "[width, inputs, filters]");
        bias.ifPresent(tensor -> expectVector(name, "bias", tensor, kernel.dim(2)));
        put(name, "weight", TensorLayouts.permuted(source, kernel, 2, 1, 0));
        bias.ifPresent(tensor -> put(name, "bias", tensor));
        source.remark(
                "layer " + Quote.of(name) + ": kernel [width, inputs, filters] permuted to weight [filters, inputs, width]");
    }

    /** A tensor that is the same in both. */
    void same(String name, String ours, Tensor tensor) {
        put(name, ours, tensor);
    }

    /**
     * One direction of a recurrent layer.
     *
     * @param end what its tensors' names end with, {@code _l0} or {@code _l0_reverse}
     */
    void recurrent(Cell cell, String name, String end, Tensor kernel, Tensor recurrent, Optional<Tensor> bias) {
        int gates = cell.order.length;
        expect(name, "recurrent kernel", recurrent,
                recurrent.rank() == 2 && recurrent.dim(1) == (long) gates * recurrent.dim(0), "[units, " + gates + "·units]");
        int rows = recurrent.dim(1);
        expect(name, "kernel", kernel, kernel.rank() == 2 && kernel.dim(1) == rows, "[inputs, " + rows + "]");
        put(name, "weight_ih" + end, blocks(cell, TensorLayouts.transposed(source, kernel)));
        put(name, "weight_hh" + end, blocks(cell, TensorLayouts.transposed(source, recurrent)));
        if (bias.isPresent()) {
            Tensor given = bias.get();
            boolean two = given.rank() == 2;
            if (cell == Cell.GRU && given.rank() == 1) {
                throw source.unsupported("layer " + Quote.of(name) + " is a GRU with one bias, so with reset_after=False, which"
                        + " multiplies by the reset gate before the matrix and PyTorch's GRU after it: train it with reset_after=True");
            }
            expect(name, "bias", given, Arrays.equals(given.shape(), two ? new int[]{2, rows} : new int[]{rows})
                    && two == (cell == Cell.GRU), cell == Cell.GRU ? "[2, " + rows + "]" : "[" + rows + "]");
            put(name, "bias_ih" + end, blocks(cell, two ? TensorLayouts.row(given, 0) : given));
            put(name, "bias_hh" + end, two
                    ? blocks(cell, TensorLayouts.row(given, 1))
                    : TensorLayouts.zeros(source, given.dtype(), rows));
        }
        source.remark("layer " + Quote.of(name) + ": kernels transposed to weight_ih" + end + " and weight_hh" + end
                + (cell == Cell.GRU ? ", gates z r h reordered to r z n, the two biases split" : "")
                + (bias.isPresent() && cell != Cell.GRU ? ", the bias is bias_ih, bias_hh is zeros" : ""));
    }

    private Tensor blocks(Cell cell, Tensor tensor) {
        return cell == Cell.GRU ? TensorLayouts.blocks(source, tensor, cell.order) : tensor;
    }

    private void expectVector(String name, String what, Tensor tensor, int size) {
        expect(name, what, tensor, tensor.rank() == 1 && tensor.dim(0) == size, "[" + size + "]");
    }

    private void expect(String name, String what, Tensor tensor, boolean right, String shape) {
        if (!right) {
            throw source.malformed("layer " + Quote.of(name) + " has a " + what + " of shape " + Arrays.toString(tensor.shape())
                    + ", expected " + shape);
        }
    }

    private void put(String layer, String name, Tensor tensor) {
        if (all.put(layer + "." + name, tensor) != null) {
            throw source.malformed("has two tensors " + Quote.of(layer + "." + name) + ", give the layers different names");
        }
    }
}
