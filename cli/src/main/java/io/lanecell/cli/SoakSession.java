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
    private Session session;
    private final float[] inputs;
    private final float[] outputs;
    private int steps;
    /** The state that the first of these steps began from, as the reference has it; null for zero. */
    private double[] h0;
    private double[] c0;

    SoakSession(SoakModel model) {
        this(model, model.model().newSession());
    }

    private SoakSession(SoakModel model, Session session) {
        this.model = model;
        this.session = session;
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
        draw(inputs, steps * model.model().inputSize(), count * model.model().inputSize(), random);
    }

    /** Draws inputs, as all of the soak are. */
    static void draw(float[] to, int offset, int count, SplittableRandom random) {
        for (int i = 0; i < count; i++) {
            to[offset + i] = 4 * random.nextFloat() - 2;
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

    /** Takes the input and the output of a step that somebody else made. */
    void add(float[] in, float[] out) {
        System.arraycopy(in, 0, inputs, steps * in.length, in.length);
        take(out, 0);
    }

    /** Starts anew. */
    void reset() {
        session.reset();
        steps = 0;
        h0 = null;
        c0 = null;
    }

    /** Goes on in a new session from a snapshot of this one's. */
    void restore() {
        byte[] snapshot = session.snapshot();
        session = model.model().newSession();
        session.restore(snapshot);
    }

    /** Another that goes on from here by itself. */
    SoakSession copy() {
        SoakSession copy = new SoakSession(model, session.copy());
        System.arraycopy(inputs, 0, copy.inputs, 0, inputs.length);
        System.arraycopy(outputs, 0, copy.outputs, 0, outputs.length);
        copy.steps = steps;
        copy.h0 = h0;
        copy.c0 = c0;
        return copy;
    }

    /**
     * One that goes on from here with another model's weights. What was before the move is checked first.
     *
     * @throws SoakFailure if it is wrong
     */
    SoakSession moveTo(SoakModel other) {
        SoakSession moved = new SoakSession(other, session.moveTo(other.model()));
        moved.h0 = h0;
        moved.c0 = c0;
        if (steps > 0) {
            ReferenceModel.Result before = replay();
            compare(before.output());
            moved.h0 = before.hN();
            moved.c0 = before.cN();
        }
        return moved;
    }

    /**
     * The worst output's distance from what the reference computes.
     *
     * @throws SoakFailure if it is more than {@link #TOLERANCE}
     */
    double check() {
        return steps == 0 ? 0 : compare(replay().output());
    }

    private ReferenceModel.Result replay() {
        double[] wide = widen(inputs, steps * model.model().inputSize());
        return model.reference().run(wide, 1, steps, null, h0, c0);
    }

    /** The first so many, as the reference takes them. */
    static double[] widen(float[] values, int count) {
        double[] wide = new double[count];
        for (int i = 0; i < count; i++) {
            wide[i] = values[i];
        }
        return wide;
    }

    private double compare(double[] expected) {
        double error = error(outputs, expected);
        if (error > TOLERANCE) {
            throw new SoakFailure(
                    String.format(Locale.ROOT, "a session of %s is %.1e off the reference after %d steps, %.0e is allowed",
                            model.kind(), error, steps, TOLERANCE));
        }
        return error;
    }

    /** How far the worst of these is off what is expected, as a part of the largest expected (at least 1); infinite for NaN. */
    static double error(float[] outputs, double[] expected) {
        double worst = 0;
        double largest = 1;
        for (int i = 0; i < expected.length; i++) {
            double error = Math.abs(outputs[i] - expected[i]);
            worst = Double.isNaN(error) ? Double.POSITIVE_INFINITY : Math.max(worst, error);
            largest = Math.max(largest, Math.abs(expected[i]));
        }
        return worst / largest;
    }
}
