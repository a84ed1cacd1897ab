package io.lanecell.cli;

import io.lanecell.DType;
import io.lanecell.Tensor;
import java.util.Arrays;

/**
 * The tolerance rule of {@code verify}, for one expected tensor.
 *
 * <p>PyTorch's float32 result X and the result X_f64 of a float64 copy of the module judge and are judged, so that an
 * altered expectation is found as surely as a wrong computation, and can't widen the tolerance that should catch it:
 * <ul>
 * <li>the reference computes in float64 and must reproduce X_f64 to 1e-12;
 * <li>X must stand as near to X_f64 as float32 can ({@link #pytorch});
 * <li>the runtime must stand within max(1e-6 · max(1, max|X_f64|), 4 · max|X − X_f64|) of X_f64, or reproduce it to 1e-12 where it
 * computes in float64;
 * <li>NaN and Inf must stand in the same places: the runtime's where X has them, the reference's where X_f64 has them.
 * </ul>
 */
final class Comparison {
    /** What float32 arithmetic is allowed, times the largest value. */
    static final double FLOAT32 = 1e-6;
    /** What float64 arithmetic is allowed, times the largest value. */
    static final double FLOAT64 = 1e-12;
    /** What the float32 runtime is allowed where some of the weights are float64, times the largest value. */
    static final double NARROWED = 1e-5;
    /** Below this an absolute tolerance would let anything pass. */
    static final double TINY = 1e-30;
    /** Four times the smallest float32 (1.4e-45): what denormal results may be off by. */
    static final double DENORMAL_UNITS = 4 * (double) Float.MIN_VALUE;
    /** What float32 arithmetic is allowed on tiny results, times the largest. */
    static final double TINY_FLOAT32 = 1e-5;
    /** PyTorch's own float32 LSTM errs by up to 6.1e-6 where inputs of 1e4 saturate the gates; four times that. */
    static final double PYTORCH_ALONE = 2.5e-5;

    private final String name;
    private final int[] shape;
    private final double[] float32; // X, or null
    private final double[] float64; // X_f64, or X where X itself is float64, or null
    private final Arithmetic arithmetic;
    private final double largest;
    private final double scale;
    private final double pytorchError;

    /**
     * @param name           the tensor's name without suffix
     * @param x              what PyTorch gave, or null
     * @param x64            what a float64 copy of the module gave, or null; not both are null, and shapes are equal
     * @param arithmetic     what the runtime computes in
     */
    Comparison(String name, Tensor x, Tensor x64, Arithmetic arithmetic) {
        this.name = name;
        this.shape = (x != null ? x : x64).shape();
        boolean xIsFloat64 = x != null && x.dtype() == DType.F64;
        this.float32 = x == null || xIsFloat64 && x64 == null ? null : x.toDoubles();
        this.float64 = x64 != null ? x64.toDoubles() : xIsFloat64 ? x.toDoubles() : null;
        this.arithmetic = arithmetic;
        this.largest = Arrays.stream(truth()).map(Math::abs).filter(Double::isFinite).max().orElse(0);
        this.scale = Math.max(1, largest);
        this.pytorchError = float32 == null || float64 == null ? 0 : largestDifference(float32, float64);
    }

    /** The runtime's result against the expectation. */
    Check runtime(double[] actual) {
        if (arithmetic == Arithmetic.FLOAT64 && float64 != null) {
            return check(Check.RUNTIME, float64, float64, actual, float64Tolerance());
        }
        double ordinary = Math.max(FLOAT32 * scale, 4 * pytorchError);
        double tolerance = arithmetic == Arithmetic.NARROWED ? Math.max(ordinary, NARROWED * scale) : ordinary;
        return check(Check.RUNTIME, float32 != null ? float32 : float64, truth(), actual, orTiny(tolerance));
    }

    /** The reference's result against the expectation. */
    Check reference(double[] actual) {
        double tolerance = float64 == null ? orTiny(FLOAT32 * scale) : float64Tolerance();
        return check(Check.REFERENCE, truth(), truth(), actual, tolerance);
    }

    private double float64Tolerance() {
        return FLOAT64 * (largest < TINY ? largest : scale);
    }

    /** Whether there are two expectations, which {@link #pytorch} holds against one another. */
    boolean hasBoth() {
        return float32 != null && float64 != null;
    }

    /**
     * X against X_f64. Where float32 loses more than usual (gates saturated, sums cancelling), the runtime's own float32
     * arithmetic is the witness: X may be off by four times as much as the runtime is.
     */
    Check pytorch(double[] runtime) {
        double witness = 4 * largestDifference(runtime, float64);
        double tolerance = Math.max(Math.max(FLOAT32 * scale, PYTORCH_ALONE), witness);
        return check(Check.PYTORCH, float32, float64, float32, orTiny(tolerance));
    }

    /** Indices and copied rows have no tolerance. */
    static Check exact(String name, Tensor expected, double[] actual) {
        double[] wanted = expected.toDoubles();
        for (int i = 0; i < wanted.length; i++) {
            if (wanted[i] != actual[i] && !(Double.isNaN(wanted[i]) && Double.isNaN(actual[i]))) {
                return Check.failed(name, Check.PACKING, "element %d is %s, expected %s".formatted(i, actual[i], wanted[i]));
            }
        }
        return new Check(name, Check.PACKING, 0, 0, true, "");
    }

    private double[] truth() {
        return float64 != null ? float64 : float32;
    }

    /** The tolerance for a float32 result, or what takes its place where the largest value is tiny. */
    private double orTiny(double tolerance) {
        return largest < TINY ? Math.max(TINY_FLOAT32 * largest, DENORMAL_UNITS) : tolerance;
    }

    /**
     * @param places where NaN and Inf have to stand
     * @param truth  what finite elements are measured against; one that isn't finite is left to who is held against it
     */
    private Check check(String engine, double[] places, double[] truth, double[] actual, double tolerance) {
        int worst = -1;
        double worstError = 0;
        for (int i = 0; i < actual.length; i++) {
            if (!samePlace(places[i], actual[i])) {
                return Check.failed(name, engine, "element %s is %s, expected %s".formatted(index(i), actual[i], places[i]));
            }
            double error = Math.abs(actual[i] - truth[i]);
            if (error > worstError && error < Double.POSITIVE_INFINITY) {
                worst = i;
                worstError = error;
            }
        }
        boolean ok = worstError <= tolerance;
        return new Check(name, engine, worstError, tolerance, ok, ok ? "" : difference(worst, truth, actual));
    }

    private String difference(int i, double[] truth, double[] actual) {
        return "element %s is %.9g, expected %.9g".formatted(index(i), actual[i], truth[i]);
    }

    /** Both finite, both NaN, or both the same infinity; beyond float32's range an infinity is what float32 must give. */
    private static boolean samePlace(double expected, double actual) {
        if (Double.isFinite(expected) && Double.isFinite(actual) || Double.isNaN(expected) && Double.isNaN(actual)) {
            return true;
        }
        return expected == actual || Double.isInfinite(actual) && (float) expected == actual;
    }

    private static double largestDifference(double[] a, double[] b) {
        double largest = 0;
        for (int i = 0; i < a.length; i++) {
            if (Double.isFinite(a[i]) && Double.isFinite(b[i])) {
                largest = Math.max(largest, Math.abs(a[i] - b[i]));
            }
        }
        return largest;
    }

    private String index(int flat) {
        int[] index = new int[shape.length];
        for (int d = shape.length - 1, rest = flat; d >= 0; rest /= shape[d--]) {
            index[d] = rest % shape[d];
        }
        return Arrays.toString(index);
    }
}
