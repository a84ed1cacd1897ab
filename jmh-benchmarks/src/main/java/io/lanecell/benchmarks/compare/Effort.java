package io.lanecell.benchmarks.compare;

/**
 * How long to measure. Each round starts a fresh JVM for each engine of a case in turn, so that a machine that grows slower or
 * faster meanwhile is the same for all.
 *
 * @param rounds             forks of our vector kernel and of each peer
 * @param backgroundRounds   forks of the scalar kernel and the reference, which nobody competes with
 * @param warmupIterations   in each fork
 * @param measuredIterations in each fork
 * @param warmupMillis       of one warm-up iteration
 * @param measuredMillis     of one measured iteration
 */
record Effort(int rounds, int backgroundRounds, int warmupIterations, int measuredIterations, int warmupMillis,
        int measuredMillis) {
    /** Half an hour for every case. */
    static final Effort FULL = new Effort(3, 1, 3, 5, 700, 500);
    /** Under five minutes for the quick cases. */
    static final Effort QUICK = new Effort(2, 1, 2, 4, 500, 250);

    /** For the machine's limits, which settle at once. */
    static final Effort LIMITS = new Effort(1, 1, 2, 5, 200, 100);

    int roundsOf(String engine) {
        return engine.equals("lanecell-vector") || Engines.isPeer(engine) ? rounds : backgroundRounds;
    }

    /** In words, for the head of the table. */
    String describe() {
        return "%d rounds (scalar and reference %d) of a fresh JVM each: %d × %.2f s warm-up, %d × %.2f s measured"
                .formatted(rounds, backgroundRounds, warmupIterations, warmupMillis / 1000.0, measuredIterations,
                        measuredMillis / 1000.0);
    }
}
