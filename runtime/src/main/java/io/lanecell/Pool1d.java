package io.lanecell;

import io.lanecell.internal.kernel.Kernels;

/**
 * torch.nn.MaxPool1d or torch.nn.AvgPool1d over the steps. The largest is NaN where one is; a mean is the sum in ascending order of
 * the steps, divided. Padding is never larger than any number, and counts as zeros in a mean or not at all.
 */
final class Pool1d extends Layer {
    private final String place;
    private final int size;
    private final StepWindow window;
    private final boolean mean;
    private final boolean countPadding;

    /** The largest of each window. */
    static Pool1d max(LayerSpec.MaxPool1d spec, int size, String place) {
        return new Pool1d(spec.kernelSize(), spec.stride(), spec.padding(), size, place, false, false);
    }

    /** The mean of each window. */
    static Pool1d mean(LayerSpec.AvgPool1d spec, int size, String place) {
        return new Pool1d(spec.kernelSize(), spec.stride(), spec.padding(), size, place, true, spec.countPadding());
    }

    private Pool1d(int kernelSize, int stride, int padding, int size, String place, boolean mean, boolean countPadding) {
        this.place = place;
        this.size = size;
        this.mean = mean;
        this.countPadding = countPadding;
        window = new StepWindow(kernelSize, stride, padding, padding, 1);
        if (padding > kernelSize / 2) {
            throw new InvalidModelException("its padding is " + padding + ", at most half of its kernel_size " + kernelSize
                    + " is possible, so that every window holds a step");
        }
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
    int outputSteps(int steps) {
        return window.count(steps);
    }

    @Override
    String steppingObstacle() {
        return window.steppingObstacle();
    }

    @Override
    Stage newStage(int batch, Kernels kernels, Workers workers, Stage before) {
        return new Stage() {
            private SequenceShape after;

            // Only a window of one step can go step by step, which changes nothing.
            @Override
            void step(float[][] state, int rows, float[] in, int inOffset, float[] out, int outOffset) {
                System.arraycopy(in, inOffset, out, outOffset, rows * size);
            }

            @Override
            SequenceShape plan(SequenceShape shape) {
                if (after == null) {
                    after = shape.another();
                }
                window.apply(shape, after, place);
                return after;
            }

            @Override
            void run(float[][] state, SequenceShape shape, float[] in, int inOffset, float[] out, int outOffset) {
                for (int n = 0; n < batch; n++) {
                    for (int t = 0; t < after.length(n); t++) {
                        pool(shape, n, t * window.stride() - window.left(), in, inOffset, out,
                                outOffset + after.row(n, t) * size);
                    }
                }
                after.zeroPadding(out, outOffset, size);
            }

            private void pool(SequenceShape shape, int n, int from, float[] in, int inOffset, float[] out, int to) {
                int first = Math.max(0, from);
                int end = Math.min(shape.length(n), from + window.taps());
                System.arraycopy(in, inOffset + shape.row(n, first) * size, out, to, size);
                for (int t = first + 1; t < end; t++) {
                    int row = inOffset + shape.row(n, t) * size;
                    if (mean) {
                        kernels.add(in, row, out, to, size);
                    } else {
                        kernels.max(in, row, out, to, size);
                    }
                }
                if (mean) {
                    divide(out, to, size, countPadding ? window.taps() : end - first);
                }
            }
        };
    }

    /** Divides every number of a row. */
    static void divide(float[] row, int offset, int size, int divisor) {
        for (int i = offset; i < offset + size; i++) {
            row[i] /= divisor;
        }
    }
}
