package io.lanecell.loader;

import io.lanecell.Weights;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** Keras 3's {@code .keras}: a zip archive with the model's description in JSON and its variables in HDF5. No code is run. */
final class KerasReader implements WeightReader {
    static final String CONFIG = "config.json";
    static final String WEIGHTS = "model.weights.h5";
    private static final int LONGEST_CONFIG = 16 << 20;

    @Override
    public Weights read(Source source) {
        ZipDirectory zip = source.zip();
        for (String name : new String[]{CONFIG, WEIGHTS}) {
            if (!zip.has(name)) {
                throw source.malformed("is a Keras archive without " + name + ", save the model again with model.save");
            }
        }
        MemorySegment config = zip.content(CONFIG).inMemory();
        if (config.byteSize() > LONGEST_CONFIG) {
            throw source.malformed(CONFIG + " has " + config.byteSize() + " bytes, at most " + LONGEST_CONFIG + " are read");
        }
        source.charge(2 * config.byteSize(), CONFIG);
        String json = new String(config.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
        Hdf5Content content = Hdf5Content.read(source, zip.content(WEIGHTS).inMemory());
        return new KerasModel(source, new KerasVariables.Numbered(content.datasets(), content.unread())).convert(json, "");
    }
}
