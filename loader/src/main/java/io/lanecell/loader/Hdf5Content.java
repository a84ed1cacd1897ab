package io.lanecell.loader;

import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import io.jhdf.api.dataset.ContiguousDataset;
import io.jhdf.object.datatype.DataType;
import io.jhdf.object.datatype.FixedPoint;
import io.jhdf.object.datatype.FloatingPoint;
import io.jhdf.object.datatype.OrderedDataType;
import io.lanecell.DType;
import io.lanecell.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The datasets of an HDF5 file by path, and the texts at its root. jhdf reads the structure; the numbers are then taken from the
 * file where they lie, which for datasets in pieces or compressed is not possible: Keras writes none.
 *
 * @param unread the types of datasets that hold no numbers of ours, by path
 */
record Hdf5Content(NavigableMap<String, Tensor> datasets, NavigableMap<String, String> unread, Map<String, String> texts) {
    private static final int DEEPEST = 16;
    private static final int BYTES_PER_NODE = 2048;
    /** Signature of a version 2 B-tree, whose claimed number of records jhdf allocates at once; where the claim stands in it. */
    private static final int BTREE = 0x44485442;
    private static final int BTREE_RECORDS = 26;

    /** Where a dataset's numbers lie. */
    private record Place(DType dtype, int[] shape, long at, long size) {
    }

    /** What of it is needed, without reference to the bytes. */
    private record Structure(Map<String, Place> places, NavigableMap<String, String> unread, Map<String, String> texts) {
    }

    static Hdf5Content read(Source source, MemorySegment bytes) {
        refuseClaims(source, bytes);
        Structure structure = Supervised.read(source, bytes, "HDF5", buffer -> structure(source, buffer));
        NavigableMap<String, Tensor> datasets = new TreeMap<>();
        structure.places.forEach((path, place) -> datasets.put(path,
                Tensor.ofBytes(place.dtype, place.shape, bytes.asSlice(place.at, place.size))));
        return new Hdf5Content(datasets, structure.unread, structure.texts);
    }

    private static void refuseClaims(Source source, MemorySegment bytes) {
        ValueLayout.OfInt word = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
        for (long at = 0; at + BTREE_RECORDS + 4 <= bytes.byteSize(); at++) {
            if (bytes.get(word, at) == BTREE
                    && Integer.toUnsignedLong(bytes.get(word, at + BTREE_RECORDS)) > bytes.byteSize()) {
                throw source.malformed("its B-tree at byte " + at + " claims more records than the file has bytes");
            }
        }
    }

    private static Structure structure(Source source, ByteBuffer buffer) {
        Structure structure = new Structure(new LinkedHashMap<>(), new TreeMap<>(), new LinkedHashMap<>());
        try (HdfFile file = HdfFile.fromByteBuffer(buffer)) {
            for (String key : new String[]{"model_config", "keras_version"}) {
                Attribute attribute = file.getAttribute(key);
                if (attribute != null && text(source, key, attribute) instanceof String text) {
                    structure.texts.put(key, text);
                }
            }
            walk(source, file, "", 0, buffer.capacity(), structure);
        }
        return structure;
    }

    private static Object text(Source source, String key, Attribute attribute) {
        if (!attribute.isScalar()) {
            throw source.malformed("its attribute " + key + " is no single text");
        }
        source.charge(3 * attribute.getSizeInBytes(), "attribute " + key);
        return attribute.getData();
    }

    private static void walk(Source source, Group group, String path, int depth, long size, Structure structure) {
        if (depth > DEEPEST) {
            throw source.malformed("has groups in groups deeper than " + DEEPEST + " levels, no Keras model does");
        }
        for (Node node : group.getChildren().values()) {
            source.charge(BYTES_PER_NODE + 2L * path.length(), "the list of datasets");
            String name = path + node.getName();
            switch (node) {
                case Group inner -> walk(source, inner, name + "/", depth + 1, size, structure);
                case Dataset dataset -> place(source, name, dataset, size, structure);
                default -> source.remark(Quote.of(name) + " is left out: it is a link or a type, no dataset");
            }
        }
    }

    private static void place(Source source, String name, Dataset dataset, long size, Structure structure) {
        String where = "dataset " + Quote.of(name);
        DType dtype = dtype(dataset.getDataType());
        if (dtype == null) {
            String type = type(dataset.getDataType());
            source.remark(where + " is left out: its type (" + type + ") is no number that is read");
            structure.unread.put(name, type);
            return;
        }
        long[] dimensions = dataset.getDimensionsAsLong();
        int[] shape = new int[dimensions.length];
        for (int i = 0; i < shape.length; i++) {
            if (dimensions[i] < 0 || dimensions[i] > Integer.MAX_VALUE) {
                throw source.malformed(where + " has an extent of " + dimensions[i] + ", expected 0 to 2147483647");
            }
            shape[i] = (int) dimensions[i];
        }
        long elements = Shapes.elements(shape);
        if (elements > Integer.MAX_VALUE) {
            throw source.malformed(where + " has too many elements, at most 2147483647 are allowed");
        }
        if (!(dataset instanceof ContiguousDataset contiguous)) {
            throw source.unsupported(where + " is stored in pieces or compressed, which Keras doesn't do: save the model again");
        }
        long length = elements * dtype.bytes();
        long at = length == 0 ? 0 : contiguous.getDataAddress();
        if (at < 0 || at > size || length > size - at) {
            throw source.truncated(where + " needs " + length + " bytes from " + at + " on, the file has " + size);
        }
        structure.places.put(name, new Place(dtype, shape, at, length));
    }

    private static String type(DataType type) {
        boolean bigEndian = type instanceof OrderedDataType ordered && ordered.getByteOrder() == ByteOrder.BIG_ENDIAN;
        return type.getClass().getSimpleName() + ", " + type.getSize() + " bytes" + (bigEndian ? ", big-endian" : "");
    }

    private static DType dtype(DataType type) {
        return switch (type) {
            case FloatingPoint real when real.getByteOrder() == ByteOrder.LITTLE_ENDIAN -> switch (real.getSize()) {
                case 2 -> DType.F16;
                case 4 -> DType.F32;
                case 8 -> DType.F64;
                default -> null;
            };
            case FixedPoint whole when whole.getByteOrder() == ByteOrder.LITTLE_ENDIAN -> switch (whole.getSize()) {
                case 1 -> whole.isSigned() ? DType.I8 : DType.U8;
                case 2 -> whole.isSigned() ? DType.I16 : null;
                case 4 -> whole.isSigned() ? DType.I32 : null;
                case 8 -> whole.isSigned() ? DType.I64 : null;
                default -> null;
            };
            default -> null;
        };
    }
}
