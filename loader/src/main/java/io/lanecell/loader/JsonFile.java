package io.lanecell.loader;

import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.lang.foreign.ValueLayout;
import java.nio.charset.CodingErrorAction;
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

    private static final JsonMapper MAPPER = JsonMapper
            .builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    // Python's json.dump writes NaN and Infinity.
                    .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                    .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEEPEST).maxNumberLength(64).build())
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
        Source source = readSource(file);
        var utf8 = StandardCharsets.UTF_8.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT).onUnmappableCharacter(CodingErrorAction.REPORT);
        byte[] bytes = source.bytes().toArray(ValueLayout.JAVA_BYTE);
        try {
            JsonNode node = MAPPER.readTree(new InputStreamReader(new ByteArrayInputStream(bytes), utf8));
            if (node.isMissingNode()) {
                throw new ModelFileException(file, "is empty, a JSON object is expected");
            }
            return node;
        } catch (JacksonException e) {
            throw new ModelFileException(file, "is not valid JSON in UTF-8: " + JsonProblem.describe(e));
        }
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
