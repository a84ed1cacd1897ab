package io.lanecell;

/** A session of nobody's, called with zeros so that the compiler sees a model's calls before its users make them. */
final class ScratchSession {
    private final SessionCalls calls;
    private final int batch;
    private final int steps;
    private final float[][] state;
    private final float[] in;
    private final float[] out;

    /** @param steps of a call: 1 for steps, if the model can go step by step; more for runs of that length */
    ScratchSession(Model model, SessionCalls calls, int batch, int steps) {
        this.calls = calls;
        this.batch = batch;
        state = calls.layout().newState();
        this.steps = model.canStep() && steps == 1 ? 0 : steps;
        in = new float[arraySize("input", (long) batch * steps * model.inputSize())];
        out = new float[arraySize("output", (long) batch * model.outputSteps(steps) * model.outputSize())];
    }

    private static int arraySize(String what, long size) {
        if (size > Integer.MAX_VALUE - 64) {
            throw new InvalidInputException("the " + what + " of such a call is " + size + " numbers, too many for one array");
        }
        return (int) size;
    }

    /** Makes calls until so many are done or so much time has passed, but one at least. */
    void call(int most, long nanos) {
        long end = System.nanoTime() + nanos;
        int done = 0;
        do {
            if (steps == 0) {
                calls.step(state, batch, in, 0, out, 0);
            } else {
                calls.run(state, in, 0, steps, out, 0);
            }
            done++;
        } while (done < most && System.nanoTime() < end);
    }
}
