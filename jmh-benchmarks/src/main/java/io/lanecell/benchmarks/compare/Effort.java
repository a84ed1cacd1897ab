package io.lanecell.benchmarks.compare;

/**
 * How long to measure. Each round starts a fresh JVM for each engine of a case in turn, so that a machine that grows slower or
 * faster meanwhile is the same for all. The scalar kernel and the reference, which nobody competes with, take part in the first
 * round only.
 *
 * @param rounds             forks of our vector kernel and of each peer
 * @param budgetSeconds      where a comparison is so late that it would not end within it, later rounds are left out
 * @param warmupIterations   in each fork
 * @param measuredIterations in each fork
 * @param warmupMillis       of one warm-up iteration
 * @param measuredMillis     of one measured iteration
 */
record Effort(int rounds, double budgetSeconds, int warmupIterations, int measuredIterations, int warmupMillis,
        int measuredMillis) {
    /** Half an hour for every case. */
    static final Effort FULL = new Effort(3, Double.POSITIVE_INFINITY, 2, 5, 700, 500);
    /** Under five minutes for the quick cases. */
    static final Effort QUICK = new Effort(2, 240, 1, 4, 400, 200);

    /** For the machine's limits, which settle at once. */
    static final Effort LIMITS = new Effort(1, Double.POSITIVE_INFINITY, 2, 5, 200, 100);

    /** Forks that an engine has at most. */
    int roundsOf(String engine) {
        return engine.equals("lanecell-vector") || Engines.isPeer(engine) ? rounds : 1;
    }

    /**
     * Whether a case may have another round.
     *
     * @param elapsedSeconds since the comparison began
     * @param casesDone      with this one
     * @param cases          in all
     */
    boolean hasTimeFor(double elapsedSeconds, int casesDone, int cases) {
        return elapsedSeconds <= budgetSeconds * casesDone / cases;
    }

    /** In words, for the head of the table. */
    String describe() {
        return "%d rounds (scalar and reference 1) of a fresh JVM each: calls until the compiler is idle, %d × %.2f s warm-up, %d × %.2f s measured%s"
                .formatted(
                        rounds, warmupIterations, warmupMillis / 1000.0, measuredIterations, measuredMillis / 1000.0,
                        Double.isFinite(budgetSeconds) ? "; fewer rounds where time ran out" : "");
    }
}
