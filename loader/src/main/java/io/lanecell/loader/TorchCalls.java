package io.lanecell.loader;

import io.lanecell.loader.PickleValue.Dict;
import io.lanecell.loader.PickleValue.Global;
import io.lanecell.loader.PickleValue.Scalar;
import io.lanecell.loader.PickleValue.Storage;
import io.lanecell.loader.PickleValue.Tuple;
import io.lanecell.loader.PickleValue.View;
import java.util.Arrays;
import java.util.List;

/** The few calls that a pickle of {@code torch.save} makes, done as data (torch/_utils.py, torch/serialization.py). */
final class TorchCalls {
    private final Source source;

    TorchCalls(Source source) {
        this.source = source;
    }

    /** REDUCE: {@code function(*arguments)}. */
    PickleValue call(PickleValue function, PickleValue arguments, int offset) {
        if (!(function instanceof Global global)) {
            throw malformed("calls " + function.describe(), offset);
        }
        if (!(arguments instanceof Tuple(var values))) {
            throw malformed("calls " + global.name() + " with " + arguments.describe() + " rather than a tuple", offset);
        }
        return switch (global.kind()) {
            case REBUILD_TENSOR -> rebuildTensor(values, offset);
            case REBUILD_PARAMETER -> {
                if (values.isEmpty() || !(values.getFirst() instanceof View view)) {
                    throw malformed("makes a parameter of something other than a tensor", offset);
                }
                yield view;
            }
            case ORDERED_DICT -> {
                if (!values.isEmpty()) {
                    throw malformed("makes an OrderedDict with " + values.size() + " arguments, expected none", offset);
                }
                source.charge(96, "data.pkl");
                yield new Dict(true);
            }
            case SIZE -> {
                if (values.size() != 1 || !(values.getFirst() instanceof Tuple size)) {
                    throw malformed("makes a torch.Size of something other than a tuple", offset);
                }
                yield size;
            }
            case DEVICE -> Scalar.NONE;
            case STORAGE, DTYPE -> throw source.refused("its pickle calls " + global.name() + " (byte " + offset
                    + " of data.pkl), which no state dict does and which was not run: save the tensors alone,"
                    + " torch.save(model.state_dict(), file)");
        };
    }

    /** BUILD: attributes of an OrderedDict, which is where a state dict keeps its {@code _metadata}; they are not needed. */
    void checkAttributes(PickleValue target, PickleValue state, int offset) {
        if (!(target instanceof Dict dict && dict.ordered() && state instanceof Dict)) {
            throw malformed("sets " + state.describe() + " as the attributes of " + target.describe()
                    + ", only an OrderedDict may have some", offset);
        }
    }

    /** BINPERSID: {@code ("storage", class, key, device, number of elements)}. */
    Storage persistent(PickleValue id, int offset) {
        boolean wellFormed = id instanceof Tuple(var items) && items.size() == 5
                && items.get(0) instanceof Scalar(String tag) && tag.equals("storage");
        if (!wellFormed) {
            throw malformed("has " + id.describe() + " as a persistent id, expected a storage's 5 items", offset);
        }
        List<PickleValue> items = ((Tuple) id).items();
        if (!(items.get(1) instanceof Global global && global.kind() == TorchGlobals.Kind.STORAGE)) {
            throw malformed("has " + items.get(1).describe() + " as a storage's class", offset);
        }
        long elements = number(items.get(4), "a storage's size", offset);
        if (elements > Long.MAX_VALUE / 8) {
            throw malformed("has a storage of " + elements + " elements", offset);
        }
        return new Storage(text(items.get(2), "a storage's key", offset), global.dtype(), elements);
    }

    /** {@code _rebuild_tensor_v2(storage, storage_offset, size, stride, requires_grad, backward_hooks[, metadata])}. */
    private View rebuildTensor(List<PickleValue> values, int offset) {
        if (values.size() != 6 && values.size() != 7) {
            throw malformed("makes a tensor of " + values.size() + " arguments, expected 6 or 7", offset);
        }
        if (!(values.get(0) instanceof Storage storage)) {
            throw malformed("makes a tensor of " + values.get(0).describe() + " rather than a storage", offset);
        }
        long first = number(values.get(1), "a tensor's offset", offset);
        long[] size = numbers(values.get(2), "a tensor's shape", offset);
        long[] strides = numbers(values.get(3), "a tensor's strides", offset);
        if (size.length != strides.length || size.length > SafetensorsHeader.MAX_RANK) {
            throw malformed("has a tensor of shape " + Arrays.toString(size) + " and strides " + Arrays.toString(strides),
                    offset);
        }
        for (long extent : size) {
            if (extent > Integer.MAX_VALUE) {
                throw malformed("has a tensor of shape " + Arrays.toString(size) + ", an extent is at most 2147483647", offset);
            }
        }
        source.charge(12L * size.length + 64, "data.pkl");
        return new View(storage, first, Arrays.stream(size).mapToInt(Math::toIntExact).toArray(), strides);
    }

    private long[] numbers(PickleValue value, String what, int offset) {
        if (!(value instanceof Tuple(var items))) {
            throw malformed("has " + value.describe() + " as " + what + ", expected a tuple of numbers", offset);
        }
        long[] numbers = new long[items.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = number(items.get(i), what, offset);
        }
        return numbers;
    }

    private long number(PickleValue value, String what, int offset) {
        if (!(value instanceof Scalar(Long number)) || number < 0) {
            throw malformed("has " + value.describe() + " as " + what + ", expected a number from 0 to 2^63 - 1", offset);
        }
        return number;
    }

    /** The string that {@code value} must be. */
    String text(PickleValue value, String what, int offset) {
        if (!(value instanceof Scalar(String text))) {
            throw malformed("has " + value.describe() + " as " + what + ", expected a string", offset);
        }
        return text;
    }

    private WeightFileException malformed(String message, int offset) {
        return source.malformed("data.pkl " + message + " (byte " + offset + ")");
    }
}
