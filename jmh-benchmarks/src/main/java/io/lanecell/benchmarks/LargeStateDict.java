package io.lanecell.benchmarks;

import io.lanecell.Tensor;
import io.lanecell.loader.NumpyWriter;
import io.lanecell.loader.SafetensorsWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** The state dict of an LSTM of 2048 units, 128 MB a layer, written in the formats that are timed. */
final class LargeStateDict {
    private static final int HIDDEN = 2048;

    private LargeStateDict() {
    }

    /** Writes it as {@code safetensors}, {@code npz} or {@code pt} (as torch.save does). */
    static Path write(String format, int layers) throws IOException {
        Path file = Files.createTempFile("lanecell-load", "." + format);
        Map<String, Tensor> tensors = tensors(layers);
        switch (format) {
            case "safetensors" -> SafetensorsWriter.write(file, tensors, Map.of());
            case "npz" -> NumpyWriter.write(file, tensors);
            case "pt" -> writePt(file, tensors);
            default -> throw new IllegalArgumentException(format);
        }
        return file;
    }

    private static Map<String, Tensor> tensors(int layers) {
        Random random = new Random(20_261_122);
        float[] values = new float[4 * HIDDEN * HIDDEN];
        for (int i = 0; i < values.length; i++) {
            values[i] = (random.nextFloat() - 0.5f) / 32;
        }
        Tensor matrix = Tensor.of(values, 4 * HIDDEN, HIDDEN);
        Tensor bias = Tensor.of(new float[4 * HIDDEN], 4 * HIDDEN);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (int layer = 0; layer < layers; layer++) {
            tensors.put("weight_ih_l" + layer, matrix);
            tensors.put("weight_hh_l" + layer, matrix);
            tensors.put("bias_ih_l" + layer, bias);
            tensors.put("bias_hh_l" + layer, bias);
        }
        return tensors;
    }

    private static void writePt(Path file, Map<String, Tensor> tensors) throws IOException {
        try (OutputStream out = Files.newOutputStream(file); ZipOutputStream zip = new ZipOutputStream(out)) {
            record(zip, "archive/data.pkl", pickle(tensors));
            int key = 0;
            for (Tensor tensor : tensors.values()) {
                byte[] bytes = new byte[(int) tensor.byteSize()];
                tensor.bytes().asByteBuffer().get(bytes);
                record(zip, "archive/data/" + key++, bytes);
            }
        }
    }

    private static void record(ZipOutputStream zip, String name, byte[] content) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(content);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }

    /** Protocol 2: a dict of tensors, each over a storage of its own. */
    private static byte[] pickle(Map<String, Tensor> tensors) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[]{(byte) 0x80, 2, '}', '('});
        int key = 0;
        for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
            Tensor tensor = entry.getValue();
            text(out, entry.getKey());
            ascii(out, "ctorch._utils\n_rebuild_tensor_v2\n((");
            text(out, "storage");
            ascii(out, "ctorch\nFloatStorage\n");
            text(out, Integer.toString(key++));
            text(out, "cpu");
            numbers(out, tensor.size());
            ascii(out, "tQ");
            numbers(out, 0);
            ascii(out, "(");
            numbers(out, tensor.shape());
            ascii(out, "t(");
            numbers(out, tensor.rank() == 1 ? new int[]{1} : new int[]{tensor.dim(1), 1});
            ascii(out, "t");
            out.write(0x89);
            ascii(out, "ccollections\nOrderedDict\n)RtR");
        }
        ascii(out, "u.");
        return out.toByteArray();
    }

    private static void numbers(ByteArrayOutputStream out, int... numbers) {
        for (int number : numbers) {
            out.writeBytes(ByteBuffer.allocate(5).order(ByteOrder.LITTLE_ENDIAN).put((byte) 'J').putInt(number).array());
        }
    }

    private static void text(ByteArrayOutputStream out, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.writeBytes(ByteBuffer.allocate(5).order(ByteOrder.LITTLE_ENDIAN).put((byte) 'X').putInt(utf8.length).array());
        out.writeBytes(utf8);
    }

    private static void ascii(ByteArrayOutputStream out, String text) {
        out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }
}
