package io.lanecell;

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
     * @param stride floats from one row to the next
     * @param used   the first so many of them are state
     */
    private record Slot(int first, int count, int stride, int used) {
    }

    private final List<Slot> slots = new ArrayList<>();

    /**
     * Adds an array and returns its number.
     *
     * @throws InvalidInputException if it would be too long
     */
    int add(int first, int count, int stride, int used) {
        if ((long) count * stride > Integer.MAX_VALUE - 64) {
            throw new InvalidInputException("the state of a batch of " + count + " sequences takes " + (long) count * stride
                    + " numbers, too many for one array: use smaller batches");
        }
        slots.add(new Slot(first, count, stride, used));
        return slots.size() - 1;
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
