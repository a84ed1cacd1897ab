package io.lanecell.cli;

import io.lanecell.DType;
import io.lanecell.Tensor;
import io.lanecell.Weights;

/** What the runtime computes a model in, which its weights decide. */
enum Arithmetic {
    /** float32: no weight is wider. */
    FLOAT32,
    /** float32 although some weights are float64: others are not. */
    NARROWED,
    /** float64, as all floating-point weights are. */
    FLOAT64;

    /** That of a model of all these weights. */
    static Arithmetic of(Weights weights) {
        boolean wide = false;
        boolean narrow = false;
        for (Tensor tensor : weights.tensors().values()) {
            wide |= tensor.dtype() == DType.F64;
            narrow |= tensor.dtype().isFloating() && tensor.dtype() != DType.F64;
        }
        return !wide ? FLOAT32 : narrow ? NARROWED : FLOAT64;
    }
}
