package io.lanecell;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Tells models apart: two CRC32C, one of what the layers and tensors are, one of the tensors' bytes. Good against mistakes, not against
 * somebody who wants two models to look alike.
 */
final class Fingerprint {
    private Fingerprint() {
    }

    /** Of the tensors, whatever their order: names, types and shapes in the high half, contents in the low one. */
    static long of(Weights weights) {
        CRC32C kinds = new CRC32C();
        CRC32C contents = new CRC32C();
        List<String> names = new ArrayList<>(weights.names());
        Collections.sort(names);
        for (String name : names) {
            Tensor tensor = weights.get(name);
            kinds.update(name.getBytes(StandardCharsets.UTF_8));
            update(kinds, tensor.dtype().ordinal());
            update(kinds, tensor.rank());
            for (int i = 0; i < tensor.rank(); i++) {
                update(kinds, tensor.dim(i));
            }
            update(contents, tensor.checksum());
        }
        return kinds.getValue() << Integer.SIZE | contents.getValue();
    }

    /** Of a chain over these tensors. Apart from {@link #of}, because a record's first toString takes milliseconds. */
    static long with(long ofWeights, ModelSpec spec) {
        CRC32C layers = new CRC32C();
        layers.update(spec.layers().toString().getBytes(StandardCharsets.UTF_8));
        return ofWeights ^ layers.getValue() << Integer.SIZE;
    }

    private static void update(CRC32C crc, int value) {
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            crc.update(value >>> shift);
        }
    }
}
