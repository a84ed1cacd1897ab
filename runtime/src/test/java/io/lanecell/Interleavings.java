package io.lanecell;

import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;

/** How long Lincheck looks: seconds as part of the tests, {@code -Dlanecell.interleavings=50} times as long by command. */
final class Interleavings {
    private static final int TIMES = Integer.getInteger("lanecell.interleavings", 1);

    private Interleavings() {
    }

    /**
     * Scenarios of two threads with two operations each, and 50 interleavings of each.
     *
     * @param before operations before them
     */
    static ModelCheckingOptions ofTwoThreads(int before) {
        return new ModelCheckingOptions().threads(2).actorsBefore(before).actorsPerThread(2).actorsAfter(1)
                .iterations(10 * TIMES).invocationsPerIteration(50);
    }

    /** Interleavings of one program. */
    static int ofAProgram() {
        return 40 * TIMES;
    }
}
