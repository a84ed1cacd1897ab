package io.lanecell;

import io.lanecell.internal.kernel.Kernels;
import io.lanecell.internal.kernel.PackedMatrix;
import java.util.Arrays;
import java.util.Set;

/**
 * torch.nn.Conv1d over the steps. Each output is one fma chain: the bias, then taps ascending, and the channels of each ascending.
 *
 * <p>A convolution of one group is a matrix over windows of steps, which lie in memory as they are where the dilation is 1. Of several
 * groups, each output has a few channels of its own; a step is laid out as those channels' first for every output, then their second, …,
 * so that the kernel's lanes are outputs there too.
 */
final class Conv1d extends Layer {
    private final String place;
    private final StepWindow window;
    private final int inputSize;
    private final int outputSize;
    /** Channels that an output sees. */
    private final int channels;
    /** The whole layer where there is one group, else null: inputs are taps, then channels. */
    private final PackedMatrix matrix;
    /** Of several groups: taps × channels × outputs, and the bias. */
    private final float[] ownWeights;
    private final float[] bias;

    Conv1d(Weights weights, LayerSpec.Conv1d spec, String place) {
        this.place = place;
        Tensor weight = TensorChecks.floating(weights, "weight");
        String name = "tensor '" + weights.fullName("weight") + "'";
        if (weight.rank() != 3 || weight.size() == 0) {
            throw new InvalidModelException(name + " must be (outputs, inputs / groups, kernel_size), its shape is "
                    + Arrays.toString(weight.shape()));
        }
        TensorChecks.noneBut(weights, Set.of("weight", "bias"), "a convolution");
        if (spec.groups() < 1 || weight.dim(0) % spec.groups() != 0) {
            throw new InvalidModelException(name + " has " + weight.dim(0) + " outputs, which " + spec.groups()
                    + " groups don't divide: give the groups it was trained with");
        }
        window = new StepWindow(weight.dim(2), spec.stride(), spec.paddingLeft(), spec.paddingRight(), spec.dilation());
        outputSize = weight.dim(0);
        channels = weight.dim(1);
        inputSize = Math.multiplyExact(channels, spec.groups());
        bias = weights.has("bias") ? TensorChecks.floats(weights, "bias", outputSize) : new float[outputSize];
        boolean dense = spec.groups() == 1;
        matrix = dense ? PackedMatrix.of(byTaps(weight.toFloats()), bias, outputSize, window.taps() * channels) : null;
        ownWeights = dense ? null : byOutputs(weight.toFloats());
    }

    private Conv1d(Conv1d of, PackedMatrix matrix, float[] ownWeights, float[] bias) {
        this.place = of.place;
        this.window = of.window;
        this.inputSize = of.inputSize;
        this.outputSize = of.outputSize;
        this.channels = of.channels;
        this.matrix = matrix;
        this.ownWeights = ownWeights;
        this.bias = bias;
    }

    /** From (outputs, channels, taps) to outputs × taps × channels. */
    private float[] byTaps(float[] weight) {
        int taps = window.taps();
        float[] moved = new float[weight.length];
        for (int o = 0; o < outputSize; o++) {
            for (int c = 0; c < channels; c++) {
                for (int k = 0; k < taps; k++) {
                    moved[(o * taps + k) * channels + c] = weight[(o * channels + c) * taps + k];
                }
            }
        }
        return moved;
    }

    /** From (outputs, channels, taps) to taps × channels × outputs. */
    private float[] byOutputs(float[] weight) {
        int taps = window.taps();
        float[] moved = new float[weight.length];
        for (int o = 0; o < outputSize; o++) {
            for (int c = 0; c < channels; c++) {
                for (int k = 0; k < taps; k++) {
                    moved[(k * channels + c) * outputSize + o] = weight[(o * channels + c) * taps + k];
                }
            }
        }
        return moved;
    }

    /** This layer with the batch norm behind it. */
    Conv1d with(BatchNorm1d norm) {
        if (matrix != null) {
            return new Conv1d(this, matrix.scaled(norm.scale(), norm.shift()), null, null);
        }
        float[] weights = new float[ownWeights.length];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) (ownWeights[i] * norm.scale()[i % outputSize]);
        }
        float[] summands = new float[outputSize];
        for (int o = 0; o < outputSize; o++) {
            summands[o] = (float) (bias[o] * norm.scale()[o] + norm.shift()[o]);
        }
        return new Conv1d(this, null, weights, summands);
    }

    /** Its place in the model, for messages. */
    String place() {
        return place;
    }

    StepWindow window() {
        return window;
    }

    @Override
    int inputSize() {
        return inputSize;
    }

    @Override
    int outputSize() {
        return outputSize;
    }

    @Override
    int outputSteps(int steps) {
        return window.count(steps);
    }

    @Override
    String steppingObstacle() {
        return window.steppingObstacle();
    }

    @Override
    void addTo(Fingerprint fingerprint) {
        fingerprint.add("convolution").add(inputSize).add(outputSize).add(channels);
        window.addTo(fingerprint);
        fingerprint.add(matrix == null ? ownWeights : matrix.weights()).add(matrix == null ? bias : matrix.bias());
    }

    @Override
    Stage newStage(int batch, Kernels kernels, Workers workers, Stage before) {
        return new Conv1dStage(this, batch, kernels);
    }

    /** Floats of a step as {@link #layOut} lays it. */
    int rowSize() {
        return matrix != null ? inputSize : channels * outputSize;
    }

    /** Lays the channels of a step out for the kernel. */
    void layOut(float[] in, int inOffset, float[] row, int rowOffset) {
        if (matrix != null || inputSize == outputSize && channels == 1) {
            System.arraycopy(in, inOffset, row, rowOffset, inputSize);
            return;
        }
        int outputsOfGroup = outputSize / (inputSize / channels);
        int to = rowOffset;
        for (int c = 0; c < channels; c++) {
            for (int from = inOffset + c; from < inOffset + inputSize; from += channels) {
                for (int end = to + outputsOfGroup; to < end; to++) {
                    row[to] = in[from];
                }
            }
        }
    }

    /** Floats of an output as {@link #compute} gives it. */
    int resultSize() {
        return matrix != null ? matrix.paddedOutputs() : outputSize;
    }

    /** Floats of scratch that {@link #compute} needs for that many outputs. */
    int scratchSize(int rows) {
        return matrix == null || rows == 1 ? 0 : (rows + 2) * (window.dilation() == 1 ? window.taps() : 1) * channels;
    }

    /**
     * Computes {@code rows} outputs, one every {@link #resultSize} floats.
     *
     * @param steps     laid-out steps: the first tap of output r begins at {@code offset + r·rowStride}
     */
    void compute(Kernels kernels, int rows, float[] steps, int offset, int rowStride, float[] results, float[] scratch) {
        int tapStride = window.dilation() * rowSize();
        int width = resultSize();
        if (matrix == null) {
            for (int row = 0; row < rows; row++) {
                kernels.ownInputs(ownWeights, window.taps(), channels, outputSize, bias, steps, offset + row * rowStride,
                        tapStride,
                        results, row * width);
            }
        } else if (window.dilation() == 1) {
            kernels.multiply(matrix, 0, window.taps() * channels, steps, offset, rowStride, rows, matrix.bias(), 0, 0, results, 0,
                    width, scratch);
        } else {
            for (int tap = 0; tap < window.taps(); tap++) {
                boolean first = tap == 0;
                kernels.multiply(matrix, tap * channels, channels, steps, offset + tap * tapStride, rowStride, rows,
                        first ? matrix.bias() : results, 0, first ? 0 : width, results, 0, width, scratch);
            }
        }
    }
}
