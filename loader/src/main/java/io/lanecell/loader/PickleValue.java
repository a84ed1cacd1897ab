package io.lanecell.loader;

import io.lanecell.DType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a pickle can hold for us. Nothing here has behaviour, so building it can do no harm. */
sealed interface PickleValue {
    /** A String, Long, Double or Boolean; null for None and for what no state dict needs (bytes, big integers, devices). */
    record Scalar(Object value) implements PickleValue {
        static final Scalar NONE = new Scalar(null);
    }

    /** A list, which may come to hold itself. */
    record Items(List<PickleValue> items) implements PickleValue {
        Items() {
            this(new ArrayList<>(0));
        }
    }

    /** A tuple or torch.Size. */
    record Tuple(List<PickleValue> items) implements PickleValue {
    }

    /** A dict, or an OrderedDict, which alone may carry attributes. Keys are String, Long, Double, Boolean or null. */
    record Dict(Map<Object, PickleValue> entries, boolean ordered) implements PickleValue {
        Dict(boolean ordered) {
            this(new LinkedHashMap<>(0), ordered);
        }
    }

    /** A name that the pickle may use. */
    record Global(TorchGlobals.Kind kind, String name, DType dtype) implements PickleValue {
    }

    /** A module of a TorchScript archive: its attributes by name. What its class would do with them is never looked at. */
    record Instance(String type, Map<Object, PickleValue> attributes) implements PickleValue {
        Instance(String type) {
            this(type, new LinkedHashMap<>(0));
        }
    }

    /**
     * The bytes of one or more tensors, kept outside the pickle.
     *
     * @param total    elements of what is kept under the key
     * @param first    the first of them that belongs to this storage; more than 0 only in files from before PyTorch 0.4
     * @param elements how many of them do
     */
    record Storage(String key, DType dtype, long total, long first, long elements) implements PickleValue {
        /** This storage's bytes among those that are kept under its key. */
        ByteRange of(ByteRange kept) {
            return kept.slice(first * dtype.bytes(), elements * dtype.bytes());
        }
    }

    /** A tensor: a view of a storage, offset and strides in elements. */
    record View(Storage storage, long offset, int[] shape, long[] strides) implements PickleValue {
    }

    /** What the value is, for messages. */
    default String describe() {
        return switch (this) {
            case Scalar(String text) -> "the string " + Quote.of(text);
            case Scalar(Boolean truth) -> truth ? "True" : "False";
            case Scalar(Number number) -> "the number " + number;
            case Scalar other -> "None";
            case Items(var items) -> "a list of " + items.size();
            case Tuple(var items) -> "a tuple of " + items.size();
            case Dict dict -> "a dict of " + dict.entries().size();
            case Global global -> global.name();
            case Instance(var type, var attributes) -> "an object of type " + Quote.of(type);
            case Storage storage -> "a storage";
            case View view -> "a tensor";
        };
    }
}
