package io.lanecell.loader;

import io.lanecell.DType;
import io.lanecell.InvalidInputException;
import io.lanecell.Tensor;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JsonEncoding;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes safetensors files, byte for byte as the format's own library lays them out: tensors by alignment of their type,
 * widest first, then by name, behind a header padded with spaces to a multiple of 8 bytes.
 */
public final class SafetensorsWriter {
    /** The order of the reference implementation's list of types, backwards. */
    private static final List<DType> ORDER = List
            .of(DType.I64, DType.F64, DType.F32, DType.I32, DType.BF16, DType.F16, DType.I16, DType.I8, DType.U8, DType.BOOL);
    private static final Comparator<Map.Entry<String, Tensor>> LAYOUT = Comparator
            .comparingInt((Map.Entry<String, Tensor> entry) -> ORDER.indexOf(entry.getValue().dtype()))
            .thenComparing(entry -> entry.getKey().getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);
    private static final JsonFactory JSON = new JsonFactory();

    private SafetensorsWriter() {
    }

    /**
     * Writes the file whole or not at all: on failure what stood there before still stands.
     *
     * @param metadata strings for the header's {@code __metadata__}; empty for none
     * @throws WeightFileException.Unwritable if the system won't let us write there
     * @throws InvalidInputException          if a name can't stand in a safetensors header
     */
    public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
        write(file, tensors, metadata, Progress.NONE);
    }

    /** Likewise, telling how far it has come. */
    public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata, Progress progress) {
        tensors.keySet().forEach(SafetensorsWriter::refuseInvalidText);
        metadata.keySet().forEach(SafetensorsWriter::refuseInvalidText);
        metadata.values().forEach(SafetensorsWriter::refuseInvalidText);
        List<Map.Entry<String, Tensor>> sorted = tensors.entrySet().stream().sorted(LAYOUT).toList();
        byte[] header = header(sorted, metadata);
        long total = header.length + tensors.values().stream().mapToLong(Tensor::byteSize).sum();
        AtomicFile.write(file, total, progress, out -> {
            out.write(header);
            for (Map.Entry<String, Tensor> entry : sorted) {
                AtomicFile.write(out, entry.getValue());
            }
        });
    }

    private static byte[] header(List<Map.Entry<String, Tensor>> tensors, Map<String, String> metadata) {
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        try (JsonGenerator out = JSON.createGenerator(ObjectWriteContext.empty(), json, JsonEncoding.UTF8)) {
            out.writeStartObject();
            if (!metadata.isEmpty()) {
                out.writeName(SafetensorsHeader.METADATA);
                out.writeStartObject();
                new TreeMap<>(metadata).forEach(out::writeStringProperty);
                out.writeEndObject();
            }
            long at = 0;
            for (Map.Entry<String, Tensor> entry : tensors) {
                at = writeEntry(out, entry.getKey(), entry.getValue(), at);
            }
            out.writeEndObject();
        }
        while (json.size() % 8 != 0) {
            json.write(' ');
        }
        return ByteBuffer.allocate(8 + json.size()).order(ByteOrder.LITTLE_ENDIAN).putLong(json.size()).put(json.toByteArray())
                .array();
    }

    /** Half of a surrogate pair has no UTF-8. */
    private static void refuseInvalidText(String text) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new InvalidInputException(
                    "the name or metadata " + Quote.of(text) + " can't be written as UTF-8, it holds half a"
                            + " surrogate pair: rename it");
        }
    }

    private static long writeEntry(JsonGenerator out, String name, Tensor tensor, long begin) {
        if (name.equals(SafetensorsHeader.METADATA)) {
            throw new InvalidInputException("a tensor can't be named " + name + ", which safetensors keeps for the metadata");
        }
        long end = begin + tensor.byteSize();
        out.writeName(name);
        out.writeStartObject();
        out.writeStringProperty("dtype", tensor.dtype().name());
        writeNumbers(out, "shape", Arrays.stream(tensor.shape()).asLongStream().toArray());
        writeNumbers(out, "data_offsets", begin, end);
        out.writeEndObject();
        return end;
    }

    private static void writeNumbers(JsonGenerator out, String key, long... numbers) {
        out.writeName(key);
        out.writeArray(numbers, 0, numbers.length);
    }
}
