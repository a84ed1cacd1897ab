package io.lanecell.loader;

import io.lanecell.DType;
import io.lanecell.Weights;
import io.lanecell.loader.PickleValue.Global;
import io.lanecell.loader.PickleValue.Items;
import io.lanecell.loader.PickleValue.Scalar;
import io.lanecell.loader.PickleValue.Storage;
import io.lanecell.loader.PickleValue.Tuple;
import io.lanecell.loader.PickleValue.View;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code torch.save}'s format before PyTorch 0.2: a tar archive of {@code storages} (how many; of each a pickled key, place and
 * type, the number of elements and the elements; then a list of parts of them), {@code tensors} (how many; of each a pickled
 * key, storage and type, then rank, shape, strides and offset) and {@code pickle}, which refers to tensors by their keys. Every
 * number is little-endian on every machine. See {@code legacy_load} in torch/serialization.py.
 */
final class PyTorchTarReader implements WeightReader {
    private static final int BYTES_PER_OBJECT = 512;
    /** This one list is in Python's default protocol, which in Python 2 is 0: {@code (lp1\n.} if it is empty. */
    private static final byte[] PROTOCOL_0_LIST = {'(', 'l', 'p'};
    private static final String STORAGES = "storages";
    private static final String TENSORS = "tensors";
    private static final String PICKLE = "pickle";

    @Override
    public Weights read(Source source) {
        return new Archive(source).read();
    }

    /** One file while it is read. */
    private static final class Archive {
        private final Source source;
        /** By their keys in decimal digits, as the pickle refers to them. */
        private final Map<String, Storage> storages = new HashMap<>();
        private final Map<String, View> tensors = new HashMap<>();
        /** The bytes of the storages that are no parts of others. */
        private final Map<String, ByteRange> content = new HashMap<>();

        private Archive(Source source) {
            this.source = source;
        }

        private Weights read() {
            TarDirectory tar = TarDirectory.read(source);
            readStorages(tar.content(STORAGES));
            readTensors(tar.content(TENSORS));
            PickleInput in = new PickleInput(source, PICKLE, tar.content(PICKLE), 0);
            PickleValue root = PickleReader.read(source, in, new Calls());
            return TorchTensors.of(source, CheckpointNames.collect(source, root),
                    (tensor, storage) -> content.get(storage.key()));
        }

        private void readStorages(ByteRange file) {
            PickleInput in = new PickleInput(source, STORAGES, file, 0);
            long count = count(in);
            for (long i = 0; i < count; i++) {
                source.charge(BYTES_PER_OBJECT, STORAGES);
                List<PickleValue> items = triple(in, "a storage's key, place and type");
                if (!(items.get(2) instanceof Global type && type.kind() == TorchGlobals.Kind.STORAGE)) {
                    throw malformed(in, items.get(2), "a storage's class");
                }
                String key = key(in, items.get(0), "a storage's key");
                long elements = in.u64();
                long size = bytes(in, elements, type.dtype());
                in.need(size);
                content.put(key, file.slice(in.at(), size));
                in.skip(size);
                put(in, key, new Storage(key, type.dtype(), elements, 0, elements));
            }
            parts(in);
        }

        private long bytes(PickleInput in, long elements, DType dtype) {
            if (elements > Long.MAX_VALUE / 8) {
                throw source.malformed(
                        "has a storage of " + elements + " elements (before byte " + in.at() + " of " + STORAGES + ")");
            }
            return elements * dtype.bytes();
        }

        /** Storages inside others: key, the other's key, offset, number of elements. */
        private void parts(PickleInput in) {
            if (in.follows(PROTOCOL_0_LIST)) {
                in.line();
                if (!in.follows((byte) '.')) {
                    throw source
                            .unsupported("lists parts of storages as Python 2 did, in pickle protocol 0, which is not read: save"
                                    + " it again with torch.save(torch.load(old), new)");
                }
                return;
            }
            if (!(plain(in) instanceof Items(var parts))) {
                throw source.malformed("has no list of parts of storages at the end of " + STORAGES + ": copy the file again");
            }
            for (PickleValue part : parts) {
                source.charge(BYTES_PER_OBJECT, STORAGES);
                if (!(part instanceof Tuple(var items) && items.size() == 4)) {
                    throw malformed(in, part, "a part of a storage");
                }
                Storage whole = storage(in, items.get(1));
                long first = number(in, items.get(2), "the first element of a part of a storage");
                long elements = number(in, items.get(3), "the size of a part of a storage");
                if (first > whole.total() || elements > whole.total() - first) {
                    throw source.malformed("has a part of " + elements + " elements from " + first + " on in a storage of "
                            + whole.total() + " (" + STORAGES + ")");
                }
                put(in, key(in, items.get(0), "a storage's key"),
                        new Storage(whole.key(), whole.dtype(), whole.total(), first, elements));
            }
        }

