package io.lanecell.cli;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The index arithmetic of torch.nn.utils.rnn's pack_padded_sequence and pad_packed_sequence. A padded sequence has
 * {@code batch} × {@code steps} positions of {@code width} values, (N, T, width) if {@code batchFirst} else (T, N, width).
 */
final class Packing {
    private Packing() {
    }

    /** The order that packing gives the sequences: longest first, those of equal length as they came. */
    static int[] sortedIndices(int[] lengths) {
        return IntStream.range(0, lengths.length).boxed().sorted(Comparator.comparingInt(n -> -lengths[n]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /** The order that undoes {@code sorted}. */
    static int[] unsortedIndices(int[] sorted) {
        int[] unsorted = new int[sorted.length];
        for (int i = 0; i < sorted.length; i++) {
            unsorted[sorted[i]] = i;
        }
        return unsorted;
    }

    /** Whether {@code order} names each sequence once and no sequence is followed by a longer one. */
    static boolean isDescending(long[] order, int[] lengths) {
        long[] names = order.clone();
        Arrays.sort(names);
        if (!Arrays.equals(names, IntStream.range(0, lengths.length).asLongStream().toArray())) {
            return false;
        }
        return IntStream.range(1, order.length).allMatch(i -> lengths[(int) order[i - 1]] >= lengths[(int) order[i]]);
    }

    /** For each step, how many sequences are at least that long. */
    static int[] batchSizes(int[] lengths) {
        return IntStream.range(0, longest(lengths))
                .map(t -> (int) Arrays.stream(lengths).filter(length -> length > t).count())
                .toArray();
    }

    /** The longest of the lengths, 0 if there are none. */
    static int longest(int[] lengths) {
        return Arrays.stream(lengths).max().orElse(0);
    }

    /** The rows that are no padding: step after step, and in a step the sequences in {@code order}. */
    static double[] pack(double[] padded, int width, boolean batchFirst, int steps, int[] lengths, int[] order) {
        int rows = Arrays.stream(lengths).sum();
        double[] packed = new double[rows * width];
        int row = 0;
        for (int t = 0; t < longest(lengths); t++) {
            for (int n : order) {
                if (t < lengths[n]) {
                    int from = position(n, t, lengths.length, steps, batchFirst);
                    System.arraycopy(padded, from * width, packed, row++ * width, width);
                }
            }
        }
        return packed;
    }

    /** The same sequences with room for {@code newSteps} steps: cut, or padded with zeros. */
    static double[] resize(double[] padded, int width, boolean batchFirst, int batch, int steps, int newSteps) {
        double[] resized = new double[batch * newSteps * width];
        for (int n = 0; n < batch; n++) {
            for (int t = 0; t < Math.min(steps, newSteps); t++) {
                System.arraycopy(padded, position(n, t, batch, steps, batchFirst) * width, resized,
                        position(n, t, batch, newSteps, batchFirst) * width, width);
            }
        }
        return resized;
    }

    /** Writes {@code value} wherever a sequence has ended. */
    static void fillPadding(double[] padded, int width, boolean batchFirst, int steps, int[] lengths, double value) {
        for (int n = 0; n < lengths.length; n++) {
            for (int t = lengths[n]; t < steps; t++) {
                int from = position(n, t, lengths.length, steps, batchFirst) * width;
                Arrays.fill(padded, from, from + width, value);
            }
        }
    }

    /** Where step {@code t} of sequence {@code n} stands, counted in positions. */
    static int position(int n, int t, int batch, int steps, boolean batchFirst) {
        return batchFirst ? n * steps + t : t * batch + n;
    }
}
