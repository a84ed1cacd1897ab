package io.lanecell.cli;

import io.lanecell.Model;
import io.lanecell.Session;

/** The runtime, in float32. */
final class RuntimeEngine implements Engine {
    private final Chain chain;

    RuntimeEngine(Chain chain) {
        this.chain = chain;
    }

    @Override
    public Results run(Sequences sequences) {
        Model model = chain.model();
        Session session = model.newSession(sequences.batch());
        double[] output = run(session, sequences);
        float[] h = new float[sequences.batch() * model.hiddenStateSize()];
        float[] c = new float[sequences.batch() * model.cellStateSize()];
        session.getState(h, 0, c, 0);
        return new Results(output, widen(h), widen(c));
    }

    @Override
    public double[] layerOutput(Sequences sequences) {
        return run(chain.upToRecurrent().orElseThrow().model().newSession(sequences.batch()), sequences);
    }

    private static double[] run(Session session, Sequences in) {
        Model model = session.model();
        if (in.h0() != null) {
            session.setState(narrow(in.h0()), 0, narrow(in.c0()), 0);
        }
        float[] out = new float[in.batch() * model.outputSteps(in.steps()) * model.outputSize()];
        if (in.tokens() != null) {
            session.run(narrow(in.tokens()), 0, in.steps(), in.lengths(), out, 0);
        } else {
            session.run(narrow(in.features()), 0, in.steps(), in.lengths(), out, 0);
        }
        return widen(out);
    }

    private static int[] narrow(long[] tokens) {
        int[] narrow = new int[tokens.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = Math.toIntExact(tokens[i]);
        }
        return narrow;
    }

    private static float[] narrow(double[] values) {
        float[] narrow = new float[values.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = (float) values[i];
        }
        return narrow;
    }

    private static double[] widen(float[] values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }
}
