package io.lanecell.benchmarks.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class SamplesTest {
    private static volatile float[] sink;

    @Test
    void roundsAreJoinedBeforeTheMedianIsTaken() {
        Samples joined = Samples.join(List.of(new Samples(new double[]{5, 1, 2}, new double[]{30}),
                new Samples(new double[]{3, 4}, new double[]{20})));
        assertEquals(3, joined.medianMicros());
        assertEquals(2, joined.lowerQuartileMicros());
        assertEquals(4, joined.upperQuartileMicros());
        assertEquals(20, joined.allocatedBytesPerCall());
    }

    @Test
    void allocationIsCountedToTheByte() {
        float[] numbers = new float[16];
        assertEquals(0, least(() -> numbers[0]++), 0.5);
        assertEquals(16 + 4000, least(() -> sink = new float[1000]), 0.5);
    }

    private static double least(Runnable call) {
        return DoubleStream.generate(() -> Allocation.perCall(call)).limit(20).min().orElseThrow();
    }

    @Test
    void laterRoundsAreLeftOutWhereTimeRunsOut() {
        Effort effort = new Effort(2, 100, 1, 1, 1, 1);
        assertTrue(effort.hasTimeFor(50, 1, 2));
        assertFalse(effort.hasTimeFor(51, 1, 2));
        assertTrue(Effort.FULL.hasTimeFor(1e9, 1, 22));
    }
}
