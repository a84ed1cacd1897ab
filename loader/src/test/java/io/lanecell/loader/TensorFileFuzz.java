package io.lanecell.loader;

import io.lanecell.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Safetensors, alone and with an index, and NumPy's formats: any header with the right length, and well-formed headers. */
final class TensorFileFuzz {
    private static final int DATA = 40;
    private static final List<String> HEADERS = List.of("{}",
            "{\"w\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},\"b\":{\"dtype\":\"F16\",\"shape\":[8],"
                    + "\"data_offsets\":[24,40]},\"__metadata__\":{\"format\":\"pt\"}}",
            "{\"z\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]},\"y\":{\"dtype\":\"U8\",\"shape\":[0,3],"
                    + "\"data_offsets\":[8,8]},\"x\":{\"dtype\":\"BF16\",\"shape\":[4,4],\"data_offsets\":[8,40],\"more\":[{}]}}");
    private static final List<String> WORDS = List.of("w", "dtype", "shape", "data_offsets", "__metadata__", "F32", "F64", "I8",
            "F8_E4M3", "BOOL", "", "a\u0000\nb", "\ud800", "weight_map", "1.safetensors", "2.safetensors", "../1.safetensors",
            "cut.safetensors", "absent.safetensors", "a", "b");
    private static final List<String> TYPES = List.of("<f4", "<f8", ">f4", "<f2", ">i2", "|u1", "|b1", "<i8", "|O", "<U3", "=f4",
            "f4", ">", "");

    private TensorFileFuzz() {
    }

    static FuzzTarget safetensors() {
        List<JsonNode> headers = HEADERS.stream().map(JsonFile::parse).toList();
        List<byte[]> files = new ArrayList<>();
        HEADERS.forEach(header -> files.add(withHeader(header.getBytes(StandardCharsets.UTF_8), DATA)));
        files.addAll(FuzzSeeds.golden("formats/safetensors", name -> name.endsWith(".safetensors")));
        return new FuzzTarget("safetensors", 24, 4096, FuzzSeeds::read,
                List.of(choices -> withHeader(choices.rest(), DATA), choices -> withHeader(
                        JsonDamage.of(headers, WORDS, choices).toString().getBytes(StandardCharsets.UTF_8),
                        choices.oneIn(8) ? choices.below(100) : DATA), choices -> Damage.of(files, choices),
                        choices -> withHeader(Repeated.json(choices), 0)),
                files);
    }

    private static byte[] withHeader(byte[] header, int data) {
        return ByteBuffer.allocate(8 + header.length + data).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).put(header)
                .array();
    }

    static FuzzTarget index() {
        SafetensorsWriter.write(FuzzSeeds.beside("1.safetensors"), Map.of("a", Tensor.of(new float[]{1}, 1)), Map.of());
        SafetensorsWriter.write(FuzzSeeds.beside("2.safetensors"), Map.of("b", Tensor.of(new float[]{2}, 1)), Map.of());
        write("cut.safetensors", withHeader(new byte[9], 0));
        List<String> indices = List.of("{\"weight_map\":{\"a\":\"1.safetensors\",\"b\":\"2.safetensors\"}}",
                "{\"metadata\":{\"total_size\":8,\"x\":[{}]},\"weight_map\":{\"b\":\"2.safetensors\"}}");
        List<JsonNode> trees = indices.stream().map(JsonFile::parse).toList();
        return new FuzzTarget("safetensors-index", 8, 2048, FuzzSeeds::read,
                List.of(choices -> JsonDamage.of(trees, WORDS, choices).toString().getBytes(StandardCharsets.UTF_8),
                        Repeated::json),
                indices.stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList());
    }

    static void write(String name, byte[] content) {
        try {
            Files.write(FuzzSeeds.beside(name), content);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    static FuzzTarget npy() {
        List<byte[]> files = List.of(npy(1, "<f4", "False", "(2, 3)", 24), npy(2, ">f8", "True", "(1, 3)", 24),
                npy(3, "|b1", "True", "(2L, 3, 4,)", 24));
        return new FuzzTarget("npy", 20, 2048, FuzzSeeds::read,
                List.of(choices -> npy(1, choices.rest(), 24), TensorFileFuzz::npy, choices -> Damage.of(files, choices)), files);
    }

    static FuzzTarget npz() {
        List<byte[]> files = List.of(npz(npy(1, "<f4", "False", "(2, 3)", 24), false),
                npz(npy(1, "<f4", "True", "(2, 3)", 24), true));
        return new FuzzTarget("npz", 14, 2048, FuzzSeeds::read,
                List.of(choices -> npz(choices.rest(), false), choices -> npz(npy(choices), choices.oneIn(2)),
                        choices -> Checksums.ofZip(Damage.of(files, choices)), choices -> Checksums.ofZip(choices.rest())),
                files);
    }

    private static byte[] npz(byte[] array, boolean deflated) {
        TorchZip zip = new TorchZip().with("w.npy", array).with("b.npy", npy(1, "<i2", "False", "(3,)", 6));
        return deflated ? zip.deflated().bytes() : zip.bytes();
    }

    /** A header in the right form, with data of mostly the right size. */
    private static byte[] npy(Choices choices) {
        StringBuilder shape = new StringBuilder("(");
        int rank = choices.below(4);
        long elements = 1;
        for (int i = 0; i < rank; i++) {
            long extent = choices.oneIn(10) ? choices.number() : choices.below(4);
            elements *= extent;
            shape.append(extent).append(choices.oneIn(16) ? "L" : "").append(i < rank - 1 ? ", " : rank == 1 ? "," : "");
        }
        String type = choices.of(TYPES);
        int width = type.endsWith("8") ? 8 : type.endsWith("4") ? 4 : type.endsWith("2") ? 2 : 1;
        int data = choices.oneIn(8) ? choices.below(64) : Math.clamp(elements * width, 0, 4096);
        return npy(1 + choices.below(choices.oneIn(8) ? 5 : 3), type, choices.of(List.of("False", "True", "false")),
                shape.append(")").toString(), data);
    }

    private static byte[] npy(int version, String type, String fortran, String shape, int data) {
        String header = "{'descr': '" + type + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }\n";
        return npy(version, header.getBytes(StandardCharsets.US_ASCII), data);
    }

    private static byte[] npy(int version, byte[] header, int data) {
        ByteBuffer out = ByteBuffer.allocate(8 + (version == 1 ? 2 : 4) + header.length + data).order(ByteOrder.LITTLE_ENDIAN);
        out.put(NumpyHeader.MAGIC).put((byte) version).put((byte) 0);
        if (version == 1) {
            out.putShort((short) header.length);
        } else {
            out.putInt(header.length);
        }
        return out.put(header).array();
    }
}
