package io.lanecell.cli;

import io.lanecell.Session;
import io.lanecell.StepBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Steps sessions of one model together. */
final class SoakBatch {
    private static final int MOST = 16;

    private final StepBatch batch;
    private final Session[] sessions = new Session[MOST];
    private final float[] in;
    private final float[] out;

    SoakBatch(SoakModel model) {
        batch = model.model().newStepBatch(MOST);
        in = new float[MOST * model.model().inputSize()];
        out = new float[MOST * model.model().outputSize()];
    }

    /** Whether it steps sessions of that model. */
    boolean isOf(SoakModel model) {
        return model.model() == batch.model();
    }

    /** One step of up to 16 of these sessions: those of this batch's model that have a step left. */
    void step(List<SoakSession> candidates, SplittableRandom random) {
        List<SoakSession> some = new ArrayList<>();
        for (int i = random.nextInt(candidates.size()); i < candidates.size() && some.size() < MOST; i++) {
            SoakSession candidate = candidates.get(i);
            if (candidate.model().model() == batch.model() && candidate.stepsLeft() > 0) {
                sessions[some.size()] = candidate.session();
                candidate.give(in, some.size() * batch.model().inputSize(), random);
                some.add(candidate);
            }
        }
        batch.step(sessions, some.size(), in, 0, out, 0);
        for (int row = 0; row < some.size(); row++) {
            some.get(row).take(out, row * batch.model().outputSize());
            sessions[row] = null; // a batch must keep no session alive
        }
    }
}
