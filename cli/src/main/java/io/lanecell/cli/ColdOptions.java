package io.lanecell.cli;

import io.lanecell.InvalidInputException;
import io.lanecell.KernelChoice;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** The options of {@code bench} that concern start-up. */
final class ColdOptions {
    private static final int MOST_LAUNCHES = 1000;

    @Option(names = "--cold", description = "Times start-up instead: JVMs started in turns, with their first calls.")
    private boolean cold;

    @Option(names = "--launches", defaultValue = "10", paramLabel = "N", description = "JVMs of each kind that --cold starts (default: ${DEFAULT-VALUE}).")
    private int launches;

    @Option(names = "--jvm", paramLabel = "OPTION", description = "An option for the JVMs that --cold starts, as in --jvm -XX:+UseZGC; may be repeated.")
    private List<String> jvm = List.of();

    @Option(names = "--train", paramLabel = "OPTION", description = "An option for one launch before the others, which makes what --jvm uses, as in --train -XX:AOTCacheOutput=app.aot --jvm -XX:AOTCache=app.aot; may be repeated.")
    private List<String> train = List.of();

    @Option(names = "--java", paramLabel = "FILE", description = "The java program that --cold starts, for instance of a jlink image; the one that runs this unless given.")
    private Path java = ColdLaunch.ownJava();

    /** Whether start-up is to be timed. */
    boolean wanted() {
        return cold;
    }

    /** What does it. */
    ColdBench bench(KernelChoice kernels, double seconds, long everyNanos) {
        if (launches < 1 || launches > MOST_LAUNCHES) {
            throw new InvalidInputException("--launches is " + launches + ", expected 1 to " + MOST_LAUNCHES);
        }
        ColdLaunch training = train.isEmpty() ? null : new ColdLaunch(java, train);
        return new ColdBench(training, new ColdLaunch(java, jvm), kernels, seconds, everyNanos, launches);
    }

    /** What the JVMs were, for the table. */
    String describe() {
        return launches + " launches" + (jvm.isEmpty() ? "" : " with " + String.join(" ", jvm))
                + (java.equals(ColdLaunch.ownJava()) ? "" : " of " + java);
    }
}
