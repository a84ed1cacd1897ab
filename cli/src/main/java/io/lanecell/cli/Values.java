package io.lanecell.cli;

import io.lanecell.DType;
import io.lanecell.Tensor;

/**
 * An array that an engine produced, in float64 so that both engines speak the same language: widening float32 loses
 * nothing.
 *
 * @param shape  extents, outermost first
 * @param values row-major
 */
record Values(int[] shape, double[] values) {
    /** The values as a tensor of float32 or float64, exactly if they came from a model that computes in it. */
    Tensor toTensor(DType dtype) {
        if (dtype == DType.F64) {
            return Tensor.of(values, shape);
        }
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return Tensor.of(floats, shape);
    }

    /** Whole numbers as values. */
    static Values of(int[] numbers) {
        double[] values = new double[numbers.length];
        for (int i = 0; i < numbers.length; i++) {
            values[i] = numbers[i];
        }
        return new Values(new int[]{numbers.length}, values);
    }
}
