package io.lanecell.loader;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.InvalidInputException;
import io.lanecell.InvalidModelException;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class VocabularyTest {
    @Test
    void charactersAreCodePoints() {
        Vocabulary vocabulary = Vocabulary.ofCharacters(List.of("a", "\n", "😀"));
        assertArrayEquals(new int[]{0, 2, 1, 0}, vocabulary.encode("a😀\na"));
        assertArrayEquals(new int[0], vocabulary.encode(""));
        assertEquals("😀", vocabulary.decode(2));
        assertEquals(3, vocabulary.size());
        assertEquals(Vocabulary.Kind.CHARACTERS, vocabulary.kind());
    }

    @Test
    void aCharacterOutsideTheVocabularyIsNamedWithItsPlace() {
        String message = assertThrows(InvalidInputException.class, () -> Vocabulary.ofCharacters(List.of("a")).encode("aab"))
                .getMessage();
        assertTrue(message.contains("character 2") && message.contains("'b'"), message);
    }

    @Test
    void aCharacterVocabularyMayHaveAnUnknownToken() {
        Vocabulary vocabulary = Vocabulary.of(Vocabulary.Kind.CHARACTERS, List.of("?", "a"), OptionalInt.of(0));
        assertArrayEquals(new int[]{1, 0}, vocabulary.encode("az"));
    }

    @Test
    void wordsAreLowerCasedAndPunctuationStandsApart() {
        Vocabulary vocabulary = Vocabulary.ofWords(List.of("<pad>", "<unk>", "the", "work", ",", ".", "größe", "2"), 1);
        assertArrayEquals(new int[]{2, 3, 4, 2, 1, 5, 5}, vocabulary.encode("The work,  the\tcovered.."));
        assertArrayEquals(new int[]{6, 7, 1}, vocabulary.encode("GRÖSSE".replace("SS", "ß") + " 2 2a"));
        assertEquals("the", vocabulary.decode(2));
    }

    @Test
    void tokensOutsideTheVocabularyCantBeDecoded() {
        Vocabulary vocabulary = Vocabulary.ofCharacters(List.of("a"));
        assertTrue(assertThrows(InvalidInputException.class, () -> vocabulary.decode(1)).getMessage().contains("token 1"));
        assertTrue(assertThrows(InvalidInputException.class, () -> vocabulary.decode(-1)).getMessage().contains("0 to 0"));
    }

    @Test
    void impossibleVocabulariesAreRefused() {
        assertSays("tokens 0 and 2 are both 'a'", () -> Vocabulary.ofCharacters(List.of("a", "b", "a")));
        assertSays("token 1 is 'bc'", () -> Vocabulary.ofCharacters(List.of("a", "bc")));
        assertSays("token 0 is ''", () -> Vocabulary.ofCharacters(List.of("")));
        assertSays("unknown token is 2, expected 0 to 1", () -> Vocabulary.ofWords(List.of("a", "b"), 2));
        assertSays("unknown token is -1", () -> Vocabulary.ofWords(List.of("a", "b"), -1));
    }

    private static void assertSays(String words, Runnable making) {
        String message = assertThrows(InvalidModelException.class, making::run).getMessage();
        assertTrue(message.contains(words), message);
    }
}
