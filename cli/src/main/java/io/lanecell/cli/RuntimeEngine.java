package io.lanecell.cli;

import io.lanecell.DType;
import io.lanecell.Model;
import io.lanecell.Session;
import io.lanecell.loader.Progress;

/** The runtime, in the precision of the model. */
final class RuntimeEngine implements Engine {
    private final Chain chain;
    private final Progress progress;

    RuntimeEngine(Chain chain) {
        this(chain, Progress.NONE);
    }

    /** @param progress told how many of a run's steps are done, where the chain can go on from any of them */
    RuntimeEngine(Chain chain, Progress progress) {
        this.chain = chain;
        this.progress = progress;
    }

    @Override
    public Results run(Sequences sequences) {
        Model model = chain.model();
        Session session = model.newSession(sequences.batch());
        double[] output = new StepParts(chain, progress).run(sequences, part -> run(session, part));
        if (isFloat64(model)) {
            double[] h = new double[sequences.batch() * model.hiddenStateSize()];
            double[] c = new double[sequences.batch() * model.cellStateSize()];
            session.getState(h, 0, c, 0);
            return new Results(output, h, c);
        }
        float[] h = new float[sequences.batch() * model.hiddenStateSize()];
        float[] c = new float[sequences.batch() * model.cellStateSize()];
        session.getState(h, 0, c, 0);
        return new Results(output, widen(h), widen(c));
    }

    @Override
    public double[] layerOutput(Sequences sequences) {
        return run(chain.upToRecurrent().orElseThrow().model().newSession(sequences.batch()), sequences);
    }

    private static boolean isFloat64(Model model) {
        return model.dtype() == DType.F64;
    }

    private static double[] run(Session session, Sequences in) {
        return isFloat64(session.model()) ? runInFloat64(session, in) : runInFloat32(session, in);
    }

    private static double[] runInFloat64(Session session, Sequences in) {
        Model model = session.model();
        if (in.h0() != null) {
            session.setState(in.h0(), 0, in.c0(), 0);
        }
        double[] out = new double[in.batch() * model.outputSteps(in.steps()) * model.outputSize()];
        if (in.tokens() != null) {
            session.run(narrow(in.tokens()), 0, in.steps(), in.lengths(), out, 0);
        } else {
            session.run(in.features(), 0, in.steps(), in.lengths(), out, 0);
        }
        return out;
    }

    private static double[] runInFloat32(Session session, Sequences in) {
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
