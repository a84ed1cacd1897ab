package io.lanecell.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.Tensor;
import org.junit.jupiter.api.Test;

class ComparisonTest {
    private static final double NAN = Double.NaN;
    private static final double INF = Double.POSITIVE_INFINITY;

    /** An expectation as PyTorch gives it: float64 values, and float32 values that are 5e-8 beside them. */
    private static final double[] EXACT = {0.25, -0.5, 0.75, -0.125, 0.0625};

    private static Comparison comparison(double[] x, double[] x64) {
        return new Comparison("output", x == null ? null : float32(x), x64 == null ? null : Tensor.of(x64, x64.length),
                Arithmetic.FLOAT32);
    }

    private static Tensor float32(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return Tensor.of(floats, floats.length);
    }

    private static double[] shifted(double[] values, int element, double by) {
        double[] copy = values.clone();
        copy[element] += by;
        return copy;
    }

    private static double[] scaled(double[] values, double by) {
        double[] copy = values.clone();
        for (int i = 0; i < copy.length; i++) {
            copy[i] *= by;
        }
        return copy;
    }

    private static double[] with(double[] values, int element, double value) {
        double[] copy = values.clone();
        copy[element] = value;
        return copy;
    }

    private static boolean allOk(Comparison comparison, double[] runtime, double[] reference) {
        return comparison.runtime(runtime).ok() && comparison.reference(reference).ok()
                && (!comparison.hasBoth() || comparison.pytorch(runtime).ok());
    }

    @Test
    void float32NoiseOnBothSidesIsAccepted() {
        double[] x = shifted(EXACT, 1, 1e-7);
        assertTrue(allOk(comparison(x, EXACT), shifted(EXACT, 3, -4e-7), EXACT));
    }

    @Test
    void theRuntimeMayBeAMillionthOfTheLargestValueOff() {
        double[] large = scaled(EXACT, 100); // largest 75: tolerance 7.5e-5
        assertTrue(comparison(large, large).runtime(shifted(large, 0, 7.4e-5)).ok());
        assertFalse(comparison(large, large).runtime(shifted(large, 0, 7.6e-5)).ok());
        assertTrue(comparison(EXACT, EXACT).runtime(shifted(EXACT, 0, 0.9e-6)).ok(), "and never less than a millionth");
        assertFalse(comparison(EXACT, EXACT).runtime(shifted(EXACT, 0, 1.1e-6)).ok());
    }

    @Test
    void theRuntimeMayBeFourTimesAsFarOffAsPyTorch() {
        double[] x = shifted(EXACT, 2, 6e-6);
        Check check = comparison(x, EXACT).runtime(shifted(EXACT, 4, 2.2e-5));
        assertTrue(check.ok(), check::toString);
        assertEquals(4 * 6e-6, check.tolerance(), 1e-6);
        assertFalse(comparison(x, EXACT).runtime(shifted(EXACT, 4, 2.6e-5)).ok());
    }

    @Test
    void anExpectedFloat32ElementMovedBy1eMinus4IsFoundAndDoesNotHideBehindItsOwnTolerance() {
        for (int i = 0; i < EXACT.length; i++) {
            Comparison spoilt = comparison(shifted(EXACT, i, 1e-4), EXACT);
            Check check = spoilt.pytorch(shifted(EXACT, 0, 3e-7));
            assertFalse(check.ok());
            assertEquals("pytorch", check.engine());
            assertTrue(check.note().contains("[" + i + "]"), check::note);
        }
    }

    @Test
    void anExpectedFloat64ElementMovedBy1eMinus4IsFoundByTheReference() {
        for (int i = 0; i < EXACT.length; i++) {
            Comparison spoilt = comparison(EXACT, shifted(EXACT, i, 1e-4));
            assertFalse(spoilt.reference(EXACT).ok());
            assertFalse(spoilt.pytorch(EXACT).ok() && spoilt.runtime(EXACT).ok() && spoilt.reference(EXACT).ok());
        }
    }

    @Test
    void theReferenceIsHeldToFloat64() {
        assertTrue(comparison(EXACT, EXACT).reference(shifted(EXACT, 2, 0.9e-12)).ok());
        assertFalse(comparison(EXACT, EXACT).reference(shifted(EXACT, 2, 1.1e-12)).ok());
    }

    @Test
    void pyTorchMayBeAsFarOffAsFourTimesTheRuntimeWhereFloat32LosesMuch() {
        double[] x = shifted(EXACT, 2, 9e-5);
        assertTrue(comparison(x, EXACT).pytorch(shifted(EXACT, 1, 3e-5)).ok());
        assertFalse(comparison(x, EXACT).pytorch(shifted(EXACT, 1, 2e-5)).ok());
    }

    @Test
    void nanAndInfMustStandInTheSamePlaces() {
        double[] expected = {0.5, NAN, INF, -INF};
        assertTrue(allOk(comparison(expected, expected), expected, expected));
        double[][] wrong = {{NAN, 0.5, INF, -INF}, {0.5, 0.5, INF, -INF}, {0.5, NAN, -INF, INF}, {0.5, NAN, INF, NAN},
                {0.5, NAN, 3e38, -INF}};
        for (double[] actual : wrong) {
            assertFalse(comparison(expected, expected).runtime(actual).ok());
            assertFalse(comparison(expected, expected).reference(actual).ok());
        }
    }

    @Test
    void aNanMovedInEitherExpectationIsFound() {
        double[] real = {0.5, NAN, 0.25};
        double[] moved = {0.5, 0.25, NAN};
        double[] added = {0.5, NAN, NAN};
        double[] removed = {0.5, 0.125, 0.25};
        for (double[] spoilt : new double[][]{moved, added, removed}) {
            assertFalse(allOk(comparison(spoilt, real), real, real), "in X");
            assertFalse(allOk(comparison(real, spoilt), real, real), "in X_f64");
        }
    }

