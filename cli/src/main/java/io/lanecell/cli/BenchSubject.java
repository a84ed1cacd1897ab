package io.lanecell.cli;

import io.lanecell.Model;
import io.lanecell.Session;
import java.util.SplittableRandom;

/** One call of a model, over and over: a step, or a run where it can't go step by step. The inputs are random and vary. */
final class BenchSubject implements Runnable {
    private static final int RUN_STEPS = 100;
    /** Different inputs, by turns; a power of two. */
    private static final int INPUTS = 64;

    private final Model model;
    private final Session session;
    private final float[] features;
    private final int[] tokens;
    private final float[] out;
    private int turn;

    private BenchSubject(Model model) {
        this.model = model;
        session = model.newSession();
        int steps = model.canStep() ? 1 : RUN_STEPS;
        SplittableRandom random = new SplittableRandom(1);
        boolean takesTokens = model.vocabularySize() > 0;
        tokens = new int[takesTokens ? INPUTS + steps : 0];
        features = new float[takesTokens ? 0 : (INPUTS + steps) * model.inputSize()];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = random.nextInt(model.vocabularySize());
        }
        for (int i = 0; i < features.length; i++) {
            features[i] = (float) random.nextGaussian();
        }
        out = new float[model.outputSteps(steps) * model.outputSize()];
    }

    static BenchSubject of(Model model) {
        return new BenchSubject(model);
    }

    @Override
    public void run() {
        int first = turn++ & INPUTS - 1;
        if (model.canStep()) {
            if (tokens.length > 0) {
                session.step(tokens, first, out, 0);
            } else {
                session.step(features, first * model.inputSize(), out, 0);
            }
        } else if (tokens.length > 0) {
            session.run(tokens, first, RUN_STEPS, null, out, 0);
        } else {
            session.run(features, first * model.inputSize(), RUN_STEPS, out, 0);
        }
    }

    /** Which kernel computes it. */
    String kernels() {
        return model.kernels();
    }

    @Override
    public String toString() {
        String what = model.canStep() ? "one step" : RUN_STEPS + " steps";
        String from = model.vocabularySize() > 0 ? model.vocabularySize() + " tokens" : String.valueOf(model.inputSize());
        return what + " of a model " + from + " → " + model.outputSize();
    }
}
