package io.lanecell.loader;

import io.lanecell.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

/**
 * A JSON file of many numbers: objects as maps, nested arrays of numbers as {@link Numbers}, other arrays as lists, a number as
 * a double, text as a string; true, false and null as null. What it takes is charged to the file.
 */
final class JsonTree {
    private static final int DEEPEST = 64;
    private static final int BYTES_PER_VALUE = 96;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEEPEST).maxNumberLength(64).build())
            .build();

    /** An array of numbers, row-major. */
    record Numbers(int[] shape, float[] values) {
        Tensor tensor() {
            return Tensor.of(values, shape);
        }
    }

    private final Source source;
    private final JsonParser in;

    private JsonTree(Source source, JsonParser in) {
        this.source = source;
        this.in = in;
    }

    /** The object that the file is. */
    static Map<String, Object> read(Source source) {
        try (JsonParser in = FACTORY.createParser(ObjectReadContext.empty(), new SegmentStream(source.bytes()))) {
            JsonTree tree = new JsonTree(source, in);
            if (in.nextToken() != JsonToken.START_OBJECT) {
                throw source.malformed("is JSON but no object {…}");
            }
            Map<String, Object> root = tree.object();
            if (in.nextToken() != null) {
                throw source.malformed("has something after its JSON object");
            }
            return root;
        } catch (JacksonException e) {
            String problem = JsonProblem.describe(e);
            throw problem.contains("end-of-input")
                    ? source.truncated("ends within its JSON: " + problem)
                    : source.malformed("is not valid JSON in UTF-8: " + problem);
        }
    }

    private Map<String, Object> object() {
        Map<String, Object> map = new LinkedHashMap<>();
        while (in.nextToken() != JsonToken.END_OBJECT) {
            String key = in.currentName();
            source.charge(2 * BYTES_PER_VALUE + 4L * key.length(), "the JSON");
            in.nextToken();
            map.put(key, value());
        }
        return map;
    }

    private Object value() {
        return switch (in.currentToken()) {
            case START_OBJECT -> object();
            case START_ARRAY -> array();
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> in.getDoubleValue();
            case VALUE_STRING -> {
                String text = in.getString();
                source.charge(4L * text.length(), "the JSON");
                yield text;
            }
            default -> null;
        };
    }

    private Object array() {
        float[] numbers = new float[8];
        int count = 0;
        List<Object> values = new ArrayList<>();
        while (in.nextToken() != JsonToken.END_ARRAY) {
            boolean number = in.currentToken().isNumeric();
            if (number && values.isEmpty()) {
                if (count == numbers.length) {
                    source.charge(8L * count, "the JSON's numbers");
                    numbers = Arrays.copyOf(numbers, Math.multiplyExact(2, count));
                }
                numbers[count++] = in.getFloatValue();
            } else {
                // Numbers and something else: no weights, but a value like any other.
                for (int i = 0; i < count; i++) {
                    add(values, (double) numbers[i]);
                }
                count = 0;
                add(values, value());
            }
        }
        if (values.isEmpty()) {
            source.charge(BYTES_PER_VALUE, "the JSON");
            return new Numbers(new int[]{count}, Arrays.copyOf(numbers, count));
        }
        return joined(values);
    }

    private void add(List<Object> values, Object value) {
        source.charge(BYTES_PER_VALUE, "the JSON");
        values.add(value);
    }

    /** Arrays of one shape make an array of one more dimension. */
    private Object joined(List<Object> values) {
        if (!(values.getFirst() instanceof Numbers first)) {
            return values;
        }
        for (Object value : values) {
            if (!(value instanceof Numbers numbers) || !Arrays.equals(numbers.shape, first.shape)) {
                return values;
            }
        }
        int size = first.values.length;
        long all = (long) size * values.size();
        source.charge(4 * all, "the JSON's numbers");
        float[] joined = new float[Math.toIntExact(all)];
        int[] shape = new int[first.shape.length + 1];
        shape[0] = values.size();
        System.arraycopy(first.shape, 0, shape, 1, first.shape.length);
        for (int i = 0; i < values.size(); i++) {
            System.arraycopy(((Numbers) values.get(i)).values, 0, joined, i * size, size);
        }
        return new Numbers(shape, joined);
    }
}
