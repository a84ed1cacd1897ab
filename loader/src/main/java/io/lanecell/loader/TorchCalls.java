package io.lanecell.loader;

import io.lanecell.loader.PickleValue.Dict;
import io.lanecell.loader.PickleValue.Global;
import io.lanecell.loader.PickleValue.Instance;
import io.lanecell.loader.PickleValue.Items;
import io.lanecell.loader.PickleValue.Scalar;
import io.lanecell.loader.PickleValue.Storage;
import io.lanecell.loader.PickleValue.Tuple;
import io.lanecell.loader.PickleValue.View;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The few calls that a pickle of {@code torch.save} makes, done as data (torch/_utils.py, torch/serialization.py). */
class TorchCalls {
    private static final int BYTES_PER_OBJECT = 96;

    private final Source source;
    private final String pickle;
    private final boolean script;
    private final Map<String, Storage> storages = new LinkedHashMap<>();

    /**
     * @param pickle what messages call the pickle
     * @param script whether it is a TorchScript archive's
     */
    TorchCalls(Source source, String pickle, boolean script) {
        this.source = source;
        this.pickle = pickle;
        this.script = script;
    }

    /** The storages that the pickle has asked for so far, by key; of each the first mention. */
    Map<String, Storage> storages() {
        return storages;
    }

    /** GLOBAL and STACK_GLOBAL: a name from the closed list. */
    Global global(String module, String name, long offset) {
        return TorchGlobals.find(source, pickle, script, module, name, offset);
    }

    /** NEWOBJ: {@code class.__new__(class)}. */
    PickleValue create(PickleValue type, PickleValue arguments, long offset) {
        if (!(type instanceof Global global && arguments instanceof Tuple(var values) && values.isEmpty())) {
            throw malformed("makes an object of " + type.describe() + " with " + arguments.describe(), offset);
        }
        source.charge(BYTES_PER_OBJECT, pickle);
        return switch (global.kind()) {
            case MODULE -> new Instance(global.name());
            case RECORD -> new Dict(true);
            default -> throw refusedCall(global, offset);
        };
    }

    /** REDUCE: {@code function(*arguments)}. */
    PickleValue call(PickleValue function, PickleValue arguments, long offset) {
        if (!(function instanceof Global global)) {
            throw malformed("calls " + function.describe(), offset);
        }
        if (!(arguments instanceof Tuple(var values))) {
            throw malformed("calls " + global.name() + " with " + arguments.describe() + " rather than a tuple", offset);
        }
        return switch (global.kind()) {
            case REBUILD_TENSOR -> {
                if (values.size() != 6 && values.size() != 7) {
                    throw malformed("makes a tensor of " + values.size() + " arguments, expected 6 or 7", offset);
                }
                yield rebuildTensor(values, offset);
            }
            case REBUILD_TENSOR_V1 -> {
                if (values.size() != 4) {
                    throw malformed("makes an old tensor of " + values.size() + " arguments, expected 4", offset);
                }
                yield rebuildTensor(values, offset);
            }
            case REBUILD_PARAMETER -> {
                if (values.isEmpty() || !(values.getFirst() instanceof View view)) {
                    throw malformed("makes a parameter of something other than a tensor", offset);
                }
                yield view;
            }
            case ORDERED_DICT -> {
                source.charge(BYTES_PER_OBJECT, pickle);
                yield orderedDict(values, offset);
            }
            case SIZE -> {
                if (values.size() != 1 || !(values.getFirst() instanceof Tuple size)) {
                    throw malformed("makes a torch.Size of something other than a tuple", offset);
                }
                yield size;
            }
            case DEVICE -> Scalar.NONE;
            case TYPE_TAG -> {
                if (values.size() != 2) {
                    throw malformed("tags a type with " + values.size() + " arguments, expected 2", offset);
                }
                yield values.getFirst();
            }
            case TYPED_LIST -> {
                if (values.size() != 1 || !(values.getFirst() instanceof Items items)) {
                    throw malformed("makes a typed list of something other than a list", offset);
                }
                yield items;
            }
            case MODULE -> new Tuple(values); // a named tuple
            case STORAGE, TENSOR, DTYPE, RECORD -> throw refusedCall(global, offset);
        };
    }

    /** Empty, or as Python 2 wrote it, from a list of lists of a key and a value. */
    private Dict orderedDict(List<PickleValue> values, long offset) {
        Dict dict = new Dict(true);
        if (values.isEmpty()) {
            return dict;
        }
        if (values.size() != 1 || !(values.getFirst() instanceof Items(var pairs))) {
            throw malformed("makes an OrderedDict with " + values.size() + " arguments, expected none or a list of pairs",
                    offset);
        }
        source.charge((long) BYTES_PER_OBJECT * pairs.size(), pickle);
        for (PickleValue pair : pairs) {
            List<PickleValue> items = pair instanceof Items(var list)
                    ? list
                    : pair instanceof Tuple(var tuple) ? tuple : List.of();
            if (items.size() != 2 || !(items.getFirst() instanceof Scalar(var key))) {
                throw malformed("has " + pair.describe() + " in an OrderedDict, expected a key and a value", offset);
            }
            dict.entries().put(key, items.get(1));
        }
        return dict;
    }

    private WeightFileException refusedCall(Global global, long offset) {
        return source.refused("its pickle calls " + global.name() + " (byte " + offset + " of " + pickle
                + "), which no state dict does and which was not run: save the tensors alone,"
                + " torch.save(model.state_dict(), file)");
    }

