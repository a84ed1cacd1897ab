package io.lanecell.internal.kernel;

/**
 * Decides once per process which kernel can run here. It names no Vector API class, so it loads where the incubator module
 * is missing.
 */
public final class KernelSelection {
    /** Of 128 bits; fewer are no gain. */
    private static final int FEWEST_LANES = 4;
    private static final Kernels SCALAR = new ScalarKernels();
    private static final String EARLY_OBSTACLE = findEarlyObstacle();
    private static final Kernels WARMING = new WarmingKernels();
    private static boolean warned;
    private static volatile boolean foundTooNarrow;

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
        return Holder.OBSTACLE;
    }

    /** The same, as far as it can be told without loading the Vector API, which takes tens of milliseconds. */
    public static String earlyObstacle() {
        return EARLY_OBSTACLE;
    }

    /**
     * Whether it has been found by now that vectors hold too little here, which whoever first asks for them finds. Loads nothing; only where
     * there is no {@link #earlyObstacle()} does the answer mean anything.
     */
    public static boolean isFoundTooNarrow() {
        return foundTooNarrow;
    }

    /** Says the reason that the scalar kernel serves, the first one only: each operation that is warmed in vain has its own. */
    public static synchronized void warn(String reason) {
        if (warned) {
            return;
        }
        warned = true;
        // System.Logger keeps java.logging out of the runtime's dependencies.
        System.getLogger("io.lanecell").log(System.Logger.Level.WARNING,
                "scalar kernel, several times slower than vectors: " + reason);
    }

    // Flat list, cheapest first: each line is one thing that would make the vector kernel fail or crawl.
    private static String findEarlyObstacle() {
        Module incubator = ModuleLayer.boot().findModule("jdk.incubator.vector").orElse(null);
        if (incubator == null) {
            return "module jdk.incubator.vector is not there: start Java with --add-modules jdk.incubator.vector";
        }
        if (!KernelSelection.class.getModule().canRead(incubator)) {
            return "module io.lanecell.runtime can't read jdk.incubator.vector: start Java with --add-modules jdk.incubator.vector";
        }
        String mode = System.getProperty("java.vm.info", "");
        if (mode.contains("interpreted mode")) {
            return "the JVM only interprets (-Xint), where vector code is thousands of times slower: drop that flag";
        }
        if (mode.contains("emulated-client")) {
            return "the C2 compiler is off (-XX:TieredStopAtLevel or -client), where vector code is hundreds of times slower: drop that flag";
        }
        if (!System.getProperty("java.vm.name", "").contains("HotSpot")
                && !System.getProperty("java.vm.name", "").contains("OpenJDK")) {
            return "this JVM, " + System.getProperty("java.vm.name") + ", is not HotSpot: run on a HotSpot JDK to use vectors";
        }
        if (Boolean.parseBoolean(System.getProperty("jvmci.Compiler.enabled")) || System.getProperty("jvmci.Compiler") != null) {
            return "a JVMCI compiler replaces C2, untested with the Vector API: run without it";
        }
        if (!ExactFma.HARDWARE) {
            return "fused multiply-add is no instruction here (old processor or -XX:-UseFMA), where vector code is thousands of times"
                    + " slower: run on a processor with FMA";
        }
        return null;
    }

    private static String findObstacle() {
        if (EARLY_OBSTACLE != null) {
            return EARLY_OBSTACLE;
        }
        if (new VectorKernels().lanes() < FEWEST_LANES) {
            foundTooNarrow = true;
            return "vectors here hold fewer than 128 bits: run on a processor with AVX2, AVX-512 or NEON, without -XX:MaxVectorSize";
        }
        return null;
    }

    private static final class Holder {
        static final String OBSTACLE = findObstacle();
        static final Kernels VECTOR = OBSTACLE == null ? new VectorKernels() : null;
    }
}
