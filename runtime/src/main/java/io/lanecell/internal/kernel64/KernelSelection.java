package io.lanecell.internal.kernel64;

/** The float64 kernels. Whether vectors can run here doesn't depend on the precision. */
public final class KernelSelection {
    private static final Kernels SCALAR = new ScalarKernels();
    private static final Kernels WARMING = new WarmingKernels();

    private KernelSelection() {
    }

    /** The scalar kernel, always there. */
    public static Kernels scalar() {
        return SCALAR;
    }

    /** The vector kernel, or null where {@link #obstacle()} says why not. */
    public static Kernels vector() {
        return obstacle() == null ? Holder.VECTOR : null;
    }

    /** The vector kernel, served by the scalar one until it is compiled. */
    public static Kernels warming() {
        return WARMING;
    }

    /** What keeps the vector kernel from running well here, with the remedy; null if nothing does. */
    public static String obstacle() {
        return io.lanecell.internal.kernel.KernelSelection.obstacle();
    }

    /** Whether it has been found by now that vectors hold too little here. */
    static boolean isFoundTooNarrow() {
        return io.lanecell.internal.kernel.KernelSelection.isFoundTooNarrow();
    }

    /** Says once a reason that the scalar kernel serves. */
    static void warn(String reason) {
        io.lanecell.internal.kernel.KernelSelection.warn(reason);
    }

    /** Apart, so that the vector kernel is only loaded where there are vectors. */
    private static final class Holder {
        static final Kernels VECTOR = new VectorKernels();
    }
}
