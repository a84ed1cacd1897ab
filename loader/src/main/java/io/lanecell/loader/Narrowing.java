package io.lanecell.loader;

import io.lanecell.DType;
import io.lanecell.InvalidInputException;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Weights in another floating-point type, each number rounded to the nearest, ties to even, by way of float32 as PyTorch does. */
public final class Narrowing {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final DType target;
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private final Map<DType, Integer> changed = new TreeMap<>();
    private int kept;
    private long overflows;

    private Narrowing(DType target) {
        this.target = target;
    }

    /**
     * All floating-point tensors as {@code target}; tensors of integers stay as they are.
     *
     * @param target F32, BF16 or F16
     */
    public static Narrowing of(Weights weights, DType target) {
        if (target != DType.F32 && target != DType.BF16 && target != DType.F16) {
            throw new InvalidInputException("weights are converted to F32, BF16 or F16, not to " + target);
        }
        Narrowing narrowing = new Narrowing(target);
        weights.tensors().forEach(narrowing::add);
        return narrowing;
    }

    /** The converted weights. */
    public Weights weights() {
        return Weights.of(tensors);
    }

    /** A sentence for each thing that was done. */
    public List<String> report() {
        List<String> report = new ArrayList<>();
        changed.forEach((from, count) -> report.add((from.bytes() > target.bytes() ? "narrowed " : "converted ") + count
                + (count == 1 ? " tensor from " : " tensors from ") + from + " to " + target));
        if (overflows > 0) {
            report.add(overflows + (overflows == 1 ? " number" : " numbers") + " beyond the range of " + target
                    + " became infinite");
        }
        if (kept > 0) {
            report.add("left " + kept + (kept == 1 ? " tensor" : " tensors") + " of integers as "
                    + (kept == 1 ? "it is" : "they are"));
        }
        return report;
    }

    private void add(String name, Tensor tensor) {
        if (tensor.dtype() == target || !tensor.dtype().isFloating()) {
            kept += tensor.dtype().isFloating() ? 0 : 1;
            tensors.put(name, tensor);
            return;
        }
        changed.merge(tensor.dtype(), 1, Integer::sum);
        float[] values = tensor.toFloats();
        MemorySegment bytes = Arena.ofAuto().allocate((long) values.length * target.bytes());
        for (int i = 0; i < values.length; i++) {
            boolean infinite;
            if (target == DType.F32) {
                bytes.set(FLOAT, 4L * i, values[i]);
                infinite = Float.isInfinite(values[i]);
            } else {
                short half = target == DType.F16 ? Float.floatToFloat16(values[i]) : bfloat16(values[i]);
                bytes.set(SHORT, 2L * i, half);
                infinite = (half & 0x7fff) == (target == DType.F16 ? 0x7c00 : 0x7f80);
            }
            if (infinite && wasFinite(tensor, values[i], i)) {
                overflows++;
            }
        }
        tensors.put(name, Tensor.ofBytes(target, tensor.shape(), bytes));
    }

    private static boolean wasFinite(Tensor tensor, float value, int i) {
        if (tensor.dtype() != DType.F64) {
            return Float.isFinite(value);
        }
        MemorySegment element = MemorySegment.ofArray(new byte[Double.BYTES]);
        tensor.copyBytes((long) i * Double.BYTES, element);
        return Double.isFinite(element.get(ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0));
    }

    /** The upper half of a float, rounded to nearest, ties to even. */
    private static short bfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) (bits >> 16 | 0x40);
        }
        return (short) (bits + 0x7fff + (bits >> 16 & 1) >> 16);
    }
}
