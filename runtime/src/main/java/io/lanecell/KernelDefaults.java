package io.lanecell;

import io.lanecell.internal.kernel.KernelSelection;
import io.lanecell.internal.kernel.Kernels;
import java.util.Locale;

/**
 * The one place where it is decided which kernel a model runs on. The process' default comes from the system property
 * {@code lanecell.kernels} ({@code auto}, {@code vector} or {@code scalar}) and is settled and logged once, on first use.
 */
final class KernelDefaults {
    static final String PROPERTY = "lanecell.kernels";

    private KernelDefaults() {
    }

    /** The float32 kernel of that choice. */
    static Kernels resolve(KernelChoice choice) {
        return takesVectors(choice) ? KernelSelection.vector() : KernelSelection.scalar();
    }

    /**
     * Whether that choice is the vector kernel.
     *
     * @throws KernelUnavailableException if it is, and can't run here
     */
    static boolean takesVectors(KernelChoice choice) {
        return switch (choice) {
            case AUTO -> standard();
            case VECTOR -> requireVectors("kernels were chosen by name");
            case SCALAR -> false;
        };
    }

    private static boolean requireVectors(String reason) {
        if (KernelSelection.obstacle() != null) {
            throw new KernelUnavailableException(
                    "the vector kernel can't run here, and " + reason + ": " + KernelSelection.obstacle());
        }
        return true;
    }

    private static boolean standard() {
        return switch (Default.WANTED) {
            case "scalar" -> false;
            case "vector" -> requireVectors("-D" + PROPERTY + "=vector asks for it");
            case "auto" -> KernelSelection.obstacle() == null;
            default -> throw new KernelUnavailableException(
                    "system property " + PROPERTY + " is '" + Default.WANTED + "' where auto, vector or scalar is expected");
        };
    }

    /** Read and logged once; errors are raised outside, at every call, since a failed initialiser would hide them. */
    private static final class Default {
        static final String WANTED = System.getProperty(PROPERTY, "auto").toLowerCase(Locale.ROOT);

        static {
            // System.Logger keeps java.logging out of the runtime's dependencies.
            System.Logger logger = System.getLogger("io.lanecell");
            String obstacle = KernelSelection.obstacle();
            if (WANTED.equals("auto") && obstacle != null) {
                logger.log(System.Logger.Level.WARNING, "scalar kernel, several times slower than vectors: " + obstacle);
            } else {
                logger.log(System.Logger.Level.DEBUG,
                        WANTED + " kernels asked for, vectors " + (obstacle == null ? "can" : "can't") + " run here");
            }
        }
    }
}
