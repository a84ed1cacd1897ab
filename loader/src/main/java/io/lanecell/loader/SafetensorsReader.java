package io.lanecell.loader;

import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The safetensors format: the header's length (8 bytes, little-endian), a JSON header, the tensors' bytes. The rules are
 * those of the format's own reader: the tensors cover the rest of the file exactly, without overlap and without a gap.
 */
final class SafetensorsReader implements WeightReader {
    /** The reference reader's cap. */
    private static final long LONGEST_HEADER = 100_000_000;
    /** Objects that stand for one tensor: the tensor, its shape, its segment, its place in the map. */
    private static final int BYTES_PER_TENSOR = 512;

    @Override
    public Weights read(Source source) {
        if (source.size() < 8) {
            throw source.truncated("has " + source.size() + " bytes, a safetensors file begins with 8 bytes of header length");
        }
        long length = source.i64(0);
        if (length < 0 || length > LONGEST_HEADER) {
            throw source.malformed("the header's length is given as " + Long.toUnsignedString(length) + " bytes, at most "
                    + LONGEST_HEADER + " are allowed");
        }
        if (length > source.size() - 8) {
            throw source.truncated("the header's length is given as " + length + " bytes but only " + (source.size() - 8)
                    + " follow");
        }
        source.charge(length, "the header");
        byte[] json = source.array(8, (int) length);
        List<SafetensorsHeader.Entry> entries = SafetensorsHeader.parse(source, json);
        ByteRange data = source.content().slice(8 + length, source.size() - 8 - length);
        checkCoverage(source, entries, data.size());
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (SafetensorsHeader.Entry entry : entries) {
            source.charge(BYTES_PER_TENSOR, "the list of tensors");
            checkSize(source, entry);
            ByteRange bytes = data.slice(entry.begin(), entry.end() - entry.begin());
            tensors.put(entry.name(), bytes.tensor(entry.dtype(), entry.shape()));
        }
        return Weights.of(tensors);
    }

    private static void checkCoverage(Source source, List<SafetensorsHeader.Entry> entries, long size) {
        List<SafetensorsHeader.Entry> sorted = new ArrayList<>(entries);
        Collections.sort(sorted);
        long covered = 0;
        for (SafetensorsHeader.Entry entry : sorted) {
            if (entry.end() < entry.begin()) {
                throw source.malformed(offsets(entry) + "end before they begin");
            }
            if (entry.end() > size) {
                throw source.truncated(offsets(entry) + "reach past the end of the data, which has " + size
                        + " bytes: the file is cut short, copy or save it again");
            }
            if (entry.begin() < covered) {
                throw source.malformed(offsets(entry) + "overlap the tensor before, which ends at " + covered);
            }
            if (entry.begin() > covered) {
                throw source.malformed(offsets(entry) + "leave a gap after " + covered + ", where the tensor before ends");
            }
            covered = entry.end();
        }
        if (covered != size) {
            throw source.malformed("has " + (size - covered) + " bytes after its last tensor, which belong to none");
        }
    }

    private static void checkSize(Source source, SafetensorsHeader.Entry entry) {
        long elements = Shapes.elements(entry.shape());
        long given = entry.end() - entry.begin();
        if (elements > Integer.MAX_VALUE) {
            throw source.malformed(typeAndShape(entry) + " has too many elements, at most " + Integer.MAX_VALUE
                    + " are allowed");
        }
        if (elements * entry.dtype().bytes() != given) {
            throw source.malformed(typeAndShape(entry) + " needs " + elements * entry.dtype().bytes()
                    + " bytes but its data_offsets give " + given);
        }
    }

    private static String offsets(SafetensorsHeader.Entry entry) {
        return "tensor " + Quote.of(entry.name()) + ": data_offsets [" + entry.begin() + ", " + entry.end() + "] ";
    }

    private static String typeAndShape(SafetensorsHeader.Entry entry) {
        return "tensor " + Quote.of(entry.name()) + " of type " + entry.dtype() + " and shape " + Arrays.toString(entry.shape());
    }
}
