package io.lanecell.loader;

import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads small JSON files: model.json and config.json. */
public final class JsonFile {
    private static final int LARGEST = 16 << 20;
    private static final int DEEPEST = 64;
    /** Each costs some 100 bytes as a tree; the largest vocabularies have a few hundred thousand. */
    private static final int MOST_VALUES = 400_000;
    private static final char BYTE_ORDER_MARK = 0xfeff;

    private static final JsonMapper MAPPER = JsonMapper
            .builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    // Python's json.dump writes NaN and Infinity.
                    .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                    .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEEPEST).maxNumberLength(64)
                            .maxTokenCount(MOST_VALUES).build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private JsonFile() {
    }

    /**
     * Reads a JSON file of at most 16 MB and 64 levels, in UTF-8, without repeated keys.
     *
     * @throws ModelFileException if it can't be read or is not such a file
     */
    public static JsonNode read(Path file) {
        return parse(file, readSource(file).bytes().toArray(ValueLayout.JAVA_BYTE));
    }

    /** Parses a file's bytes. */
    static JsonNode parse(Path file, byte[] bytes) {
        String text = utf8(file, bytes);
        try {
            JsonNode node = MAPPER.readTree(text);
            if (node.isMissingNode()) {
                throw new ModelFileException(file, "is empty, a JSON object is expected");
            }
            return node;
        } catch (JacksonException e) {
            throw new ModelFileException(file, "is not valid JSON: " + JsonProblem.describe(e));
        }
    }

    private static String utf8(Path file, byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer text = CharBuffer.allocate(bytes.length);
        if (StandardCharsets.UTF_8.newDecoder().decode(in, text, true).isError()) {
            throw new ModelFileException(file,
                    "is not UTF-8 text, byte " + in.position() + " is part of no character: save it as UTF-8");
        }
        text.flip();
        // Editors on Windows begin a file with this mark.
        return !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK
                ? text.subSequence(1, text.length()).toString()
                : text.toString();
    }

    /** Parses text that stands inside another file. */
    static JsonNode parse(String text) {
        return MAPPER.readTree(text);
    }

    private static Source readSource(Path file) {
        Source source;
        try {
            source = Source.readFirst(file, LARGEST + 1);
        } catch (WeightFileException e) {
            throw new ModelFileException(file, e);
        }
        if (source.size() > LARGEST) {
            throw new ModelFileException(file, "has more than " + LARGEST + " bytes, too many for a description of a model");
        }
        return source;
    }
}
