package io.lanecell.loader;

import io.lanecell.DType;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/**
 * Parses the JSON header of a safetensors file into what it says of each tensor, and checks nothing but its form. On the way of a
 * good file, here and in {@link SafetensorsReader}, no lambda is made and no text joined: in a young JVM each first one takes
 * milliseconds of the time to the first output.
 */
final class SafetensorsHeader {
    /** Key of the header that holds strings about the file rather than a tensor. */
    static final String METADATA = "__metadata__";

    /**
     * What the header says of one tensor.
     *
     * @param begin offset of the first byte after the header
     * @param end   offset after the last byte
     */
    record Entry(String name, DType dtype, int[] shape, long begin, long end) implements Comparable<Entry> {
        /** By their place in the file. */
        @Override
        public int compareTo(Entry other) {
            return begin != other.begin ? Long.compare(begin, other.begin) : Long.compare(end, other.end);
        }
    }

    /** As many dimensions as a PyTorch tensor can have. */
    static final int MAX_RANK = 64;

    /** Types that the format defines and {@link DType} lacks. */
    private static final Set<String> UNSUPPORTED = Set
            .of("F4", "F6_E2M3", "F6_E3M2", "F8_E4M3", "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "U16", "U32", "U64",
                    "C64");

    /** Bytes that Jackson allocates for a token at most: for a name also a place in the set that finds duplicates. */
    private static final int BYTES_PER_NAME = 160;
    private static final int BYTES_PER_STRING = 96;
    private static final int BYTES_PER_OTHER_TOKEN = 32;

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            // A table of all names would only be built for the next file.
            .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(16).maxNumberLength(32).build())
            .build();

    private final Source source;
    private final JsonParser parser;
    private final List<Entry> entries = new ArrayList<>();

    private SafetensorsHeader(Source source, JsonParser parser) {
        this.source = source;
        this.parser = parser;
    }

    /** The tensors of a header, in its order. */
    static List<Entry> parse(Source source, byte[] json) {
        var utf8 = StandardCharsets.UTF_8.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT).onUnmappableCharacter(CodingErrorAction.REPORT);
        var reader = new InputStreamReader(new ByteArrayInputStream(json), utf8);
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), reader)) {
            SafetensorsHeader header = new SafetensorsHeader(source, parser);
            header.object();
            return header.entries;
        } catch (JacksonException e) {
            throw source.malformed("the header is not valid JSON in UTF-8: " + JsonProblem.describe(e));
        }
    }

    private JsonToken next() {
        JsonToken token = parser.nextToken();
        long bytes = BYTES_PER_OTHER_TOKEN;
        if (token == JsonToken.PROPERTY_NAME) {
            bytes = BYTES_PER_NAME + 3L * parser.getStringLength();
        } else if (token == JsonToken.VALUE_STRING) {
            bytes = BYTES_PER_STRING + 3L * parser.getStringLength();
        }
        source.charge(bytes, "the header");
        return token;
    }

    private void object() {
        expect(next(), JsonToken.START_OBJECT, null, "the header");
        while (next() == JsonToken.PROPERTY_NAME) {
            String name = parser.getString();
            if (name.equals(METADATA)) {
                metadata();
            } else {
                entries.add(entry(name));
            }
        }
        if (next() != null) {
            throw source.malformed("the header has something after its closing brace");
        }
    }

    private void metadata() {
        expect(next(), JsonToken.START_OBJECT, null, METADATA);
        while (next() == JsonToken.PROPERTY_NAME) {
            String key = parser.getString();
            if (next() != JsonToken.VALUE_STRING) {
                expect(parser.currentToken(), JsonToken.VALUE_STRING, null, METADATA + " key " + Quote.of(key));
            }
        }
    }

    private Entry entry(String name) {
        expect(next(), JsonToken.START_OBJECT, name, "");
        DType dtype = null;
        List<Long> shape = null;
        List<Long> offsets = null;
        while (next() == JsonToken.PROPERTY_NAME) {
            switch (parser.getString()) {
                case "dtype" -> dtype = dtype(name);
                case "shape" -> shape = numbers(name, ": shape", MAX_RANK);
                case "data_offsets" -> offsets = numbers(name, ": data_offsets", 2);
                default -> skipValue(); // the format's own reader ignores other keys
            }
        }
        if (dtype == null || shape == null || offsets == null) {
            String missing = dtype == null ? "dtype" : shape == null ? "shape" : "data_offsets";
            throw source.malformed(where(name, "") + " has no " + missing + ", expected dtype, shape and data_offsets");
        }
        if (offsets.size() != 2) {
            throw source.malformed(where(name, ": data_offsets") + " has " + offsets.size() + " numbers, expected 2");
        }
        return new Entry(name, dtype, extents(name, shape), offsets.get(0), offsets.get(1));
    }

    private DType dtype(String name) {
        expect(next(), JsonToken.VALUE_STRING, name, ": dtype");
        String given = parser.getString();
        for (DType dtype : DType.values()) {
            if (dtype.name().equals(given)) {
                return dtype;
            }
        }
        if (UNSUPPORTED.contains(given)) {
            throw source.unsupported(where(name, "") + " has dtype " + given + ", which is not read: save it as one of "
                    + List.of(DType.values()));
        }
        throw source.malformed(
                where(name, "") + " has the unknown dtype " + Quote.of(given) + ", known are " + List.of(DType.values()));
    }

    private List<Long> numbers(String name, String part, int most) {
        expect(next(), JsonToken.START_ARRAY, name, part);
        List<Long> numbers = new ArrayList<>();
        while (next() != JsonToken.END_ARRAY) {
            if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
                throw source.malformed(where(name, part) + " holds " + Quote.of(parser.getString())
                        + " where a whole number is expected");
            }
            if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER || parser.getLongValue() < 0) {
                throw source.malformed(where(name, part) + " holds " + Quote.of(parser.getString())
                        + ", expected a number from 0 to 2^63 - 1");
            }
            if (numbers.size() == most) {
                throw source.malformed(where(name, part) + " has more than " + most + " numbers");
            }
            numbers.add(parser.getLongValue());
        }
        return numbers;
    }

    private int[] extents(String name, List<Long> shape) {
        int[] extents = new int[shape.size()];
        for (int i = 0; i < extents.length; i++) {
            if (shape.get(i) > Integer.MAX_VALUE) {
                throw source.malformed(where(name, "") + " has shape " + shape + ", an extent is at most " + Integer.MAX_VALUE);
            }
            extents[i] = shape.get(i).intValue();
        }
        return extents;
    }

    private void skipValue() {
        int depth = 0;
        do {
            JsonToken token = next();
            depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        } while (depth > 0);
    }

    /** @param name the tensor, or null where {@code part} is of the header itself */
    private void expect(JsonToken actual, JsonToken expected, String name, String part) {
        if (actual != expected) {
            throw source.malformed(where(name, part) + " is " + (actual == null ? "missing" : describe(actual)) + " where "
                    + describe(expected) + " is expected");
        }
    }

    private static String where(String name, String part) {
        return name == null ? part : "tensor " + Quote.of(name) + part;
    }

    private static String describe(JsonToken token) {
        return switch (token) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "an array";
            case VALUE_STRING -> "a string";
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
            case VALUE_NULL -> "null";
            default -> "true or false";
        };
    }
}
