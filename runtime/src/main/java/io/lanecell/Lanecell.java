package io.lanecell;

import io.lanecell.internal.kernel.Kernels;

/** The library itself: its version and how it runs here. */
public final class Lanecell {
    /** The version, as in the POM. */
    public static final String VERSION = "0.1.0";

    private Lanecell() {
    }

    /**
     * One line for bug reports: version, JDK, processor architecture, kernel and lanes, and whether the kernel warms up in the background.
     *
     * @throws KernelUnavailableException if the system property {@code lanecell.kernels} asks for what this JVM can't run
     */
    public static String describe() {
        Kernels kernels = KernelDefaults.resolve(KernelChoice.AUTO);
        boolean warming = KernelDefaults.mode(KernelChoice.AUTO) == KernelDefaults.Mode.WARMING;
        return "lanecell " + VERSION + ", JDK " + Runtime.version() + " (" + System.getProperty("java.vm.name") + "), "
                + System.getProperty("os.arch") + ", " + kernels.name() + " kernel, " + kernels.lanes()
                + (kernels.lanes() == 1 ? " lane" : " lanes") + (warming ? ", warmed in the background" : "");
    }
}
