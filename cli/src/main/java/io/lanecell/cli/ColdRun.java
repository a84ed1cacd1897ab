package io.lanecell.cli;

/**
 * One launch of {@link ColdProgram}. Moments are milliseconds since the process was started.
 *
 * @param main        when {@code main} was entered
 * @param loaded      when there was a model
 * @param firstStart  when the first call began
 * @param firstOutput when it had ended
 * @param calls       the first and those after it; without windows if there were none
 */
record ColdRun(double main, double loaded, double firstStart, double firstOutput, ColdCalls calls) {
    /** Duration of the first call, µs. */
    double firstCallMicros() {
        return 1000 * (firstOutput - firstStart);
    }
}
