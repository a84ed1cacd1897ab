package io.lanecell.benchmarks.compare;

/**
 * One engine on one case.
 *
 * @param geometry              the case
 * @param engine                its name
 * @param threads               that it used
 * @param medianMicros          µs per call
 * @param lowerQuartileMicros   of the iterations
 * @param upperQuartileMicros   of the iterations
 * @param maxAbsError           against the reference
 * @param allocatedBytesPerCall on the Java heap
 */
record CaseResult(Geometry geometry, String engine, int threads, double medianMicros, double lowerQuartileMicros,
        double upperQuartileMicros, double maxAbsError, double allocatedBytesPerCall) {

    static CaseResult of(Geometry geometry, String engine, int threads, Samples samples, double maxAbsError) {
        return new CaseResult(geometry, engine, threads, samples.medianMicros(), samples.lowerQuartileMicros(),
                samples.upperQuartileMicros(), maxAbsError, samples.allocatedBytesPerCall());
    }

    /** Between the quartiles. */
    double spreadMicros() {
        return upperQuartileMicros - lowerQuartileMicros;
    }

    /** Speed in the case's own unit: GB/s of weights where they are read at every step, else GFLOP/s. */
    double speed() {
        double perCall = geometry.readsWeights() ? (double) geometry.weightBytes() * geometry.steps() : geometry.flops();
        return perCall / (medianMicros * 1e3);
    }

    String speedUnit() {
        return geometry.readsWeights() ? "GB/s" : "GFLOP/s";
    }

    /** The share of this machine's limit: the least possible time over the median; threads share the work evenly. */
    double shareOf(MachineLimits limits) {
        return limits.floorMicros(geometry) / threads / medianMicros;
    }
}
