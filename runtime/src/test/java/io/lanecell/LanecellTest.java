package io.lanecell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class LanecellTest {
    @Test
    void theVersionIsThePoms() {
        assertEquals(System.getProperty("lanecell.pom.version"), Lanecell.VERSION);
    }

    @Test
    void theDescriptionNamesVersionJdkSystemKernelAndLanes() {
        String line = Lanecell.describe();
        assertTrue(line.matches(
                "lanecell \\S+, JDK \\S+ \\(.+\\), [^,]+, (vector kernel, \\d+ lanes(, warmed in the background)?|scalar kernel, 1 lane)"),
                line);
        for (String property : List.of("os.name", "os.version", "os.arch", "java.vm.name")) {
            assertTrue(line.contains(System.getProperty(property)), property + " in " + line);
        }
    }
}
