package io.lanecell.loader;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The name that was perhaps meant. */
class NearestTest {
    private static Optional<String> nearest(String name, String... known) {
        return Nearest.to(name, List.of(known), UnaryOperator.identity());
    }

    @Test
    void isTheOneWithTheFewestLettersChanged() {
        assertEquals(Optional.of("weight"), nearest("wieght", "height.x", "weight", "weights2"));
        assertEquals(Optional.of("bias"), nearest("biaz", "bases", "bias"));
        assertEquals(Optional.of("abc"), nearest("abd", "xyz", "abc"), "one of three");
    }

    @Test
    void isNoneWhereMoreThanAThirdOfTheLettersDiffers() {
        assertEquals(Optional.empty(), nearest("ab", "ac"));
        assertEquals(Optional.empty(), nearest("gate", "bias"));
        assertEquals(Optional.empty(), nearest("anything"));
    }

    @Test
    void isNotLookedForAmongNamesLongerThanAnybodyWrites() {
        String longest = "n".repeat(100);
        assertEquals(Optional.of(longest), nearest(longest, longest));
        assertEquals(Optional.empty(), nearest(longest + "n", longest));
        String known = longest + "x".repeat(33);
        assertEquals(Optional.of(known), nearest(longest, "y".repeat(201), known));
        assertEquals(Optional.empty(), nearest(longest, longest + "x".repeat(101)));
    }
}
