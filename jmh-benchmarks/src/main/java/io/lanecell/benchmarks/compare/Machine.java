package io.lanecell.benchmarks.compare;

import io.lanecell.Lanecell;

/**
 * Where a comparison ran.
 *
 * @param processor  the processor's name, or its architecture where the launcher didn't say
 * @param processors cores that this process may use
 * @param jdk        version and vendor
 * @param lanecell   our version, kernel and lanes
 */
record Machine(String processor, int processors, String jdk, String lanecell) {
    /** This machine. */
    static Machine here() {
        String processor = System.getProperty("lanecell.processor", "");
        return new Machine(processor.isBlank() ? System.getProperty("os.arch") : processor.strip(),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("java.runtime.version") + " " + System.getProperty("java.vendor"), Lanecell.describe());
    }
}
