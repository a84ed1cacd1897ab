package io.lanecell.benchmarks.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class MachineLimitsTest {
    private static final double EXACT = 1e-9;

    @Test
    void aBlockIsReadAtTheSpeedOfTheSmallestMeasuredArrayThatHoldsIt() {
        assertEquals(200, Example.LIMITS.readLimit(1));
        assertEquals(200, Example.LIMITS.readLimit(24 * 1024));
        assertEquals(100, Example.LIMITS.readLimit(24 * 1024 + 1));
        assertEquals(50, Example.LIMITS.readLimit(1 << 20));
        assertEquals(20, Example.LIMITS.readLimit(1e12), "beyond the largest: memory");
    }

    @Test
    void aStepReadsEveryWeightOnce() {
        assertEquals(131_072 / 100e3, Example.LIMITS.floorMicros(Example.geometry("step-64")), EXACT);
    }

    @Test
    void aSequenceReadsTheRecurrentWeightsAtEachStepAndComputesTheRest() {
        double micros = 65_536 / 100e3 + 8.0 * 64 * 64 / 120e3;
        assertEquals(100 * micros, Example.LIMITS.floorMicros(Example.geometry("seq-64")), EXACT);
    }

    @Test
    void aGruHasThreeQuartersOfAnLstmsWeights() {
        assertEquals(98_304 / 100e3, Example.LIMITS.floorMicros(Example.geometry("gru-step-64")), EXACT);
        double micros = 49_152 / 100e3 + 6.0 * 64 * 64 / 120e3;
        assertEquals(100 * micros, Example.LIMITS.floorMicros(Example.geometry("gru-seq-64")), EXACT);
    }

    @Test
    void layersAndDirectionsAddUp() {
        double recurrent = 16.0 * 256 * 256 / 50e3;
        double micros = 2 * recurrent + 8.0 * 256 * (128 + 512) / 120e3;
        assertEquals(100 * 2 * micros, Example.LIMITS.floorMicros(Example.geometry("bi2-256")), EXACT);
    }

    @Test
    void aBatchIsArithmetic() {
        assertEquals(8.0 * 256 * 512 * 50 * 16 / 120e3, Example.LIMITS.floorMicros(Example.geometry("batch16-256")), EXACT);
    }

    @Test
    void theShareIsTheLeastTimeOverTheMedian() {
        CaseResult row = Example.RESULTS.row(Example.geometry("step-64"), "lanecell-vector").orElseThrow();
        assertEquals(131_072 / 100e3 / 2, row.shareOf(Example.LIMITS), EXACT);
        assertEquals(131_072 / 2e3, row.speed(), EXACT);
    }
}
