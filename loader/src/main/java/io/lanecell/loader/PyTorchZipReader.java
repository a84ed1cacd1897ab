package io.lanecell.loader;

import io.lanecell.Tensor;
import io.lanecell.Weights;
import io.lanecell.loader.PickleValue.Storage;
import io.lanecell.loader.PickleValue.View;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code torch.save}'s format since PyTorch 1.6: a zip archive with a folder that holds a pickle, {@code data.pkl}, and each
 * storage's bytes, {@code data/0} and so on.
 */
final class PyTorchZipReader implements WeightReader {
    private static final String PICKLE = "/data.pkl";
    private static final int BYTES_PER_TENSOR = 256;

    @Override
    public Weights read(Source source) {
        ZipDirectory zip = ZipDirectory.read(source);
        String folder = folder(source, zip);
        refuseBigEndian(source, zip, folder);
        MemorySegment pickle = zip.content(folder + PICKLE);
        if (pickle.byteSize() > Integer.MAX_VALUE - 8) {
            throw source.malformed("data.pkl has " + pickle.byteSize() + " bytes, at most 2147483639 are read");
        }
        source.charge(pickle.byteSize(), "data.pkl");
        PickleValue root = PickleReader.read(source, pickle.toArray(ValueLayout.JAVA_BYTE));
        Map<String, View> views = CheckpointNames.collect(source, root);

        Map<View, Tensor> tied = new IdentityHashMap<>();
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        views.forEach((name, view) -> {
            source.charge(BYTES_PER_TENSOR, "the list of tensors");
            MemorySegment bytes = storage(source, zip, folder, name, view.storage());
            tensors.put(name, tied.computeIfAbsent(view, v -> StridedView.materialise(source, name, v, bytes)));
        });
        return Weights.of(tensors);
    }

    private static String folder(Source source, ZipDirectory zip) {
        List<String> pickles = zip.names().stream().filter(name -> name.endsWith(PICKLE)).toList();
        if (pickles.size() != 1) {
            throw source.malformed("is a zip archive with " + (pickles.isEmpty() ? "no" : "more than one")
                    + " data.pkl, so not a file of torch.save: save with torch.save(model.state_dict(), file)");
        }
        return pickles.getFirst().substring(0, pickles.getFirst().length() - PICKLE.length());
    }

    private static void refuseBigEndian(Source source, ZipDirectory zip, String folder) {
        String name = folder + "/byteorder";
        if (!zip.has(name)) {
            return;
        }
        MemorySegment content = zip.content(name);
        String order = content.byteSize() > 16
                ? "too long"
                : new String(content.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII);
        if (!order.equals("little")) {
            throw source.unsupported("its numbers' byte order is " + Quote.of(order) + ", only little is read: load and save it"
                    + " with torch on a little-endian machine");
        }
    }

    private static MemorySegment storage(Source source, ZipDirectory zip, String folder, String tensor, Storage storage) {
        String name = folder + "/data/" + storage.key();
        if (!zip.has(name)) {
            throw source.malformed("tensor " + Quote.of(tensor) + " needs zip record " + Quote.of(name)
                    + ", which is missing: copy or save the file again");
        }
        MemorySegment bytes = zip.content(name);
        long expected = storage.elements() * storage.dtype().bytes();
        if (bytes.byteSize() < expected) {
            throw source.truncated("zip record " + Quote.of(name) + " of tensor " + Quote.of(tensor) + " has " + bytes.byteSize()
                    + " bytes, its " + storage.elements() + " elements of type " + storage.dtype() + " need " + expected);
        }
        return bytes.asSlice(0, expected);
    }
}
