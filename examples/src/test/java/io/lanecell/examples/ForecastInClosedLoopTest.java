package io.lanecell.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lanecell.Session;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ForecastInClosedLoopTest {
    private final Sample sample = Sample.of("forecaster");

    @Test
    void sixtyForecastsFedBackAreThoseOfPyTorch() {
        float[] windows = sample.io().get("input").toFloats();
        int steps = sample.io().get("input").dim(1);
        int count = sample.io().get("closed_loop_60").dim(1);
        Session session = sample.file().model().newSession();
        for (int n = 0; n < 2; n++) {
            float[] window = Arrays.copyOfRange(windows, n * steps, (n + 1) * steps);
            sample.assertEqualsPyTorch("closed_loop_60", n * count, ForecastInClosedLoop.forecasts(session, window, count));
        }
    }

    @Test
    void theProgramForecastsADay() {
        assertEquals(24, sample.printedBy(ForecastInClosedLoop::main).size());
    }
}
