package io.lanecell.loader;

import java.util.Arrays;
import java.util.List;

/** Takes choices out of a fuzzer's bytes. When they are used up, every choice is the first, so that whatever is built ends. */
final class Choices {
    private final byte[] bytes;
    private int at;

    Choices(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Whether any bytes are left. */
    boolean more() {
        return at < bytes.length;
    }

    /** A number from 0 to {@code n} - 1. */
    int below(int n) {
        int value = next();
        for (int range = 256; range < n; range <<= 8) {
            value = value << 8 | next();
            if (range == 1 << 24) {
                break;
            }
        }
        return Integer.remainderUnsigned(value, Math.max(1, n));
    }

    /** True about once in {@code n} times. */
    boolean oneIn(int n) {
        return below(n) == n - 1;
    }

    <T> T of(List<T> list) {
        return list.get(below(list.size()));
    }

    /** A number as hostile files have them: mostly small, or next to a power of two, or anything. */
    long number() {
        return switch (below(8)) {
            case 0, 1, 2, 3 -> below(8);
            case 4 -> below(256);
            case 5 -> (1L << below(64)) + below(3) - 1;
            case 6 -> below(3) - 1 - (1L << below(64));
            default -> (long) below(Integer.MAX_VALUE) << 32 | below(Integer.MAX_VALUE);
        };
    }

    /** At most that many bytes. */
    byte[] bytes(int most) {
        byte[] part = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + most));
        at += part.length;
        return part;
    }

    /** All bytes that are left. */
    byte[] rest() {
        return bytes(bytes.length - at);
    }

    private int next() {
        return more() ? bytes[at++] & 0xff : 0;
    }
}
