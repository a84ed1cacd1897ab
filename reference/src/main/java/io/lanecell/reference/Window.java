package io.lanecell.reference;

import io.lanecell.InvalidInputException;
import io.lanecell.InvalidModelException;

/**
 * How the window of torch.nn.Conv1d, MaxPool1d and AvgPool1d moves along the steps.
 *
 * @param kernelSize   steps that one output looks at
 * @param stride       steps from one output to the next
 * @param paddingLeft  steps put before the first
 * @param paddingRight steps put after the last
 * @param dilation     steps from one that an output looks at to the next
 */
record Window(int kernelSize, int stride, int paddingLeft, int paddingRight, int dilation) {
    Window {
        atLeast(1, "kernel_size", kernelSize);
        atLeast(1, "stride", stride);
        atLeast(0, "padding", Math.min(paddingLeft, paddingRight));
        atLeast(1, "dilation", dilation);
    }

    /** A pool's window; PyTorch pads it by at most half, so that no output looks at padding alone. */
    static Window ofPool(int kernelSize, int stride, int padding) {
        Window window = new Window(kernelSize, stride, padding, padding, 1);
        if (padding > kernelSize / 2) {
            throw new InvalidModelException("padding " + padding + " is more than half of kernel_size " + kernelSize
                    + ": a pool takes at most " + kernelSize / 2);
        }
        return window;
    }

    private static void atLeast(int least, String name, int value) {
        if (value < least) {
            throw new InvalidModelException(name + " must be " + least + " or more, found " + value);
        }
    }

    /** L_out = ⌊(L_in + padding − dilation · (kernel_size − 1) − 1) / stride⌋ + 1. */
    int stepsAfter(int steps) {
        return Math.toIntExact(spare(steps) / stride + 1);
    }

    /** {@link #stepsAfter(int)}, refusing a sequence that has no place for one window. */
    int stepsAfter(int steps, String place) {
        if (spare(steps) < 0) {
            throw new InvalidInputException(
                    place + " needs at least " + (steps - spare(steps)) + " steps to give one, and is given "
                            + steps + ": run longer sequences");
        }
        if (spare(steps) / stride >= Integer.MAX_VALUE) {
            throw new InvalidInputException(
                    place + " makes more steps of " + steps + " than one array holds: run shorter sequences");
        }
        return stepsAfter(steps);
    }

    /** By how many steps the padded sequence is longer than one window. */
    private long spare(int steps) {
        return (long) steps + paddingLeft + paddingRight - (long) dilation * (kernelSize - 1) - 1;
    }

    /** The step of the input that output t's window has at its k-th place; in the padding where there is none of that number. */
    int step(int t, int k) {
        return Math.toIntExact((long) t * stride - paddingLeft + (long) k * dilation);
    }
}
