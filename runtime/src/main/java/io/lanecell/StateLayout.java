package io.lanecell;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Where the state of a session stands: a few arrays, of each stage's own, a row in them for each sequence. A row is padded to what
 * kernels compute at a time; the padding is no part of the state.
 */
final class StateLayout {
    private static final float[] NOTHING = {};

    /**
     * One array: rows of the {@code count} sequences from {@code first} on.
     *
     * @param what   the state, for messages and to tell whether another is of the same kind
     * @param stride floats from one row to the next
     * @param used   the first so many of them are state
     */
    private record Slot(String what, int first, int count, int stride, int used) {
    }

    private final List<Slot> slots = new ArrayList<>();

    /**
     * Adds an array and returns its number.
     *
     * @throws InvalidInputException if it would be too long
     */
    int add(String what, int first, int count, int stride, int used) {
        if ((long) count * stride > Integer.MAX_VALUE - 64) {
            throw new InvalidInputException("the state of a batch of " + count + " sequences takes " + (long) count * stride
                    + " numbers, too many for one array: use smaller batches");
        }
        slots.add(new Slot(what, first, count, stride, used));
        return slots.size() - 1;
    }

    /** Numbers in the state of one sequence, without padding. */
    int sequenceSize() {
        int size = 0;
        for (Slot slot : slots) {
            size += slot.first == 0 ? slot.used : 0;
        }
        return size;
    }

    /** What is different in the state of a sequence in the other layout; null if nothing is. */
    String difference(StateLayout other) {
        List<Slot> own = ofFirstSequence();
        List<Slot> others = other.ofFirstSequence();
        for (int i = 0; i < Math.min(own.size(), others.size()); i++) {
            Slot a = own.get(i);
            Slot b = others.get(i);
            if (a.used != b.used || !a.what.equals(b.what)) {
                return "part " + (i + 1) + " of its state is " + a.what + " of " + a.used + " numbers and the other's is "
                        + b.what
                        + " of " + b.used;
            }
        }
        return own.size() == others.size()
                ? null
                : "its state has " + own.size() + " parts and the other's has " + others.size();
    }

    private List<Slot> ofFirstSequence() {
        List<Slot> found = new ArrayList<>();
        for (Slot slot : slots) {
            if (slot.first == 0 && slot.used > 0) {
                found.add(slot);
            }
        }
        return found;
    }

    /** The states of all sequences without padding, one after another. */
    void save(float[][] state, FloatBuffer to, int sequences) {
        for (int n = 0; n < sequences; n++) {
            for (int i = 0; i < state.length; i++) {
                Slot slot = slots.get(i);
                if (n >= slot.first && n < slot.first + slot.count) {
                    to.put(state[i], (n - slot.first) * slot.stride, slot.used);
                }
            }
        }
    }

    /** Sets a state to what {@link #save} gave. */
    void load(float[][] state, FloatBuffer from, int sequences) {
        for (int n = 0; n < sequences; n++) {
            for (int i = 0; i < state.length; i++) {
                Slot slot = slots.get(i);
                if (n >= slot.first && n < slot.first + slot.count) {
                    from.get(state[i], (n - slot.first) * slot.stride, slot.used);
                }
            }
        }
    }

    /** A state of zeros. */
    float[][] newState() {
        float[][] state = new float[slots.size()][];
        for (int i = 0; i < state.length; i++) {
            int size = slots.get(i).count * slots.get(i).stride;
            state[i] = size == 0 ? NOTHING : new float[size];
        }
        return state;
    }

    /** Makes a state zero. */
    static void reset(float[][] state) {
        for (float[] array : state) {
            Arrays.fill(array, 0f);
        }
    }

    /** Copies the state of a lone sequence to sequence {@code n} of a batch that no workers share. */
    static void gather(float[][] lone, float[][] batch, int n) {
        for (int i = 0; i < lone.length; i++) {
            int stride = lone[i].length;
            System.arraycopy(lone[i], 0, batch[i], n * stride, stride);
        }
    }

    /** Copies the state of sequence {@code n} of a batch that no workers share to a lone sequence. */
    static void scatter(float[][] batch, int n, float[][] lone) {
        for (int i = 0; i < lone.length; i++) {
            int stride = lone[i].length;
            System.arraycopy(batch[i], n * stride, lone[i], 0, stride);
        }
    }
}
