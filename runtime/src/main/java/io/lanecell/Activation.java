package io.lanecell;

import io.lanecell.internal.kernel.Kernels;

/** A function of every number by itself. */
final class Activation extends Layer {
    private final int size;
    private final ActivationFunction function;
    private final float parameter;

    Activation(int size, ActivationFunction function, float parameter) {
        this.size = size;
        this.function = function;
        this.parameter = parameter;
    }

    @Override
    int inputSize() {
        return size;
    }

    @Override
    int outputSize() {
        return size;
    }

    @Override
    Stage newStage(int batch, Kernels kernels, Workers workers, Stage before) {
        return new RowStage(size, size) {
            @Override
            void rows(int rows, float[] in, int inOffset, float[] out, int outOffset) {
                kernels.activate(function, parameter, in, inOffset, out, outOffset, rows * size);
            }
        };
    }
}
