package io.lanecell.cli;

import io.lanecell.RecurrentGeometry;
import io.lanecell.Tensor;
import io.lanecell.Weights;

/**
 * What one step of a layer costs at batch 1.
 *
 * @param weights     numbers that it reads: all of the layer's as packed, of an embedding one row
 * @param activations tanhs and sigmoids that it computes
 */
record StepWork(long weights, long activations) {
    static final StepWork NONE = new StepWork(0, 0);

    /** Into and out of a layer, about. */
    private static final double MICROS_PER_LAYER = 0.05;
    /** With 8 lanes; with 16 it is half of that, and then nearly nothing beside the reading. */
    private static final double MICROS_PER_ACTIVATION = 0.0007;

    /** All numbers of these tensors, read once. */
    static StepWork reading(long weights) {
        return new StepWork(weights, 0);
    }

    /** Every layer and direction once. The two biases are added up when they are packed. */
    static StepWork of(RecurrentGeometry geometry, Weights own) {
        long weights = own.tensors().entrySet().stream().filter(tensor -> !tensor.getKey().startsWith("bias_hh"))
                .mapToLong(tensor -> tensor.getValue().size()).sum();
        int perUnit = switch (geometry.kind()) {
            case LSTM -> 5; // i, f, o, g and tanh(c)
            case COUPLED_LSTM -> 4;
            case GRU -> 3;
            case RNN -> 1;
        };
        return new StepWork(weights,
                (long) perUnit * geometry.hiddenSize() * geometry.numLayers() * geometry.directions());
    }

    /** One row of a table. */
    static StepWork ofRow(Tensor table) {
        return new StepWork(table.dim(1), 0);
    }

    StepWork plus(StepWork other) {
        return new StepWork(weights + other.weights, activations + other.activations);
    }

    /** Bytes that are read, weights of 8 bytes in float64 and else of 4. */
    long bytes(Arithmetic arithmetic) {
        return weights * (arithmetic == Arithmetic.FLOAT64 ? Double.BYTES : Float.BYTES);
    }

    /** µs that a step takes on the vector kernel, the weights read over and over from wherever in the caches they fit. */
    double micros(Arithmetic arithmetic, ReadBandwidth bandwidth) {
        long bytes = bytes(arithmetic);
        double activation = MICROS_PER_ACTIVATION * (arithmetic == Arithmetic.FLOAT64 ? 2 : 1);
        return bytes == 0 ? 0 : MICROS_PER_LAYER + bandwidth.micros(bytes) + activation * activations;
    }
}
