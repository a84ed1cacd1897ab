package io.lanecell.loader;

import io.lanecell.Weights;
import io.lanecell.loader.PickleValue.Items;
import io.lanecell.loader.PickleValue.Scalar;
import io.lanecell.loader.PickleValue.Storage;
import java.util.HashMap;
import java.util.Map;

/**
 * {@code torch.save}'s format before PyTorch 1.6: five pickles one after another (a magic number, the format's version, what
 * the machine was like, the object, the keys of its storages), then for each key the number of elements and the elements.
 */
final class PyTorchLegacyReader implements WeightReader {
    private static final long VERSION = 1001;
    private static final String PICKLE = "the pickle";

    @Override
    public Weights read(Source source) {
        PickleInput in = new PickleInput(source, PICKLE, source.content(), 0);
        plain(source, in); // the magic number, by which the format was found
        PickleValue version = plain(source, in);
        if (!version.equals(new Scalar(VERSION))) {
            throw source
                    .unsupported("is in PyTorch's legacy format with " + version.describe() + " as its version, only " + VERSION
                            + " is read: save it again with torch.save(torch.load(old), new)");
        }
        plain(source, in); // the machine: storages are little-endian on all of them (torch/csrc/serialization.cpp)
        TorchCalls calls = new TorchCalls(source, PICKLE, false);
        PickleValue root = PickleReader.read(source, in, calls);
        PickleValue keys = plain(source, in);
        Map<String, ByteRange> storages = storages(source, in.at(), keys, calls.storages());
        return TorchTensors.of(source, CheckpointNames.collect(source, root), (tensor, storage) -> {
            ByteRange bytes = storages.get(storage.key());
            if (bytes == null) {
                throw source.malformed("tensor " + Quote.of(tensor) + " needs storage " + Quote.of(storage.key())
                        + ", which the file doesn't list: copy or save the file again");
            }
            return bytes;
        });
    }

    /** A pickle without tensors of its own. */
    private static PickleValue plain(Source source, PickleInput in) {
        return PickleReader.read(source, in, new TorchCalls(source, PICKLE, false));
    }

    private static Map<String, ByteRange> storages(Source source, long start, PickleValue keys, Map<String, Storage> asked) {
        if (!(keys instanceof Items(var list))) {
            throw source.malformed("has " + keys.describe() + " where the list of its storages is expected (before byte " + start
                    + ")");
        }
        Map<String, ByteRange> storages = new HashMap<>();
        long at = start;
        for (PickleValue item : list) {
            if (!(item instanceof Scalar(String key) && asked.containsKey(key))) {
                throw source.malformed("lists " + item.describe() + " as a storage, which no tensor has");
            }
            Storage storage = asked.get(key);
            source.progress(at);
            ByteRange bytes = storage(source, storage, at);
            if (storages.put(key, bytes) != null) {
                throw source.malformed("lists storage " + Quote.of(key) + " twice");
            }
            at += Long.BYTES + bytes.size();
        }
        return storages;
    }

    private static ByteRange storage(Source source, Storage storage, long at) {
        String where = "storage " + Quote.of(storage.key()) + " at byte " + at;
        if (source.size() - at < Long.BYTES) {
            throw source.truncated("ends before " + where + ", the file is cut short");
        }
        long elements = source.i64(at);
        if (elements != storage.total()) {
            throw source.malformed(where + " has " + elements + " elements, the pickle says " + storage.total());
        }
        long size = elements * storage.dtype().bytes();
        long left = source.size() - at - Long.BYTES;
        if (size > left) {
            throw source
                    .truncated(where + " needs " + size + " bytes for its " + elements + " elements of type " + storage.dtype()
                            + " but " + left + " are left, the file is cut short");
        }
        return source.content().slice(at + Long.BYTES, size);
    }
}
