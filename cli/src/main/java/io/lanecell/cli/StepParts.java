package io.lanecell.cli;

import io.lanecell.loader.Progress;
import java.util.function.Function;

/** Runs long sequences a part of their steps at a time, the state carried on, so that it can be told how far they have come. */
final class StepParts {
    /** So many numbers in and out make a part: some milliseconds of work, against which its call costs nothing. */
    private static final int NUMBERS_PER_PART = 1 << 16;

    private final Chain chain;
    private final Progress progress;

    StepParts(Chain chain, Progress progress) {
        this.chain = chain;
        this.progress = progress;
    }

    /**
     * The output of all sequences, the same bits as of one call.
     *
     * @param run gives a part's output, carrying the state on from the part before
     */
    double[] run(Sequences in, Function<Sequences, double[]> run) {
        int outputs = chain.model().outputSize();
        int inputs = in.tokens() != null ? 1 : chain.model().inputSize();
        int most = Math.max(1, NUMBERS_PER_PART / Math.max(1, in.batch() * Math.max(inputs, outputs)));
        if (in.steps() <= most || in.lengths() != null || !goesOnFromAnyStep()) {
            return run.apply(in);
        }
        double[] output = new double[in.batch() * in.steps() * outputs];
        for (int from = 0; from < in.steps(); from += most) {
            progress.at(from, in.steps());
            int steps = Math.min(most, in.steps() - from);
            copy(run.apply(part(in, from, steps, inputs)), 0, steps, output, from, in.steps(), in.batch(), outputs, steps);
        }
        return output;
    }

    private boolean goesOnFromAnyStep() {
        return chain.model().canStep() && chain.keepsSteps() && !chain.takesChannelsFirst() && !chain.givesChannelsFirst();
    }

    /** Steps {@code from} to {@code from + steps}; only the first part brings the initial state. */
    private Sequences part(Sequences in, int from, int steps, int inputs) {
        double[] features = in.features() == null ? null : new double[in.batch() * steps * inputs];
        long[] tokens = in.tokens() == null ? null : new long[in.batch() * steps];
        if (features != null) {
            copy(in.features(), from, in.steps(), features, 0, steps, in.batch(), inputs, steps);
        } else {
            copy(in.tokens(), from, in.steps(), tokens, 0, steps, in.batch(), 1, steps);
        }
        return new Sequences(in.batch(), steps, features, tokens, null, from == 0 ? in.h0() : null,
                from == 0 ? in.c0() : null);
    }

    /** Copies {@code steps} steps of each sequence between arrays that have room for other numbers of them. */
    private void copy(Object source, int at, int room, Object target, int to, int targetRoom, int batch, int width, int steps) {
        boolean batchFirst = chain.spec().batchFirst();
        for (int n = 0; n < batch; n++) {
            for (int t = 0; t < steps; t++) {
                System.arraycopy(source, Packing.position(n, at + t, batch, room, batchFirst) * width, target,
                        Packing.position(n, to + t, batch, targetRoom, batchFirst) * width, width);
            }
        }
    }
}
