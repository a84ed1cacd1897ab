package io.lanecell;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/** Writes and checks the bytes that {@link Session#snapshot()} describes. */
final class SessionSnapshot {
    private static final long MAGIC = 0x534c_4543_454e_414cL; // LANECELS, its first letter lowest
    private static final int VERSION = 1;
    private static final int HEADER = 32;

    private final Model model;
    private final int sequences;
    private final int sequenceSize;

    SessionSnapshot(Model model, int sequences, int sequenceSize) {
        this.model = model;
        this.sequences = sequences;
        this.sequenceSize = sequenceSize;
    }

    /** Room for all of it, the header filled in, to be filled with the numbers. */
    ByteBuffer begin() {
        long size = size();
        if (size > Integer.MAX_VALUE - 64) {
            throw new InvalidInputException("a snapshot of " + sequences + " sequences would take " + size
                    + " bytes, too many for one array: use sessions of fewer sequences");
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) size).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(MAGIC).putInt(VERSION).putInt(numberBytes()).putLong(model.fingerprintBits()).putInt(sequences)
                .putInt(sequenceSize);
        return bytes;
    }

    /** Closes what was {@link #begin begun}. */
    byte[] end(ByteBuffer bytes) {
        int end = bytes.capacity() - Integer.BYTES;
        bytes.putInt(end, crc(bytes.array(), end));
        return bytes.array();
    }

    /**
     * The numbers of a snapshot that fits.
     *
     * @throws InvalidInputException if it is of another model, version, precision or number of sequences, truncated or altered
     */
    ByteBuffer numbersOf(byte[] snapshot) {
        ByteBuffer bytes = ByteBuffer.wrap(snapshot).order(ByteOrder.LITTLE_ENDIAN);
        if (snapshot.length < Long.BYTES || bytes.getLong(0) != MAGIC) {
            throw new InvalidInputException(
                    "these bytes are no session's snapshot, which begins with LANECELS: give what snapshot() gave");
        }
        if (snapshot.length < HEADER + Integer.BYTES) {
            throw new InvalidInputException("this snapshot is truncated: it has " + snapshot.length + " bytes where at least "
                    + (HEADER + Integer.BYTES) + " are expected");
        }
        if (bytes.getInt(8) != VERSION) {
            throw new InvalidInputException(
                    "this snapshot is of version " + bytes.getInt(8) + " where this Lanecell knows version "
                            + VERSION + ": restore it with the release that made it, or a later one");
        }
        int end = snapshot.length - Integer.BYTES;
        boolean intact = bytes.getInt(end) == crc(snapshot, end);
        expect(!intact, numberBytes(), bytes.getInt(12), "bytes a number", "the same precision");
        if (bytes.getLong(16) != model.fingerprintBits()) {
            throw new InvalidInputException("this snapshot is of the model with the fingerprint " + hex(bytes.getLong(16))
                    + " where this session's has " + model.fingerprint() + damage(!intact)
                    + ": restore it to a session of the same layers and weights");
        }
        expect(!intact, sequences, bytes.getInt(24), "sequences", "as many sequences");
        expect(!intact, sequenceSize, bytes.getInt(28), "numbers a sequence", "the same layers");
        if (snapshot.length != size()) {
            throw new InvalidInputException("this snapshot has " + snapshot.length + " bytes where " + size()
                    + " are expected: it is truncated, or something was appended");
        }
        if (!intact) {
            throw new InvalidInputException("this snapshot was altered: its CRC32C doesn't fit its bytes; take another one");
        }
        return bytes.position(HEADER).slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void expect(boolean damaged, int expected, int actual, String what, String remedy) {
        if (expected != actual) {
            throw new InvalidInputException("this snapshot has " + actual + " " + what + " where this session has " + expected
                    + damage(damaged) + ": restore it to a session of " + remedy);
        }
    }

    private static String damage(boolean damaged) {
        return damaged ? " (and its CRC32C doesn't fit, so it was truncated or altered)" : "";
    }

    private int numberBytes() {
        return model.dtype().bytes();
    }

    private long size() {
        return HEADER + (long) sequences * sequenceSize * numberBytes() + Integer.BYTES;
    }

    private static int crc(byte[] bytes, int end) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, end);
        return (int) crc.getValue();
    }

    /** As {@link Model#fingerprint()} says it. */
    static String hex(long fingerprint) {
        return HexFormat.of().toHexDigits(fingerprint);
    }
}
