package io.lanecell.loader;

import io.jhdf.checksum.ChecksumUtils;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Sets the checksums of a damaged file right, so that a reader comes past them to the damage. */
final class Checksums {
    private static final int CENTRAL = 0x02014b50;
    private static final int LOCAL = 0x04034b50;
    private static final int END = 0x06054b50;
    private static final int LARGEST = 1 << 16;
    private static final int TAR_BLOCK = 512;

    private Checksums() {
    }

    /** Sets the CRC-32 of every entry of a zip archive that can be found, in place. */
    static byte[] ofZip(byte[] zip) {
        ByteBuffer in = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at + 46 <= zip.length; at++) {
            if (zip[at] == 'P' && in.getInt(at) == CENTRAL) {
                ofEntry(in, at);
            } else if (zip[at] == 'P' && in.getInt(at) == END) {
                break;
            }
        }
        return zip;
    }

    private static void ofEntry(ByteBuffer in, int central) {
        int local = in.getInt(central + 42);
        if (local < 0 || local > in.capacity() - 30 || in.getInt(local) != LOCAL) {
            return;
        }
        int data = local + 30 + Short.toUnsignedInt(in.getShort(local + 26)) + Short.toUnsignedInt(in.getShort(local + 28));
        int packed = in.getInt(central + 20);
        if (packed < 0 || data > in.capacity() || packed > in.capacity() - data) {
            return;
        }
        CRC32 crc = new CRC32();
        if (in.getShort(central + 10) == 0) {
            crc.update(in.array(), data, packed);
        } else {
            inflated(in.array(), data, packed, in.getInt(central + 24), crc);
        }
        in.putInt(central + 16, (int) crc.getValue());
        in.putInt(local + 14, (int) crc.getValue());
    }

    private static void inflated(byte[] zip, int at, int packed, int size, CRC32 crc) {
        byte[] out = new byte[Math.clamp(size, 0, LARGEST)];
        try (Inflater inflater = new Inflater(true)) {
            inflater.setInput(zip, at, packed);
            crc.update(out, 0, inflater.inflate(out));
        } catch (DataFormatException e) {
            crc.reset();
        }
    }

    /** Sets the checksum of every header of a tar archive that can be found, in place. */
    static byte[] ofTar(byte[] tar) {
        long size = 0;
        for (long at = 0; at >= 0 && at <= tar.length - TAR_BLOCK && size >= 0; at += TAR_BLOCK + (size + 511 & -TAR_BLOCK)) {
            String header = new String(tar, (int) at, TAR_BLOCK, StandardCharsets.ISO_8859_1);
            if (!header.startsWith("ustar", 257)) {
                return tar;
            }
            String blank = header.substring(0, 148) + "        " + header.substring(156);
            byte[] sum = "%06o\0 ".formatted(blank.chars().sum()).getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(sum, 0, tar, (int) at + 148, sum.length);
            String digits = header.substring(124, 136).replace('\0', ' ').strip();
            size = digits.matches("[0-7]{1,12}") ? Long.parseLong(digits, 8) : -1;
        }
        return tar;
    }

    /** Sets the checksums of an HDF5 file's superblock and object headers (format version 2), in place. */
    static byte[] ofHdf5(byte[] file) {
        ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        if (file.length >= 48 && (file[8] == 2 || file[8] == 3)) {
            in.putInt(44, sum(file, 0, 44));
        }
        for (int at = 0; at + 16 <= file.length; at++) {
            if (file[at] == 'O' && in.getInt(at) == 0x5244484f) {
                int flags = in.get(at + 5);
                int start = at + 6 + ((flags & 32) != 0 ? 16 : 0) + ((flags & 16) != 0 ? 4 : 0);
                int width = 1 << (flags & 3);
                long end = start + width > file.length - 8 ? -1 : start + width + (in.getLong(start) & (-1L >>> 64 - 8 * width));
                if (end > 0 && end <= file.length - 4) {
                    in.putInt((int) end, sum(file, at, (int) end));
                }
            }
        }
        return file;
    }

    private static int sum(byte[] file, int from, int to) {
        return ChecksumUtils.checksum(Arrays.copyOfRange(file, from, to));
    }
}