    @Test
    void whereFloat32OverflowsTheRuntimeFollowsXAndTheReferenceFollowsXf64() {
        double[] x64 = {0.5, 1e39};
        double[] x = {0.5, INF};
        assertTrue(allOk(comparison(x, x64), x, x64));
    }

    @Test
    void tinyResultsAreMeasuredRelatively() {
        double[] tiny = scaled(EXACT, 1e-31);
        assertTrue(comparison(tiny, tiny).runtime(scaled(tiny, 1 + 0.9e-5)).ok());
        assertFalse(comparison(tiny, tiny).runtime(scaled(tiny, 1 + 1.1e-5)).ok());
        assertFalse(comparison(tiny, tiny).runtime(new double[EXACT.length]).ok(), "zeros are no answer");
        assertTrue(comparison(tiny, tiny).runtime(shifted(tiny, 4, 7e-37)).ok(), "to the largest: sums may cancel");
        assertFalse(comparison(tiny, tiny).reference(scaled(tiny, 1 + 1e-11)).ok());
        assertFalse(comparison(scaled(tiny, 1 + 2e-5), tiny).pytorch(tiny).ok());
    }

    @Test
    void denormalResultsMayBeFourUnitsOff() {
        double unit = Float.MIN_VALUE;
        double[] denormal = {1000 * unit, -3 * unit, 0};
        assertTrue(comparison(denormal, denormal).runtime(new double[]{1004 * unit, unit, -4 * unit}).ok());
        assertFalse(comparison(denormal, denormal).runtime(new double[]{1005 * unit, -3 * unit, 0}).ok());
    }

    @Test
    void allZeroExpectationsWantZeros() {
        double[] zeros = new double[3];
        assertTrue(allOk(comparison(zeros, zeros), zeros, zeros));
        assertFalse(comparison(zeros, zeros).runtime(new double[]{0, 1e-10, 0}).ok());
        assertFalse(comparison(zeros, zeros).reference(new double[]{0, 1e-10, 0}).ok());
    }

    @Test
    void float64CasesHoldBothToFloat64() {
        Comparison comparison = new Comparison("output", Tensor.of(EXACT, EXACT.length), null, Arithmetic.FLOAT64);
        assertFalse(comparison.hasBoth());
        assertTrue(comparison.runtime(shifted(EXACT, 0, 0.9e-12)).ok());
        assertFalse(comparison.runtime(shifted(EXACT, 0, 1.1e-12)).ok());
        assertTrue(comparison.reference(shifted(EXACT, 0, 0.9e-12)).ok());
        assertFalse(comparison.reference(shifted(EXACT, 0, 1.1e-12)).ok());
    }

    @Test
    void float64WeightsAmongOthersHoldTheRuntimeToFloat32AndTheReferenceToFloat64() {
        Comparison comparison = new Comparison("output", Tensor.of(EXACT, EXACT.length), null, Arithmetic.NARROWED);
        assertFalse(comparison.hasBoth());
        assertTrue(comparison.runtime(shifted(EXACT, 0, 0.9e-5)).ok());
        assertFalse(comparison.runtime(shifted(EXACT, 0, 1.1e-5)).ok());
        assertTrue(comparison.reference(shifted(EXACT, 0, 0.9e-12)).ok());
        assertFalse(comparison.reference(shifted(EXACT, 0, 1.1e-12)).ok());
    }

    @Test
    void withoutFloat64ExpectationBothAreHeldAgainstTheFloat32One() {
        Comparison comparison = comparison(EXACT, null);
        assertFalse(comparison.hasBoth());
        assertTrue(comparison.runtime(shifted(EXACT, 0, 0.9e-6)).ok());
        assertFalse(comparison.runtime(shifted(EXACT, 0, 1.1e-6)).ok());
        assertTrue(comparison.reference(shifted(EXACT, 0, 0.9e-6)).ok());
        assertFalse(comparison.reference(shifted(EXACT, 0, 1.1e-6)).ok());
    }

    @Test
    void theWorstElementIsNamedByItsIndices() {
        double[] values = {1, 2, 3, 4, 5, 6};
        Comparison comparison = new Comparison("h_n", Tensor.of(values, 1, 2, 3), null, Arithmetic.FLOAT32);
        Check check = comparison.runtime(shifted(values, 4, 0.5));
        assertTrue(check.note().contains("[0, 1, 1]"), check::note);
        assertEquals(0.5, check.error(), 1e-12);
    }

    @Test
    void emptyTensorsAgree() {
        Comparison comparison = new Comparison("output", Tensor.of(new float[0], 0, 3), Tensor.of(new double[0], 0, 3),
                Arithmetic.FLOAT32);
        assertTrue(allOk(comparison, new double[0], new double[0]));
    }

    @Test
    void indicesMustBeEqualAndCopiedNanIsEqualToNan() {
        Tensor expected = Tensor.of(new long[]{2, 0, 1}, 3);
        assertTrue(Comparison.exact("packed_sorted_indices", expected, new double[]{2, 0, 1}).ok());
        assertFalse(Comparison.exact("packed_sorted_indices", expected, new double[]{2, 1, 0}).ok());
        Tensor rows = Tensor.of(new float[]{Float.NaN, 1}, 2, 1);
        assertTrue(Comparison.exact("packed_input_data", rows, new double[]{NAN, 1}).ok());
        assertFalse(Comparison.exact("packed_input_data", rows, new double[]{1, NAN}).ok());
    }
}
