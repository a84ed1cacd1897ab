package io.lanecell;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * What tells models apart: two CRC32C, one of what the layers are and one of their numbers. Good against mistakes, not against somebody
 * who wants two models to look alike. Layers add what they hold anyway, so that nothing is kept for it and nothing is computed until it
 * is asked for.
 */
final class Fingerprint {
    /** Numbers that are laid out as bytes at a time. */
    private static final int AT_ONCE = 1024;

    private final CRC32C layers = new CRC32C();
    private final CRC32C numbers = new CRC32C();
    private final ByteBuffer bytes = ByteBuffer.allocate(AT_ONCE * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);

    /** Adds a layer's name, or another word. */
    Fingerprint add(String word) {
        layers.update(word.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    Fingerprint add(long number) {
        layers.update(bytes.putLong(0, number).array(), 0, Long.BYTES);
        return this;
    }

    Fingerprint add(boolean flag) {
        return add(flag ? 1 : 0);
    }

    Fingerprint add(double number) {
        return add(Double.doubleToLongBits(number));
    }

    /** Adds a layer's weights, or null where it has none of a kind. */
    Fingerprint add(float[] weights) {
        add(weights == null ? -1 : weights.length);
        for (int at = 0; weights != null && at < weights.length; at += AT_ONCE) {
            int count = Math.min(AT_ONCE, weights.length - at);
            bytes.asFloatBuffer().put(weights, at, count);
            numbers.update(bytes.array(), 0, count * Float.BYTES);
        }
        return this;
    }

    /** The same in float64. */
    Fingerprint add(double[] weights) {
        add(weights == null ? -1 : weights.length);
        for (int at = 0; weights != null && at < weights.length; at += AT_ONCE) {
            int count = Math.min(AT_ONCE, weights.length - at);
            bytes.asDoubleBuffer().put(weights, at, count);
            numbers.update(bytes.array(), 0, count * Double.BYTES);
        }
        return this;
    }

    /** Of all that was added: the layers in the high half, their numbers in the low one. */
    long value() {
        return layers.getValue() << Integer.SIZE | numbers.getValue();
    }
}
