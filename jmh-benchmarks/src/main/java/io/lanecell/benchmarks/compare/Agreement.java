package io.lanecell.benchmarks.compare;

import java.util.Arrays;

/** The check before any timing: does an engine compute what the float64 reference computes? */
public final class Agreement {
    /** The largest absolute error that is allowed: float32 over a hundred steps stays a hundred times below it. */
    public static final double TOLERANCE = 1e-4;

    private Agreement() {
    }

    /**
     * Runs the task twice from a zero state, a case that carries its state step by step, and gives the largest absolute error;
     * NaN where an output is NaN.
     *
     * @param expected what the reference says, {@link Task#expected}
     */
    public static double maxAbsError(Engine engine, Task task, double[] expected) {
        Geometry geometry = task.geometry();
        int inputSize = geometry.steps() * geometry.batch() * geometry.inputSize();
        int outputSize = geometry.steps() * geometry.batch() * geometry.outputSize();
        float[] output = new float[expected.length];
        double worst = 0;
        for (int repetition = 0; repetition < 2; repetition++) {
            engine.reset();
            Arrays.fill(output, Float.NaN);
            for (int call = 0; call < expected.length / outputSize; call++) {
                engine.setInput(task.input(), call * inputSize);
                engine.call();
                engine.getOutput(output, call * outputSize);
            }
            for (int i = 0; i < expected.length; i++) {
                worst = Math.max(worst, Math.abs(output[i] - expected[i])); // NaN stays NaN
            }
        }
        return worst;
    }

    /** Whether that error lets the engine be timed. */
    public static boolean accepts(double maxAbsError) {
        return maxAbsError <= TOLERANCE;
    }
}
