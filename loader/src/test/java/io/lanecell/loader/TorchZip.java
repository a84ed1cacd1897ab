package io.lanecell.loader;

import io.lanecell.Weights;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Makes archives like torch.save's. */
final class TorchZip {
    private final Map<String, byte[]> records = new LinkedHashMap<>();
    private final String folder;
    private int method = ZipEntry.STORED;

    TorchZip() {
        this("archive/");
    }

    /** An archive with another folder, or with none. */
    TorchZip(String folder) {
        this.folder = folder;
    }

    static TorchZip of(byte[] pickle) {
        return new TorchZip().with("data.pkl", pickle);
    }

    TorchZip with(String record, byte[] content) {
        records.put(folder + record, content);
        return this;
    }

    /** A record outside torch.save's folder. */
    TorchZip top(String record, byte[] content) {
        records.put(record, content);
        return this;
    }

    TorchZip floats(String key, float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return with("data/" + key, bytes.array());
    }

    TorchZip deflated() {
        method = ZipEntry.DEFLATED;
        return this;
    }

    byte[] bytes() {
        if (method == ZipEntry.STORED) {
            return StoredZip.of(records);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, byte[]> record : records.entrySet()) {
                ZipEntry entry = new ZipEntry(record.getKey());
                entry.setMethod(method);
                zip.putNextEntry(entry);
                zip.write(record.getValue());
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    Weights read() {
        return read(bytes());
    }

    static Weights read(byte[] zip) {
        return new PyTorchZipReader().read(Source.of(Path.of("test.pt"), zip));
    }
}
