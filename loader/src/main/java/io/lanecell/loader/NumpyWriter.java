package io.lanecell.loader;

import io.lanecell.InvalidInputException;
import io.lanecell.Tensor;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes {@code .npz} files as {@code numpy.savez} does: an uncompressed zip archive with an {@code .npy} for each tensor. */
public final class NumpyWriter {
    private static final int ALIGNMENT = 64;
    /** Zip's earliest time, in its own local calendar, so that equal tensors give equal files. */
    private static final LocalDateTime EPOCH = LocalDateTime.of(1980, 1, 1, 0, 0);

    private NumpyWriter() {
    }

    /**
     * Writes the file whole or not at all: on failure what stood there before still stands.
     *
     * @throws WeightFileException.Unwritable if the system won't let us write there
     * @throws InvalidInputException          if a tensor has a type that NumPy lacks, or a name that can't stand in a zip archive
     */
    public static void write(Path file, Map<String, Tensor> tensors) {
        write(file, tensors, Progress.NONE);
    }

    /** Likewise, telling how far it has come. */
    public static void write(Path file, Map<String, Tensor> tensors, Progress progress) {
        tensors.forEach(NumpyWriter::check);
        long total = tensors.values().stream().mapToLong(Tensor::byteSize).sum();
        AtomicFile.write(file, total, progress, out -> {
            try (ZipOutputStream zip = new ZipOutputStream(new Unclosed(out))) {
                for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
                    write(zip, entry.getKey(), entry.getValue());
                }
            }
        });
    }

    private static void check(String name, Tensor tensor) {
        if (NumpyHeader.describe(tensor.dtype()) == null) {
            throw new InvalidInputException("tensor " + Quote.of(name) + " is " + tensor.dtype()
                    + ", a type that NumPy lacks: convert it to f32 or f16, or write safetensors");
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(name) || name.getBytes(StandardCharsets.UTF_8).length > 60_000) {
            throw new InvalidInputException("the name " + Quote.of(name) + " can't stand in a zip archive, rename the tensor");
        }
    }

    private static void write(ZipOutputStream zip, String name, Tensor tensor) throws IOException {
        byte[] header = header(tensor);
        Summing sum = new Summing();
        sum.write(header, 0, header.length);
        AtomicFile.write(sum, tensor);
        ZipEntry entry = new ZipEntry(name + NumpyReader.ENDING);
        entry.setMethod(ZipEntry.STORED);
        entry.setTimeLocal(EPOCH);
        entry.setSize(header.length + tensor.byteSize());
        entry.setCrc(sum.crc.getValue());
        zip.putNextEntry(entry);
        zip.write(header);
        AtomicFile.write(zip, tensor);
        zip.closeEntry();
    }

    /** Version 1.0, padded with spaces so that the elements are aligned. */
    private static byte[] header(Tensor tensor) {
        String extents = Arrays.stream(tensor.shape()).mapToObj(Integer::toString).collect(Collectors.joining(", "));
        String shape = "(" + extents + (tensor.rank() == 1 ? "," : "") + ")";
        String dict = "{'descr': '" + NumpyHeader.describe(tensor.dtype()) + "', 'fortran_order': False, 'shape': " + shape
                + ", }";
        int start = NumpyHeader.MAGIC.length + 4;
        int padding = Math.floorMod(-(start + dict.length() + 1), ALIGNMENT);
        byte[] text = (dict + " ".repeat(padding) + "\n").getBytes(StandardCharsets.US_ASCII);
        byte[] header = Arrays.copyOf(NumpyHeader.MAGIC, start + text.length);
        header[6] = 1;
        header[8] = (byte) text.length;
        header[9] = (byte) (text.length >> 8);
        System.arraycopy(text, 0, header, start, text.length);
        return header;
    }

    /** Takes a checksum instead of writing, because a zip record's stands before it. */
    private static final class Summing extends OutputStream {
        private final CRC32 crc = new CRC32();

        @Override
        public void write(int b) {
            crc.update(b);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            crc.update(bytes, offset, length);
        }
    }

    /** Whose end isn't the file's end. */
    private static final class Unclosed extends FilterOutputStream {
        private Unclosed(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }
}
