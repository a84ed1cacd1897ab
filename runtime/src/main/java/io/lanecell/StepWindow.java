package io.lanecell;

/**
 * Which steps a convolution or pool looks at: output t at {@code t · stride − left + tap · dilation}, tap from 0 up to {@code taps},
 * over a sequence with {@code left} steps of padding before it and {@code right} after.
 */
record StepWindow(int taps, int stride, int left, int right, int dilation) {
    /** Steps of padding or reach that no model has, and that keep every sum of them within an int. */
    private static final int LARGEST = 1 << 28;

    StepWindow {
        least("kernel_size", taps, 1);
        least("stride", stride, 1);
        least("padding", Math.min(left, right), 0);
        least("dilation", dilation, 1);
        if (Math.max(left, right) > LARGEST || (long) dilation * (taps - 1) > LARGEST) {
            throw new InvalidModelException(
                    "its window of " + taps + " steps, dilation " + dilation + " and padding " + left + " and "
                            + right + " is too large: at most " + LARGEST + " steps can be padded or looked at");
        }
    }

    private static void least(String what, int value, int least) {
        if (value < least) {
            throw new InvalidModelException("its " + what + " is " + value + ", expected " + least + " or more");
        }
    }

    /** Adds what tells this window from others. */
    void addTo(Fingerprint fingerprint) {
        fingerprint.add(taps).add(stride).add(left).add(right).add(dilation);
    }

    /** Steps from the first tap to the last. */
    int reach() {
        return dilation * (taps - 1);
    }

    /** Outputs that a sequence of {@code steps} steps gives; 0 where it is too short. */
    int count(int steps) {
        long room = (long) steps + left + right - reach() - 1;
        return room < 0 ? 0 : (int) Math.min(Integer.MAX_VALUE, room / stride + 1);
    }

    /** The shortest sequence that gives an output. */
    int shortest() {
        return Math.max(1, reach() + 1 - left - right);
    }

    /** Whether there is an output for each step, that looks at this step and earlier ones. */
    boolean isCausal() {
        return stride == 1 && right == 0 && left == reach();
    }

    /** Why it can't go step by step; null if it can. */
    String steppingObstacle() {
        if (isCausal()) {
            return null;
        }
        return "doesn't give an output for each step from that and earlier ones (kernel_size " + taps + ", stride " + stride
                + ", padding "
                + left + " before and " + right + " after, dilation " + dilation + ": stride 1 and a padding of " + reach()
                + " before and 0 after would)";
    }

    /**
     * Sets the shape of the outputs of sequences of the shape {@code before}.
     *
     * @param place the layer's, for the message
     * @throws InvalidInputException if a sequence is too short to give an output
     */
    void apply(SequenceShape before, SequenceShape after, String place) {
        for (int n = 0; n < before.batch; n++) {
            if (count(before.length(n)) < 1) {
                throw new InvalidInputException(place + " needs sequences of at least " + shortest() + " steps, sequence " + n
                        + " has "
                        + before.length(n) + (before.length(n) < before.steps ? " by its length" : "") + ": give it longer ones");
            }
        }
        after.setCounts(before, this);
    }
}
