package io.lanecell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LanecellTest {
    @Test
    void theVersionIsThePoms() {
        assertEquals(System.getProperty("lanecell.pom.version"), Lanecell.VERSION);
    }

    @Test
    void theDescriptionNamesVersionJdkKernelAndLanes() {
        String line = Lanecell.describe();
        assertTrue(line.matches(
                "lanecell \\S+, JDK \\S+ \\(.+\\), \\S+, (vector|scalar) kernel, \\d+ lanes?(, warmed in the background)?"),
                line);
    }
}
