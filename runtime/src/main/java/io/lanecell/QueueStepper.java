package io.lanecell;

import java.util.List;
import java.util.function.Supplier;

/** A queue's arithmetic: rows of several calls put together, stepped, and dealt out again. */
final class QueueStepper implements BatchStepper<float[]> {
    private final Supplier<Model> model;
    // The same of every model that may come.
    private final int inputSize;
    private final int outputSize;
    private final int vocabularySize;
    private final Session[] sessions;
    private final float[] in;
    private final float[] out;
    private StepBatch batch;

    /** @param model which may be another one later, of the same sizes */
    QueueStepper(Supplier<Model> model, int most) {
        this.model = model;
        batch = model.get().newStepBatch(most);
        inputSize = batch.model().inputSize();
        outputSize = batch.model().outputSize();
        vocabularySize = batch.model().vocabularySize();
        sessions = new Session[most];
        in = new float[Math.multiplyExact(most, inputSize)];
        out = new float[Math.multiplyExact(most, outputSize)];
    }

    @Override
    public float[] inputOf(float[] input) {
        if (Checks.notNull(input, "the input").length != inputSize) {
            throw new InvalidInputException("the input of a queued step has " + input.length + " numbers where the model takes "
                    + inputSize + " a step: pass an array of just these");
        }
        float[] copy = input.clone();
        if (vocabularySize > 0 && !(copy[0] >= 0 && copy[0] < vocabularySize && copy[0] == (int) copy[0])) {
            throw notAToken(String.valueOf(copy[0]));
        }
        return copy;
    }

    @Override
    public float[] inputOf(int token) {
        if (vocabularySize == 0) {
            throw new InvalidInputException(
                    "this model takes " + inputSize + " features a step and no tokens: submit an array of them");
        }
        if (token < 0 || token >= vocabularySize) {
            throw notAToken(String.valueOf(token));
        }
        return new float[]{token};
    }

    private InvalidInputException notAToken(String given) {
        return new InvalidInputException("the token of a queued step is " + given + " where a whole number from 0 to "
                + (vocabularySize - 1) + " is expected");
    }

    @Override
    public float[] newOutput() {
        return new float[outputSize];
    }

    @Override
    public void step(List<QueuedStep<float[]>> calls) {
        Model now = model.get();
        if (batch.model() != now) {
            batch = now.newStepBatch(batch.most());
        }
        int entered = 0;
        try {
            while (entered < calls.size()) {
                QueuedStep<float[]> call = calls.get(entered);
                sessions[entered] = call.enter();
                System.arraycopy(call.input(), 0, in, entered * inputSize, inputSize);
                entered++;
            }
            batch.step(sessions, entered, in, 0, out, 0);
        } finally {
            for (int i = 0; i < entered; i++) {
                calls.get(i).leave();
                sessions[i] = null;
            }
        }
        for (int i = 0; i < entered; i++) {
            System.arraycopy(out, i * outputSize, calls.get(i).output(), 0, outputSize);
        }
    }

    @Override
    public void stepAlone(QueuedStep<float[]> call) {
        Session session = call.enter();
        try {
            session.step(call.input(), 0, call.output(), 0);
        } finally {
            call.leave();
        }
    }
}
