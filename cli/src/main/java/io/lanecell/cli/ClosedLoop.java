package io.lanecell.cli;

import java.util.Optional;

/**
 * A one-step forecaster fed with its own forecasts: each forecast is appended to the window, which slides by one. Done for
 * the first two windows of the input, each forecast from zero state.
 */
final class ClosedLoop {
    private static final int WINDOWS = 2;

    private final Engine engine;
    private final Chain chain;
    private final CaseInputs inputs;

    ClosedLoop(Engine engine, Chain chain, CaseInputs inputs) {
        this.engine = engine;
        this.chain = chain;
        this.inputs = inputs;
    }

    /** The forecasts as (windows, count), or nothing if the chain doesn't forecast one step of what it takes. */
    Optional<Values> forecast(int count) {
        Sequences in = inputs.sequences();
        boolean forecaster = inputs.batched() && chain.leavesOneRow() && in.features() != null && in.lengths() == null
                && in.h0() == null && chain.model().inputSize() == 1 && chain.model().outputSize() == 1;
        if (!forecaster || in.batch() == 0) {
            return Optional.empty();
        }
        int windows = Math.min(WINDOWS, in.batch());
        double[] features = firstWindows(in, windows);
        double[] forecasts = new double[windows * count];
        for (int i = 0; i < count; i++) {
            double[] next = engine.run(new Sequences(windows, in.steps(), features, null, null, null, null)).output();
            features = slide(features, windows, in.steps(), next);
            for (int n = 0; n < windows; n++) {
                forecasts[n * count + i] = next[n];
            }
        }
        return Optional.of(new Values(new int[]{windows, count}, forecasts));
    }

    private double[] firstWindows(Sequences in, int windows) {
        double[] first = new double[windows * in.steps()];
        for (int n = 0; n < windows; n++) {
            for (int t = 0; t < in.steps(); t++) {
                first[at(n, t, windows, in.steps())] = in.features()[at(n, t, in.batch(), in.steps())];
            }
        }
        return first;
    }

    private double[] slide(double[] features, int windows, int steps, double[] next) {
        double[] slid = new double[features.length];
        for (int n = 0; n < windows; n++) {
            for (int t = 0; t < steps; t++) {
                slid[at(n, t, windows, steps)] = t == steps - 1 ? next[n] : features[at(n, t + 1, windows, steps)];
            }
        }
        return slid;
    }

    private int at(int n, int t, int batch, int steps) {
        return Packing.position(n, t, batch, steps, inputs.batchFirst() || inputs.channelsFirst());
    }
}
