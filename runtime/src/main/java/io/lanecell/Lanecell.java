package io.lanecell;

import io.lanecell.internal.kernel.Kernels;

/** The library itself: its version and how it runs here. */
public final class Lanecell {
    /** The version, as in the POM. */
    public static final String VERSION = "0.1.0";

    private Lanecell() {
    }

    /**
     * One line for bug reports: version, JDK, operating system and processor architecture, the kernel that serves and its lanes, and whether
     * it warms up in the background. The first call in a process takes tens of milliseconds, because only loading the vectors tells. (The
     * garbage collector is missing because only the module java.management knows it, which the runtime does without.)
     *
     * @throws KernelUnavailableException if the system property {@code lanecell.kernels} asks for what this JVM can't run
     */
    public static String describe() {
        Kernels kernels = KernelDefaults.resolve(KernelChoice.AUTO);
        int lanes = kernels.lanes(); // before the name: this loads the vectors, and finds out if they are too narrow
        boolean warming = lanes > 1 && KernelDefaults.mode(KernelChoice.AUTO) == KernelDefaults.Mode.WARMING;
        return "lanecell " + VERSION + ", JDK " + Runtime.version() + " (" + System.getProperty("java.vm.name") + "), "
                + System.getProperty("os.name") + " " + System.getProperty("os.version") + " " + System.getProperty("os.arch")
                + ", " + kernels.name() + " kernel, " + lanes + (lanes == 1 ? " lane" : " lanes")
                + (warming ? ", warmed in the background" : "");
    }
}