    /**
     * BUILD: a TorchScript module's attributes; or those of an OrderedDict, which is where a state dict keeps its
     * {@code _metadata} and which are not needed.
     */
    void setAttributes(PickleValue target, PickleValue state, long offset) {
        if (target instanceof Instance(var type, var attributes)) {
            if (!(state instanceof Dict values)) {
                throw source.unsupported("its module of type " + Quote.of(type) + " (byte " + offset + " of " + pickle
                        + ") has a __setstate__ of its own, code that is not run: save its state_dict() with torch.save");
            }
            source.charge((long) BYTES_PER_OBJECT * values.entries().size(), pickle);
            attributes.putAll(values.entries());
            return;
        }
        if (!(target instanceof Dict dict && dict.ordered() && state instanceof Dict)) {
            throw malformed("sets " + state.describe() + " as the attributes of " + target.describe()
                    + ", only an OrderedDict may have some", offset);
        }
    }

    /** BINPERSID: {@code ("storage", class, key, device, number of elements)}, in legacy files with a view or None after that. */
    PickleValue persistent(PickleValue id, long offset) {
        boolean wellFormed = id instanceof Tuple(var items) && (items.size() == 5 || items.size() == 6)
                && items.get(0) instanceof Scalar(String tag) && tag.equals("storage");
        if (!wellFormed) {
            throw malformed("has " + id.describe() + " as a persistent id, expected a storage's 5 or 6 items", offset);
        }
        List<PickleValue> items = ((Tuple) id).items();
        if (!(items.get(1) instanceof Global global && global.kind() == TorchGlobals.Kind.STORAGE)) {
            throw malformed("has " + items.get(1).describe() + " as a storage's class", offset);
        }
        long elements = number(items.get(4), "a storage's size", offset);
        if (elements > Long.MAX_VALUE / 8) {
            throw malformed("has a storage of " + elements + " elements", offset);
        }
        String key = text(items.get(2), "a storage's key", offset);
        Storage whole = new Storage(key, global.dtype(), elements, 0, elements);
        source.charge(BYTES_PER_OBJECT, pickle);
        Storage before = storages.putIfAbsent(key, whole);
        if (before != null && !before.equals(whole)) {
            throw malformed(
                    "has storage " + Quote.of(key) + " first with " + before.total() + " elements of type " + before.dtype()
                            + ", then with " + elements + " of type " + whole.dtype(),
                    offset);
        }
        return items.size() == 5 || items.get(5).equals(Scalar.NONE) ? whole : part(whole, items.get(5), offset);
    }

    /** {@code (key, offset, number of elements)}: a storage inside another, which PyTorch had until version 0.3. */
    private Storage part(Storage whole, PickleValue view, long offset) {
        if (!(view instanceof Tuple(var items) && items.size() == 3)) {
            throw malformed("has " + view.describe() + " as a part of a storage, expected 3 items", offset);
        }
        long first = number(items.get(1), "the first element of a part of a storage", offset);
        long elements = number(items.get(2), "the size of a part of a storage", offset);
        if (first > whole.total() || elements > whole.total() - first) {
            throw malformed("has a part of " + elements + " elements from " + first + " on in a storage of " + whole.total(),
                    offset);
        }
        return new Storage(whole.key(), whole.dtype(), whole.total(), first, elements);
    }

    /** {@code _rebuild_tensor_v2(storage, storage_offset, size, stride, requires_grad, backward_hooks[, metadata])}. */
    private View rebuildTensor(List<PickleValue> values, long offset) {
        if (!(values.get(0) instanceof Storage storage)) {
            throw malformed("makes a tensor of " + values.get(0).describe() + " rather than a storage", offset);
        }
        long first = number(values.get(1), "a tensor's offset", offset);
        long[] size = numbers(values.get(2), "a tensor's shape", offset);
        long[] strides = numbers(values.get(3), "a tensor's strides", offset);
        if (size.length > SafetensorsHeader.MAX_RANK || strides.length > SafetensorsHeader.MAX_RANK) {
            throw malformed(
                    "has a tensor whose shape has " + size.length + " extents and " + strides.length + " strides, at most "
                            + SafetensorsHeader.MAX_RANK + " are allowed",
                    offset);
        }
        if (size.length != strides.length) {
            throw malformed("has a tensor of shape " + Arrays.toString(size) + " and strides " + Arrays.toString(strides),
                    offset);
        }
        for (long extent : size) {
            if (extent > Integer.MAX_VALUE) {
                throw malformed("has a tensor of shape " + Arrays.toString(size) + ", an extent is at most 2147483647", offset);
            }
        }
        source.charge(12L * size.length + 64, pickle);
        return new View(storage, first, Arrays.stream(size).mapToInt(Math::toIntExact).toArray(), strides);
    }

    private long[] numbers(PickleValue value, String what, long offset) {
        if (!(value instanceof Tuple(var items))) {
            throw malformed("has " + value.describe() + " as " + what + ", expected a tuple of numbers", offset);
        }
        long[] numbers = new long[items.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = number(items.get(i), what, offset);
        }
        return numbers;
    }

    private long number(PickleValue value, String what, long offset) {
        if (!(value instanceof Scalar(Long number)) || number < 0) {
            throw malformed("has " + value.describe() + " as " + what + ", expected a number from 0 to 2^63 - 1", offset);
        }
        return number;
    }

    /** The string that {@code value} must be. */
    String text(PickleValue value, String what, long offset) {
        if (!(value instanceof Scalar(String text))) {
            throw malformed("has " + value.describe() + " as " + what + ", expected a string", offset);
        }
        return text;
    }

    private WeightFileException malformed(String message, long offset) {
        return source.malformed(pickle + " " + message + " (byte " + offset + ")");
    }
}
