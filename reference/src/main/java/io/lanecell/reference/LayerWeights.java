package io.lanecell.reference;

import io.lanecell.InvalidModelException;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.util.Arrays;
import java.util.Set;

/** One layer's tensors, checked and widened to float64 as they are read; it notes which ones were used. */
final class LayerWeights {
    private final Weights weights;
    private final Set<String> used;

    /**
     * @param weights the layer's tensors, without the layer's prefix
     * @param used    receives the full name of every tensor that is read
     */
    LayerWeights(Weights weights, Set<String> used) {
        this.weights = weights;
        this.used = used;
    }

    Set<String> names() {
        return weights.names();
    }

    boolean has(String name) {
        return weights.has(name);
    }

    String fullName(String name) {
        return weights.fullName(name);
    }

    /** A matrix whose shape is still to be learnt from it. */
    Tensor matrix(String name) {
        Tensor tensor = floating(name);
        if (tensor.rank() != 2 || tensor.dim(0) == 0) {
            throw new InvalidModelException("tensor '" + fullName(name) + "' has shape " + Arrays.toString(tensor.shape())
                    + " where a matrix of at least one row is expected: check that the weights are this layer's");
        }
        return tensor;
    }

    /** A tensor of three dimensions whose shape is still to be learnt from it. */
    Tensor cube(String name) {
        Tensor tensor = floating(name);
        if (tensor.rank() != 3 || tensor.size() == 0) {
            throw new InvalidModelException("tensor '" + fullName(name) + "' has shape " + Arrays.toString(tensor.shape())
                    + " where three dimensions, none of them 0, are expected: check that the weights are this layer's");
        }
        return tensor;
    }

    /** The elements of a vector whose size is still to be learnt from it. */
    double[] vector(String name) {
        Tensor tensor = floating(name);
        return checkedVector(name, tensor, tensor.rank() == 1);
    }

    /** The elements of a vector, or of a matrix of one row, whose size is still to be learnt from it. */
    double[] vectorOrRow(String name) {
        Tensor tensor = floating(name);
        return checkedVector(name, tensor, tensor.rank() == 1 || tensor.rank() == 2 && tensor.dim(0) == 1);
    }

    private double[] checkedVector(String name, Tensor tensor, boolean vector) {
        if (!vector || tensor.size() == 0) {
            throw new InvalidModelException("tensor '" + fullName(name) + "' has shape " + Arrays.toString(tensor.shape())
                    + " where a vector of at least one element is expected: check that the weights are this layer's");
        }
        return tensor.toDoubles();
    }

    /** Counts a tensor, if it is there, as used without reading it. */
    void leaveUnread(String name) {
        used.add(fullName(name));
    }

    /** The rows of a matrix of this shape; {@code owner} says in messages what needs it. */
    double[][] matrix(String name, int rows, int columns, Object owner) {
        double[] values = values(name, owner, rows, columns);
        double[][] matrix = new double[rows][];
        for (int row = 0; row < rows; row++) {
            matrix[row] = Arrays.copyOfRange(values, row * columns, (row + 1) * columns);
        }
        return matrix;
    }

    /** The elements of a vector of this size; {@code owner} says in messages what needs it. */
    double[] vector(String name, int size, Object owner) {
        return values(name, owner, size);
    }

    private double[] values(String name, Object owner, int... shape) {
        Tensor tensor = floating(name);
        if (!Arrays.equals(tensor.shape(), shape)) {
            throw new InvalidModelException("tensor '" + fullName(name) + "' has shape " + Arrays.toString(tensor.shape())
                    + " where " + owner + " needs " + Arrays.toString(shape) + ": check that the weights are this layer's");
        }
        return tensor.toDoubles();
    }

    private Tensor floating(String name) {
        Tensor tensor = weights.get(name);
        if (!tensor.dtype().isFloating()) {
            throw new InvalidModelException("tensor '" + fullName(name) + "' holds " + tensor.dtype()
                    + " where a layer needs floating-point weights: export the module before it is quantised");
        }
        used.add(fullName(name));
        return tensor;
    }
}
