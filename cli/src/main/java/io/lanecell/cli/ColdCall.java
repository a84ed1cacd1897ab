package io.lanecell.cli;

import io.lanecell.Model;
import io.lanecell.Session;

/**
 * One call of a fresh model: a step, or a run of 100 steps where it can't go step by step. Unlike {@link BenchSubject} its inputs
 * cost next to nothing to make, since that would count as start-up time.
 */
final class ColdCall {
    private static final int RUN_STEPS = 100;
    private static final int PERIOD = 17;

    private final Session session;
    private final boolean steps;
    private final float[] features;
    private final int[] tokens;
    private final float[] out;

    ColdCall(Model model) {
        session = model.newSession();
        steps = model.canStep();
        int count = steps ? 1 : RUN_STEPS;
        int vocabulary = model.vocabularySize();
        tokens = vocabulary > 0 ? new int[count] : null;
        features = vocabulary > 0 ? null : new float[count * model.inputSize()];
        for (int i = 0; vocabulary > 0 && i < count; i++) {
            tokens[i] = i % vocabulary;
        }
        for (int i = 0; vocabulary == 0 && i < features.length; i++) {
            features[i] = i % PERIOD / (float) PERIOD - 0.5f;
        }
        out = new float[model.outputSteps(count) * model.outputSize()];
    }

    void run() {
        if (tokens == null && steps) {
            session.step(features, 0, out, 0);
        } else if (tokens == null) {
            session.run(features, 0, RUN_STEPS, out, 0);
        } else if (steps) {
            session.step(tokens, 0, out, 0);
        } else {
            session.run(tokens, 0, RUN_STEPS, null, out, 0);
        }
    }
}
