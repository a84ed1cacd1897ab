package io.lanecell.loader;

import io.lanecell.InvalidInputException;
import io.lanecell.InvalidModelException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a model's token indices mean: token i is the i-th string. Immutable. */
public final class Vocabulary {
    /** A word (letters, digits, underscores) or one other character that is no blank. */
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}\\p{M}_]+|[^\\s\\p{L}\\p{N}\\p{M}_]");

    /** How text is cut into tokens. */
    public enum Kind {
        /** One code point a token. */
        CHARACTERS,
        /** Lower-cased words, each punctuation mark a token of its own, blanks dropped. */
        WORDS
    }

    private final Kind kind;
    private final List<String> tokens;
    private final OptionalInt unknown;
    private final Map<String, Integer> indices = new HashMap<>();

    private Vocabulary(Kind kind, List<String> tokens, OptionalInt unknown) {
        this.kind = kind;
        this.tokens = List.copyOf(tokens);
        this.unknown = unknown;
        for (int i = 0; i < tokens.size(); i++) {
            String token = tokens.get(i);
            if (kind == Kind.CHARACTERS && token.codePointCount(0, token.length()) != 1) {
                throw new InvalidModelException("vocabulary token " + i + " is " + Quote.of(token)
                        + ", in a vocabulary of characters each token is one character");
            }
            Integer before = indices.put(token, i);
            if (before != null) {
                throw new InvalidModelException("vocabulary tokens " + before + " and " + i + " are both " + Quote.of(token));
            }
        }
        if (unknown.isPresent() && (unknown.getAsInt() < 0 || unknown.getAsInt() >= tokens.size())) {
            throw new InvalidModelException("the vocabulary's unknown token is " + unknown.getAsInt() + ", expected 0 to "
                    + (tokens.size() - 1));
        }
    }

    /** A vocabulary of single characters (code points), which refuses others. */
    public static Vocabulary ofCharacters(List<String> tokens) {
        return of(Kind.CHARACTERS, tokens, OptionalInt.empty());
    }

    /** A vocabulary of lower-cased words and punctuation marks, with the token that stands for any other word. */
    public static Vocabulary ofWords(List<String> tokens, int unknown) {
        return of(Kind.WORDS, tokens, OptionalInt.of(unknown));
    }

    /**
     * A vocabulary.
     *
     * @param unknown the token that stands for what is not in the vocabulary; without one such text is refused
     * @throws InvalidModelException if a token stands there twice, is no single character where it should be, or unknown is
     *                               out of range
     */
    public static Vocabulary of(Kind kind, List<String> tokens, OptionalInt unknown) {
        return new Vocabulary(kind, tokens, unknown);
    }

    /** How text is cut into tokens. */
    public Kind kind() {
        return kind;
    }

    /** Number of tokens. */
    public int size() {
        return tokens.size();
    }

    /** The tokens in order. */
    public List<String> tokens() {
        return tokens;
    }

    /**
     * The text as token indices.
     *
     * @throws InvalidInputException if part of it is not in the vocabulary, which has no token for unknown text
     */
    public int[] encode(String text) {
        List<String> pieces = kind == Kind.CHARACTERS
                ? text.codePoints().mapToObj(Character::toString).toList()
                : words(text);
        int[] encoded = new int[pieces.size()];
        for (int i = 0; i < encoded.length; i++) {
            Integer index = indices.get(pieces.get(i));
            if (index == null && unknown.isEmpty()) {
                throw new InvalidInputException((kind == Kind.CHARACTERS ? "character " : "word ") + i + " of the text is "
                        + Quote.of(pieces.get(i)) + ", which is not among the vocabulary's " + size() + " tokens: leave it out");
            }
            encoded[i] = index == null ? unknown.getAsInt() : index;
        }
        return encoded;
    }

    /**
     * The text of one token.
     *
     * @throws InvalidInputException if there is no such token
     */
    public String decode(int token) {
        if (token < 0 || token >= tokens.size()) {
            throw new InvalidInputException(
                    "token " + token + " is outside the vocabulary, expected 0 to " + (tokens.size() - 1));
        }
        return tokens.get(token);
    }

    private static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(text.toLowerCase(Locale.ROOT));
        while (matcher.find()) {
            words.add(matcher.group());
        }
        return words;
    }
}
