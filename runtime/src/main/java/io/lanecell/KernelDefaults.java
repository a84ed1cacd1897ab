package io.lanecell;

import io.lanecell.internal.events.Events;
import io.lanecell.internal.events.KernelSelectionEvent;
import io.lanecell.internal.kernel.KernelSelection;
import io.lanecell.internal.kernel.Kernels;
import java.util.Locale;

/**
 * The one place where it is decided which kernel a model runs on. The process' default comes from the system property
 * {@code lanecell.kernels} ({@code auto}, {@code vector} or {@code scalar}) and is settled and logged once, on first use. {@code lanecell.warmup} says whether {@code auto} begins on the scalar kernel and warms the
 * vector kernel in the {@code background}, or is {@code off}.
 */
final class KernelDefaults {
    static final String PROPERTY = "lanecell.kernels";
    static final String WARM_UP_PROPERTY = "lanecell.warmup";

    private KernelDefaults() {
    }

    /** What a choice comes to. */
    enum Mode {
        SCALAR, VECTOR,
        /** Vectors, served by the scalar kernel until they are compiled. */
        WARMING
    }

    /**
     * What that choice comes to here.
     *
     * @throws KernelUnavailableException if it is the vector kernel, and that can't run here
     */
    static Mode mode(KernelChoice choice) {
        Mode mode = switch (choice) {
            case AUTO -> standard();
            case VECTOR -> vectors("kernels were chosen by name");
            case SCALAR -> Mode.SCALAR;
        };
        if (Events.recordsKernelSelections()) {
            KernelSelectionEvent event = new KernelSelectionEvent();
            event.choice = choice.toString();
            event.mode = mode.toString();
            event.obstacle = KernelSelection.earlyObstacle();
            event.commit();
        }
        return mode;
    }

    /** The float32 kernel of that choice. */
    static Kernels resolve(KernelChoice choice) {
        return switch (mode(choice)) {
            case SCALAR -> KernelSelection.scalar();
            case VECTOR -> KernelSelection.vector();
            case WARMING -> KernelSelection.warming();
        };
    }

    private static Mode vectors(String reason) {
        if (KernelSelection.obstacle() != null) {
            throw new KernelUnavailableException(
                    "the vector kernel can't run here, and " + reason + ": " + KernelSelection.obstacle());
        }
        return Mode.VECTOR;
    }

    private static Mode standard() {
        return switch (Default.WANTED) {
            case "scalar" -> Mode.SCALAR;
            case "vector" -> vectors("-D" + PROPERTY + "=vector asks for it");
            case "auto" -> Default.warmsUp() ? warming() : KernelSelection.obstacle() == null ? Mode.VECTOR : Mode.SCALAR;
            default -> throw new KernelUnavailableException(
                    "system property " + PROPERTY + " is '" + Default.WANTED + "' where auto, vector or scalar is expected");
        };
    }

    private static Mode warming() {
        return KernelSelection.earlyObstacle() == null ? Mode.WARMING : Mode.SCALAR;
    }

    /** Read and logged once; errors are raised outside, at every call, since a failed initialiser would hide them. */
    private static final class Default {
        static final String WANTED = property(PROPERTY, "auto");
        static final String WARM_UP = property(WARM_UP_PROPERTY, "background");

        static {
            if (WANTED.equals("auto") && KernelSelection.earlyObstacle() != null) {
                KernelSelection.warn(KernelSelection.earlyObstacle());
            }
        }

        private static String property(String name, String otherwise) {
            return System.getProperty(name, otherwise).toLowerCase(Locale.ROOT);
        }

        static boolean warmsUp() {
            return switch (WARM_UP) {
                case "background" -> true;
                case "off" -> false;
                default -> throw new KernelUnavailableException(
                        "system property " + WARM_UP_PROPERTY + " is '" + WARM_UP + "' where background or off is expected");
            };
        }
    }
}
