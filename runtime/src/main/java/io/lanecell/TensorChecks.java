package io.lanecell;

import java.util.Arrays;
import java.util.Set;

/** What layers demand of the tensors they are bound to. */
final class TensorChecks {
    private TensorChecks() {
    }

    /** The named tensor, which must be a matrix of floating-point numbers with at least one row. */
    static Tensor matrix(Weights weights, String name) {
        Tensor tensor = floating(weights, name);
        if (tensor.rank() != 2 || tensor.dim(0) == 0) {
            throw new InvalidModelException(
                    "tensor '" + weights.fullName(name) + "' must be a matrix with at least one row, its shape is "
                            + Arrays.toString(tensor.shape()));
        }
        return tensor;
    }

    /** The named tensor's elements, which must be floating-point and of exactly this shape. */
    static float[] floats(Weights weights, String name, int... shape) {
        Tensor tensor = floating(weights, name);
        if (!Arrays.equals(tensor.shape(), shape)) {
            throw new InvalidModelException("tensor '" + weights.fullName(name) + "' has shape " + Arrays.toString(tensor.shape())
                    + " where " + Arrays.toString(shape) + " is expected from the other tensors of its layer");
        }
        return tensor.toFloats();
    }

    /** The same in float64. */
    static double[] doubles(Weights weights, String name, int... shape) {
        floats(weights, name, shape);
        return weights.get(name).toDoubles();
    }

    /** The length of the named tensor, which must be a vector of floating-point numbers, at least one. */
    static int vectorSize(Weights weights, String name) {
        Tensor tensor = floating(weights, name);
        if (tensor.rank() != 1 || tensor.size() == 0) {
            throw new InvalidModelException(
                    "tensor '" + weights.fullName(name) + "' must be a vector of at least one number, its shape is "
                            + Arrays.toString(tensor.shape()));
        }
        return tensor.size();
    }

    /** Refuses tensors that the layer does not know. */
    static void noneBut(Weights weights, Set<String> known, String layer) {
        for (String name : weights.names()) {
            if (!known.contains(name)) {
                throw new InvalidModelException("tensor '" + weights.fullName(name) + "' belongs to no parameter of " + layer
                        + ": name the layer's own prefix, or leave the tensor out");
            }
        }
    }

    /** The named tensor, which must hold floating-point numbers. */
    static Tensor floating(Weights weights, String name) {
        Tensor tensor = weights.get(name);
        if (!tensor.dtype().isFloating()) {
            throw new InvalidModelException("tensor '" + weights.fullName(name) + "' holds " + tensor.dtype()
                    + " where floating-point weights are expected");
        }
        return tensor;
    }
}
