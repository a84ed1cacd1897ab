package io.lanecell.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.Model;
import io.lanecell.Sampler;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class GenerateTextTest {
    private final Sample sample = Sample.of("char-lm");
    private final Model model = sample.file().model();

    private String continuation(String prompt, int length, Sampler sampler) {
        return GenerateText.continuation(model, sample.vocabulary(), prompt, length, sampler);
    }

    @Test
    void theLikeliestCharactersAreThoseThatPyTorchContinuesWith() {
        for (JsonNode expected : sample.json("generations.json").get("generations")) {
            int length = expected.get("steps").asInt();
            assertEquals(expected.get("greedy").asString(),
                    continuation(expected.get("prompt").asString(), length, Sampler.greedy()));
        }
    }

    @Test
    void aSeedGivesItsTextAgainAndAnotherSeedAnother() {
        int characters = model.outputSize();
        String text = continuation("This ", 120, Sampler.random(characters, 0.8, 20, 0.95, 1));
        assertEquals(text, continuation("This ", 120, Sampler.random(characters, 0.8, 20, 0.95, 1)));
        assertNotEquals(text, continuation("This ", 120, Sampler.random(characters, 0.8, 20, 0.95, 2)));
    }

    @Test
    void amongOneCharacterAndNearTemperatureZeroTheDrawIsTheLikeliest() {
        int characters = model.outputSize();
        String likeliest = continuation("The ", 80, Sampler.greedy());
        assertEquals(likeliest, continuation("The ", 80, Sampler.random(characters, 1, 1, 1, 3)));
        assertEquals(likeliest, continuation("The ", 80, Sampler.random(characters, 1, 0, 1e-9, 3)));
        assertEquals(likeliest, continuation("The ", 80, Sampler.random(characters, 1e-6, 0, 1, 3)));
    }

    @Test
    void theProgramPrintsThePromptAnd300Characters() {
        String text = String.join("\n", sample.printedBy(GenerateText::main));
        assertTrue(text.startsWith("The license "), text);
        assertEquals("The license ".length() + 300, text.length(), 1, "a line end may be the last character");
    }
}
