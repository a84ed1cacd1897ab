package io.lanecell.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lanecell.Model;
import java.util.List;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class TranslateNumberWordsTest {
    private final Sample sample = Sample.of("seq2seq");
    private final Model model = sample.file().model();

    @Test
    void theNumbersOfTheCaseAreTranslatedAsPyTorchDoes() {
        JsonNode numbers = sample.json("training.json").get("numbers_of_the_case");
        for (int n = 0; n < numbers.size(); n++) {
            StringJoiner words = new StringJoiner(" ");
            for (int token : sample.tokens(n)) {
                words.add(sample.vocabulary().decode(token));
            }
            assertEquals(String.valueOf(numbers.get(n).asInt()),
                    TranslateNumberWords.digits(sample.file(), model, words.toString()), words.toString());
        }
    }

    @Test
    void theProgramTranslatesItsExample() {
        assertEquals(List.of("9364"), sample.printedBy(TranslateNumberWords::main));
    }
}
