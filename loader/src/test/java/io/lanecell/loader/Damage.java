package io.lanecell.loader;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/** Damages good files at a few places: other bytes, other numbers of 2, 4 or 8 bytes, parts doubled, moved, taken out. */
final class Damage {
    private Damage() {
    }

    /** One of the files, damaged. */
    static byte[] of(List<byte[]> files, Choices choices) {
        byte[] bytes = choices.of(files).clone();
        int places = 1 + choices.below(6);
        for (int i = 0; i < places && bytes.length > 8; i++) {
            bytes = once(bytes, choices);
        }
        return bytes;
    }

    private static byte[] once(byte[] bytes, Choices choices) {
        ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int at = choices.below(bytes.length - 8);
        switch (choices.below(8)) {
            case 0, 1 -> bytes[at] = (byte) choices.below(256);
            case 2 -> bytes[at] += (byte) (choices.below(2) * 2 - 1);
            case 3 -> out.putShort(at, (short) choices.number());
            case 4 -> out.putInt(at, (int) choices.number());
            case 5 -> out.putLong(at, choices.number());
            case 6 -> System.arraycopy(bytes, choices.below(bytes.length - 8), bytes, at, 1 + choices.below(8));
            default -> {
                return spliced(bytes, at, choices);
            }
        }
        return bytes;
    }

    /** A part taken out, put in twice, or everything behind it cut off. */
    private static byte[] spliced(byte[] bytes, int at, Choices choices) {
        int length = Math.min(1 + choices.below(64), bytes.length - at);
        return switch (choices.below(3)) {
            case 0 -> {
                byte[] without = Arrays.copyOf(bytes, bytes.length - length);
                System.arraycopy(bytes, at + length, without, at, bytes.length - at - length);
                yield without;
            }
            case 1 -> {
                byte[] twice = Arrays.copyOf(bytes, bytes.length + length);
                System.arraycopy(bytes, at, twice, at + length, bytes.length - at);
                yield twice;
            }
            default -> Arrays.copyOf(bytes, at);
        };
    }
}