        private void put(PickleInput in, String key, Storage storage) {
            if (storages.put(key, storage) != null) {
                throw source.malformed("has two storages " + key + " (before byte " + in.at() + " of " + STORAGES + ")");
            }
        }

        private void readTensors(ByteRange file) {
            PickleInput in = new PickleInput(source, TENSORS, file, 0);
            long count = count(in);
            for (long i = 0; i < count; i++) {
                source.charge(BYTES_PER_OBJECT, TENSORS);
                List<PickleValue> items = triple(in, "a tensor's key, storage and type");
                String key = key(in, items.get(0), "a tensor's key");
                Storage storage = storage(in, items.get(1));
                int rank = in.i32();
                in.skip(4); // the rank's upper half
                if (rank < 0 || rank > SafetensorsHeader.MAX_RANK) {
                    throw source.malformed("has a tensor of rank " + rank + " (before byte " + in.at() + " of " + TENSORS + ")");
                }
                int[] shape = new int[rank];
                for (int axis = 0; axis < rank; axis++) {
                    shape[axis] = (int) upTo(in, Integer.MAX_VALUE, "extent");
                }
                long[] strides = new long[rank];
                for (int axis = 0; axis < rank; axis++) {
                    strides[axis] = upTo(in, Long.MAX_VALUE, "stride");
                }
                View view = new View(storage, upTo(in, Long.MAX_VALUE, "offset"), shape, strides);
                if (tensors.put(key, view) != null) {
                    throw source.malformed("has two tensors " + key + " (before byte " + in.at() + " of " + TENSORS + ")");
                }
            }
        }

        private long upTo(PickleInput in, long most, String what) {
            long value = in.i64();
            if (value < 0 || value > most) {
                throw source.malformed("has a tensor with " + what + " " + value + ", expected 0 to " + most + " (byte "
                        + (in.at() - Long.BYTES) + " of " + TENSORS + ")");
            }
            return value;
        }

        private String key(PickleInput in, PickleValue value, String what) {
            return String.valueOf(number(in, value, what));
        }

        private Storage storage(PickleInput in, PickleValue value) {
            String key = key(in, value, "a storage's key");
            Storage storage = storages.get(key);
            if (storage == null) {
                throw source
                        .malformed("refers to storage " + key + ", which is not in it (before byte " + in.at()
                                + " of " + in.name() + "): copy the file again");
            }
            return storage;
        }

        private long count(PickleInput in) {
            return number(in, plain(in), "how many follow");
        }

        private List<PickleValue> triple(PickleInput in, String what) {
            PickleValue value = plain(in);
            if (!(value instanceof Tuple(var items) && items.size() == 3)) {
                throw malformed(in, value, what);
            }
            return items;
        }

        private long number(PickleInput in, PickleValue value, String what) {
            if (!(value instanceof Scalar(Long number)) || number < 0) {
                throw malformed(in, value, what);
            }
            return number;
        }

        private PickleValue plain(PickleInput in) {
            return PickleReader.read(source, in, new TorchCalls(source, in.name(), false));
        }

        private WeightFileException malformed(PickleInput in, PickleValue value, String what) {
            return source
                    .malformed("has " + value.describe() + " as " + what + " (before byte " + in.at() + " of " + in.name() + ")");
        }

        /** Persistent ids are the keys of tensors and storages in decimal digits. */
        private final class Calls extends TorchCalls {
            private Calls() {
                super(source, PICKLE, false);
            }

            @Override
            PickleValue persistent(PickleValue id, long offset) {
                PickleValue value = id instanceof Scalar(String key)
                        ? tensors.containsKey(key) ? tensors.get(key) : storages.get(key)
                        : null;
                if (value == null) {
                    throw source
                            .malformed(PICKLE + " refers to " + id.describe() + ", which is none of the archive's tensors (byte "
                                    + offset + ")");
                }
                return value;
            }
        }
    }
}
