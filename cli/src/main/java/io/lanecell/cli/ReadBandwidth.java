package io.lanecell.cli;

import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How fast one core reads arrays that it reads over and over, by their size: small ones come from the caches. */
final class ReadBandwidth {
    /** 16 KiB lie in any first-level cache. */
    private static final int SMALLEST = 1 << 14;
    /** 64 MiB lie in the memory of most machines; what is larger is read as fast. */
    private static final int LARGEST = 1 << 26;
    /** Measuring ends after this even on a machine that is so busy that hardly anything was measured. */
    private static final long NANOS = 350_000_000L;
    private static final int FEWEST_ROUNDS = 3;
    private static final int MOST_ROUNDS = 1000;
    /** Bytes read between two looks at the clock, at least. */
    private static final int BYTES_PER_SAMPLE = 1 << 20;

    /** GB/s by bytes, both powers of two around each size that was asked for. */
    private final TreeMap<Integer, Double> measured = new TreeMap<>();
    private final int[] numbers;
    private int sink;

    /** Measures in under half a second what {@link #gigabytesPerSecond} needs for each of {@code sizes} in bytes. */
    ReadBandwidth(Collection<Long> sizes) {
        int most = Integer.highestOneBit(Math.clamp(Runtime.getRuntime().maxMemory() / 8, SMALLEST, LARGEST));
        for (long size : sizes) {
            int below = Integer.highestOneBit(Math.clamp(size, SMALLEST, most));
            measured.put(below, 0.0);
            if (size > below && below < most) {
                measured.put(2 * below, 0.0);
            }
        }
        numbers = new int[measured.isEmpty() ? 0 : measured.lastKey() / Integer.BYTES];
        measure();
    }

    /** µs that reading so many bytes takes. */
    double micros(long bytes) {
        return bytes / (gigabytesPerSecond(bytes) * 1e3);
    }

    /** GB/s (10⁹ bytes) at which so many bytes are read again and again, between two measured sizes interpolated. */
    double gigabytesPerSecond(long bytes) {
        int size = Math.clamp(bytes, measured.firstKey(), measured.lastKey());
        int below = measured.floorKey(size);
        int above = measured.ceilingKey(size);
        double part = below == above ? 0 : Math.log((double) size / below) / Math.log((double) above / below);
        return (1 - part) * measured.get(below) + part * measured.get(above);
    }

    /** What was measured: {@code kibibytes} and {@code gigabytesPerSecond}, ascending. */
    List<Map<String, Object>> asList() {
        return measured.entrySet().stream().map(size -> {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("kibibytes", size.getKey() / 1024);
            map.put("gigabytesPerSecond", size.getValue());
            return map;
        }).toList();
    }

    /** All sizes by turns, so that the compiler has time and no size alone suffers from what else the machine does. */
    private void measure() {
        Map<Integer, double[]> samples = new LinkedHashMap<>();
        measured.keySet().forEach(size -> samples.put(size, new double[MOST_ROUNDS]));
        long begin = System.nanoTime();
        int rounds = 0;
        while (rounds < FEWEST_ROUNDS || rounds < MOST_ROUNDS && System.nanoTime() - begin < NANOS) {
            for (Map.Entry<Integer, double[]> size : samples.entrySet()) {
                size.getValue()[rounds] = nanosToRead(size.getKey());
            }
            rounds++;
        }
        for (Map.Entry<Integer, double[]> size : samples.entrySet()) {
            Arrays.sort(size.getValue(), 0, rounds);
            // The lower quartile: neighbours and the compiler only ever make it slower.
            measured.put(size.getKey(), size.getKey() / size.getValue()[rounds / 4]);
        }
    }

    /** Nanoseconds for reading so many bytes once, the first reading, which brings them near, not counted. */
    private double nanosToRead(int bytes) {
        int length = bytes / Integer.BYTES;
        int rounds = Math.max(1, BYTES_PER_SAMPLE / bytes);
        sink += sum(numbers, length);
        long start = System.nanoTime();
        for (int i = 0; i < rounds; i++) {
            sink += sum(numbers, length);
        }
        return (System.nanoTime() - start) / (double) rounds;
    }

    /** C2 takes vectors for a sum of integers if there is work besides the sum; a sum of floats would measure the adder. */
    private static int sum(int[] numbers, int length) {
        int sum = 0;
        for (int i = 0; i < length; i++) {
            sum += numbers[i] ^ 0x5555;
        }
        return sum;
    }
}
