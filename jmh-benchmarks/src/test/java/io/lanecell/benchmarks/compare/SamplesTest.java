package io.lanecell.benchmarks.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class SamplesTest {
    @Test
    void roundsAreJoinedBeforeTheMedianIsTaken() {
        Samples joined = Samples.join(List.of(new Samples(new double[]{5, 1, 2}, new double[]{30}, 1e5),
                new Samples(new double[]{3, 4}, new double[]{20}, 1e5)));
        assertEquals(3, joined.medianMicros());
        assertEquals(2, joined.lowerQuartileMicros());
        assertEquals(4, joined.upperQuartileMicros());
        assertEquals(20, joined.allocatedBytesPerCall());
    }

    @Test
    void whatTheHarnessAllocatesIsNotTheCalls() {
        double iteration = 200_000;
        assertEquals(0, new Samples(new double[]{10_000}, new double[]{40}, iteration).allocatedBytesPerCall());
        assertEquals(0, new Samples(new double[]{1}, new double[]{0.004}, iteration).allocatedBytesPerCall());
        assertEquals(96, new Samples(new double[]{10_000}, new double[]{96}, iteration).allocatedBytesPerCall());
        assertEquals(16, new Samples(new double[]{1}, new double[]{16}, iteration).allocatedBytesPerCall());
    }

    @Test
    void laterRoundsAreLeftOutWhereTimeRunsOut() {
        Effort effort = new Effort(2, 100, 1, 1, 1, 1);
        assertTrue(effort.hasTimeFor(50, 1, 2));
        assertFalse(effort.hasTimeFor(51, 1, 2));
        assertTrue(Effort.FULL.hasTimeFor(1e9, 1, 22));
    }
}
