package io.lanecell.benchmarks.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What one core of this machine can do at best.
 *
 * @param reads       read bandwidths by array size, ascending
 * @param fmaGigaflops fused multiply-adds in registers, GFLOP/s
 */
record MachineLimits(List<Read> reads, double fmaGigaflops) {
    /** Where the weights of every case lie: each level of the caches, and the sizes in between that cases have. */
    private static final int[] KIBIBYTES = {24, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768, 262_144};

    /**
     * The bandwidth at one array size.
     *
     * @param kibibytes          the array
     * @param gigabytesPerSecond at which one core reads it over and over
     */
    record Read(int kibibytes, double gigabytesPerSecond) {
        /** The level in which such an array lies on usual processors; empty where that differs. */
        String level() {
            return switch (kibibytes) {
                case 24 -> "L1";
                case 256 -> "L2";
                case 8192 -> "L3";
                case 262_144 -> "DRAM";
                default -> "";
            };
        }
    }

    /** How many measurements {@link #measure} makes. */
    static int measurements() {
        return KIBIBYTES.length + 1;
    }

    /** Measures them, and tells after each what was measured. */
    static MachineLimits measure(Effort effort, Consumer<String> progress) {
        List<Read> reads = new ArrayList<>();
        for (int kibibytes : KIBIBYTES) {
            progress.accept("read bandwidth");
            reads.add(new Read(kibibytes, Jmh.readGigabytesPerSecond(kibibytes, effort)));
        }
        progress.accept("multiply-add peak");
        return new MachineLimits(List.copyOf(reads), Jmh.fmaGigaflops(effort));
    }

    /** GB/s at which a block of that size is read over and over: that of the smallest measured array that holds it. */
    double readLimit(double bytes) {
        for (Read read : reads) {
            if (bytes <= read.kibibytes * 1024.0) {
                return read.gigabytesPerSecond;
            }
        }
        return reads.getLast().gigabytesPerSecond;
    }

    /**
     * The least time one call can take, in µs. A step reads every weight once. In a sequence only the recurrent weights must be
     * read at each step; the input's products wait for nothing and are bounded by arithmetic. A batch is arithmetic.
     */
    double floorMicros(Geometry geometry) {
        if (!geometry.readsWeights()) {
            return geometry.flops() / (fmaGigaflops * 1e3);
        }
        if (geometry.carriesState()) {
            return geometry.weightBytes() / (readLimit(geometry.weightBytes()) * 1e3);
        }
        double rows = geometry.gateRows();
        double recurrentBytes = 4 * rows * geometry.hiddenSize();
        double micros = 0;
        for (int layer = 0; layer < geometry.layers(); layer++) {
            micros += recurrentBytes / (readLimit(recurrentBytes) * 1e3)
                    + 2 * rows * geometry.inputSizeOf(layer) / (fmaGigaflops * 1e3);
        }
        return micros * geometry.directions() * geometry.steps();
    }
}
