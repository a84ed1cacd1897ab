package io.lanecell.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lanecell.Tensor;
import io.lanecell.loader.JsonFile;
import io.lanecell.loader.SafetensorsWriter;
import io.lanecell.loader.WeightFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import tools.jackson.databind.JsonNode;

/**
 * A golden case of real use's size, whose weights and input come from a formula in its config.json (field {@code rule}):
 * SplitMix64 over the element's number, its upper 24 bits scaled to [-scale, scale).
 */
final class FormulaCase {
    private FormulaCase() {
    }

    /** Makes the whole case from the golden folder. */
    static Path write(Path golden, Path folder) {
        Shared.copy(golden, folder);
        JsonNode config = JsonFile.read(golden.resolve("config.json"));
        JsonNode formula = config.get("formula");
        long seed = formula.get("seed").asLong();
        Map<String, Tensor> weights = new LinkedHashMap<>();
        int number = 0;
        for (JsonNode described : formula.get("tensors")) {
            Tensor tensor = tensor(seed, number++, formula.get("scale").asDouble(), shape(described.get("shape")));
            checkAgainst(described, tensor);
            weights.put(described.get("name").asString(), tensor);
        }
        SafetensorsWriter.write(folder.resolve("weights.safetensors"), weights, Map.of());

        Map<String, Tensor> io = new LinkedHashMap<>(WeightFile.load(golden.resolve("io.safetensors")).tensors());
        io.put("input", tensor(seed, formula.get("input_tensor_number").asInt(), formula.get("input_scale").asDouble(),
                config.get("batch").asInt(), config.get("seq_len").asInt(), config.get("args").get("input_size").asInt()));
        SafetensorsWriter.write(folder.resolve("io.safetensors"), io, Map.of());
        return folder;
    }

    private static int[] shape(JsonNode extents) {
        int[] shape = new int[extents.size()];
        for (int d = 0; d < shape.length; d++) {
            shape[d] = extents.get(d).asInt();
        }
        return shape;
    }

    private static void checkAgainst(JsonNode described, Tensor tensor) {
        CRC32 crc = new CRC32();
        crc.update(tensor.bytes().asByteBuffer());
        assertEquals(described.get("crc32").asLong(), crc.getValue(), described.get("name")::asString);
    }

    private static Tensor tensor(long seed, int number, double scale, int... shape) {
        int size = 1;
        for (int extent : shape) {
            size *= extent;
        }
        float[] values = new float[size];
        for (int j = 0; j < size; j++) {
            long z = ((seed * 1000 + number) << 32) + j + 0x9E3779B97F4A7C15L;
            z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
            z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
            z ^= z >>> 31;
            values[j] = (float) (((z >>> 40) - 0x1p23) / 0x1p23 * scale);
        }
        return Tensor.of(values, shape);
    }
}
