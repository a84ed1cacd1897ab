package io.lanecell.cli;

import io.lanecell.Session;
import io.lanecell.reference.ReferenceModel;
import java.util.Locale;
import java.util.SplittableRandom;

/** A live session with all that went in and came out since its state was zero, so that the reference can replay it. */
final class SoakSession {
    /** Steps that a session lives at most. */
    static final int LIFETIME = 64;
    /** How far an output may be off the reference's, of the largest (at least 1). */
    static final double TOLERANCE = 1e-5;

    private final SoakModel model;
    private final Session session;
    private final float[] inputs;
    private final float[] outputs;
    private int steps;

    SoakSession(SoakModel model) {
        this.model = model;
        session = model.model().newSession();
        inputs = new float[LIFETIME * model.model().inputSize()];
        outputs = new float[LIFETIME * model.model().outputSize()];
    }

    /** Steps it can still take. */
    int stepsLeft() {
        return LIFETIME - steps;
    }

    /** So many steps one by one, as a live stream makes them. */
    void step(int count, SplittableRandom random) {
        draw(count, random);
        for (int i = 0; i < count; i++) {
            session.step(inputs, steps * model.model().inputSize(), outputs, steps * model.model().outputSize());
            steps++;
        }
    }

    /** So many steps in one call. */
    void run(int count, SplittableRandom random) {
        draw(count, random);
        session.run(inputs, steps * model.model().inputSize(), count, outputs, steps * model.model().outputSize());
        steps += count;
    }

    private void draw(int count, SplittableRandom random) {
        int from = steps * model.model().inputSize();
        for (int i = 0; i < count * model.model().inputSize(); i++) {
            inputs[from + i] = 4 * random.nextFloat() - 2;
        }
    }

    /** The model, and what a batch steps. */
    SoakModel model() {
        return model;
    }

    /** The session itself. */
    Session session() {
        return session;
    }

    /** Draws the input of one step that somebody else makes, and puts it there. */
    void give(float[] to, int offset, SplittableRandom random) {
        draw(1, random);
        System.arraycopy(inputs, steps * model.model().inputSize(), to, offset, model.model().inputSize());
    }

    /** Takes the output of that step. */
    void take(float[] from, int offset) {
        System.arraycopy(from, offset, outputs, steps * model.model().outputSize(), model.model().outputSize());
        steps++;
    }

    /** Starts anew. */
    void reset() {
        session.reset();
        steps = 0;
    }

    /**
     * The worst output's distance from what the reference computes.
     *
     * @throws SoakFailure if it is more than {@link #TOLERANCE}
     */
    double check() {
        if (steps == 0) {
            return 0;
        }
        double[] wide = new double[steps * model.model().inputSize()];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = inputs[i];
        }
        ReferenceModel.Result expected = model.reference().run(wide, 1, steps, null, null, null);
        double worst = 0;
        double largest = 1;
        for (int i = 0; i < expected.output().length; i++) {
            double error = Math.abs(outputs[i] - expected.output()[i]);
            worst = Double.isNaN(error) ? Double.POSITIVE_INFINITY : Math.max(worst, error);
            largest = Math.max(largest, Math.abs(expected.output()[i]));
        }
        if (worst > TOLERANCE * largest) {
            throw new SoakFailure(
                    String.format(Locale.ROOT, "a session of %s is %.1e off the reference after %d steps, %.0e is allowed",
                            model.kind(), worst, steps, TOLERANCE * largest));
        }
        return worst;
    }
}
