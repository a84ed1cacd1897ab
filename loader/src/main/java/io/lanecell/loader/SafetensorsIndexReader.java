package io.lanecell.loader;

import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/**
 * Safetensors in several files with an index, {@code model.safetensors.index.json}, whose {@code weight_map} says which file
 * has which tensor. The files must lie beside the index.
 */
final class SafetensorsIndexReader implements WeightReader {
    static final String MAP = "weight_map";
    private static final int LARGEST = 64 << 20;
    private static final int BYTES_PER_NAME = 160;
    private static final int BYTES_PER_TENSOR = 112;
    private static final int BYTES_PER_TOKEN = 32;
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(16).maxNumberLength(64).build())
            .build();

    @Override
    public Weights read(Source source) {
        Map<String, String> index = index(source);
        Map<String, Weights> shards = new LinkedHashMap<>();
        for (String shard : index.values()) {
            shards.computeIfAbsent(shard, name -> shard(source, name));
        }
        shards.forEach((file, weights) -> {
            for (String name : weights.names()) {
                if (!file.equals(index.get(name))) {
                    throw source.malformed("tensor " + Quote.of(name) + " is in " + Quote.of(file) + " but its " + MAP
                            + (index.containsKey(name) ? " says " + Quote.of(index.get(name)) : " doesn't name it"));
                }
            }
        });
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        index.forEach((name, file) -> {
            if (!shards.get(file).has(name)) {
                throw source.malformed("tensor " + Quote.of(name) + " is not in " + Quote.of(file) + ", where its " + MAP
                        + " says: download that file again");
            }
            tensors.put(name, shards.get(file).get(name));
        });
        source.remark("joined " + shards.size() + " files that the index names");
        return Weights.of(tensors);
    }

    private static Weights shard(Source source, String name) {
        Path parent = source.file().toAbsolutePath().getParent();
        try {
            return new SafetensorsReader().read(Source.read(parent.resolve(name)));
        } catch (InvalidPathException e) {
            throw source.malformed(MAP + " names " + Quote.of(name) + ", which can't be the name of a file");
        }
    }

    private static Map<String, String> index(Source source) {
        if (source.size() > LARGEST) {
            throw source.malformed("has " + source.size() + " bytes, an index has at most " + LARGEST);
        }
        source.charge(source.size(), "the index");
        var utf8 = StandardCharsets.UTF_8.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT).onUnmappableCharacter(CodingErrorAction.REPORT);
        var bytes = new ByteArrayInputStream(source.array(0, (int) source.size()));
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), new InputStreamReader(bytes, utf8))) {
            return index(source, parser);
        } catch (JacksonException e) {
            throw source.malformed("the index is not valid JSON in UTF-8: " + JsonProblem.describe(e));
        }
    }

    private static Map<String, String> index(Source source, JsonParser parser) {
        Map<String, String> index = null;
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw source.malformed("the index is no JSON object");
        }
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = parser.getString();
            source.charge(BYTES_PER_NAME + 3L * key.length(), "the index");
            JsonToken value = parser.nextToken();
            if (!key.equals(MAP)) {
                skip(source, parser);
            } else if (value == JsonToken.START_OBJECT) {
                index = map(source, parser);
            } else {
                throw source.malformed("key " + MAP + " is no JSON object");
            }
        }
        if (parser.nextToken() != null) {
            throw source.malformed("the index has something after its closing brace");
        }
        if (index == null) {
            throw source
                    .malformed("is JSON without the key " + MAP + ", so no index of safetensors files; a model's description is"
                            + " no weight file");
        }
        return index;
    }

    /** Passes over a value, whose names the search for duplicates keeps. */
    private static void skip(Source source, JsonParser parser) {
        int depth = 0;
        for (JsonToken token = parser.currentToken();; token = parser.nextToken()) {
            depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
            if (depth == 0) {
                return;
            }
            source.charge(token == JsonToken.PROPERTY_NAME ? BYTES_PER_NAME + 3L * parser.getStringLength() : BYTES_PER_TOKEN,
                    "the index");
        }
    }

    private static Map<String, String> map(Source source, JsonParser parser) {
        Map<String, String> map = new LinkedHashMap<>();
        Map<String, String> files = new HashMap<>(); // each name once, however many tensors are in the file
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.getString();
            source.charge(BYTES_PER_NAME + BYTES_PER_TENSOR + 3L * name.length(), "the index");
            if (parser.nextToken() != JsonToken.VALUE_STRING) {
                throw source.malformed(MAP + " gives no file's name for tensor " + Quote.of(name));
            }
            String file = fileName(source, name, parser.getString());
            map.put(name, files.computeIfAbsent(file, f -> f));
        }
        return map;
    }

    /** An index may come from a stranger: it may name files in its own folder only. */
    private static String fileName(Source source, String tensor, String file) {
        boolean plain = file.endsWith(".safetensors") && file.length() < 256 && file.charAt(0) != '.'
                && file.chars().noneMatch(c -> c == '/' || c == '\\' || c == ':') && Quote.isPlain(file);
        if (!plain) {
            throw source.refused(MAP + " gives " + Quote.of(file) + " for tensor " + Quote.of(tensor)
                    + ", expected the name of a .safetensors file in the index's own folder");
        }
        return file;
    }
}
