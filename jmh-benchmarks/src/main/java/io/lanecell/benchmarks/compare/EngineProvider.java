package io.lanecell.benchmarks.compare;

/** A way to run a case. Peers are found as services, where they were compiled in. */
public interface EngineProvider {
    /** The name on the command line and in the results. */
    String name();

    /** How many threads it uses when asked for {@code threads}. */
    int threads(int threads);

    /** Binds it to a task; the calling thread is the one that will call it. */
    Engine open(Task task, int threads);
}
