package io.lanecell.loader;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The directory of a zip archive, every number of it checked before use: against the file's size, and each
 * entry's own header against the directory. Section numbers are those of PKWARE's APPNOTE.TXT 6.3.10.
 */
final class ZipDirectory {
    private static final long LOCAL = 0x04034b50L;
    private static final long CENTRAL = 0x02014b50L;
    private static final long END = 0x06054b50L;
    private static final long END_64 = 0x06064b50L;
    private static final long END_64_LOCATOR = 0x07064b50L;
    private static final int LOCAL_SIZE = 30;
    private static final int CENTRAL_SIZE = 46;
    private static final int END_SIZE = 22;
    private static final int END_64_SIZE = 56;
    private static final int END_64_LOCATOR_SIZE = 20;
    private static final int LONGEST_COMMENT = 0xffff;
    private static final long IN_ZIP64 = 0xffffffffL;
    private static final int ENCRYPTED = 1;
    private static final int SIZES_FOLLOW_DATA = 8;
    private static final int STORED = 0;
    private static final int DEFLATED = 8;
    private static final int BYTES_PER_ENTRY = 256;
    private static final int CHECKED_AT_ONCE = 1 << 16;
    private static final long REPORT_EVERY = 4L << 20;

    /** One file of the archive; {@code at} is where its data begin. */
    private record Entry(String name, int method, long crc, long packed, long size, long header, long at) {
    }

    /** Where the directory lies. */
    private record Extent(long at, long size, long entries) {
    }

    private final Source source;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Map<String, ByteRange> contents = new HashMap<>();

    private long checked;
    private long reported;

    private ZipDirectory(Source source) {
        this.source = source;
    }

    /** Reads and checks the directory; no data yet. */
    static ZipDirectory read(Source source) {
        ZipDirectory zip = new ZipDirectory(source);
        zip.readEntries(zip.findDirectory());
        zip.refuseOverlaps();
        return zip;
    }

    /** The names of the files, in the directory's order. */
    Set<String> names() {
        return entries.keySet();
    }

    /** Whether there is a file of that name. */
    boolean has(String name) {
        return entries.containsKey(name);
    }

    /** The bytes of a file, inflated if need be, their checksum checked. The name must be one of {@link #names()}. */
    ByteRange content(String name) {
        return contents.computeIfAbsent(name, n -> readContent(entries.get(n)));
    }

    private ByteRange readContent(Entry entry) {
        ByteRange packed = source.content().slice(entry.at, entry.packed);
        ByteRange content = entry.method == STORED ? packed : inflate(entry, packed);
        CRC32 crc = new CRC32();
        byte[] buffer = new byte[(int) Math.min(CHECKED_AT_ONCE, content.size())];
        for (long done = 0; done < content.size(); done += buffer.length) {
            int part = (int) Math.min(buffer.length, content.size() - done);
            content.copyTo(done, MemorySegment.ofArray(buffer).asSlice(0, part));
            crc.update(buffer, 0, part);
            checked += part;
            if (checked - reported >= REPORT_EVERY) {
                reported = checked;
                source.progress(checked);
            }
        }
        if (crc.getValue() != entry.crc) {
            throw source.malformed("the checksum of zip record " + Quote.of(entry.name) + " doesn't match, the file is damaged:"
                    + " copy or save it again");
        }
        return content;
    }

    private ByteRange inflate(Entry entry, ByteRange packed) {
        String where = "zip record " + Quote.of(entry.name);
        if (entry.size > Integer.MAX_VALUE - 8 || entry.packed > Integer.MAX_VALUE - 8) {
            throw source.unsupported(where + " is compressed and too large, save the file again with torch.save");
        }
        source.charge(entry.size, where);
        byte[] content = new byte[(int) entry.size];
        try (Inflater inflater = new Inflater(true)) {
            inflater.setInput(packed.inMemory().asByteBuffer());
            int done = 0;
            while (done < content.length) {
                int step = inflater.inflate(content, done, content.length - done);
                if (step == 0) {
                    break;
                }
                done += step;
            }
            boolean more = done == content.length && !inflater.finished() && inflater.inflate(new byte[1]) > 0;
            if (done < content.length || more || !inflater.finished()) {
                throw source.malformed(where + " inflates to " + (more ? "more" : "fewer") + " than the " + entry.size
                        + " bytes that the directory gives");
            }
        } catch (DataFormatException e) {
            throw source.malformed(where + " is not valid deflate data: " + e.getMessage());
        }
        return new ByteRange.InMemory(MemorySegment.ofArray(content));
    }

    /** The end record (4.3.16), or where sizes don't fit it the zip64 one (4.3.14). */
    private Extent findDirectory() {
        long end = findEnd();
        long locator = end - END_64_LOCATOR_SIZE;
        Extent extent;
        long limit = end;
        if (locator >= 0 && source.u32(locator) == END_64_LOCATOR) {
            long at = source.i64(locator + 8);
            if (at < 0 || at > locator - END_64_SIZE || source.u32(at) != END_64) {
                throw source.malformed("the zip64 end record is not at " + at + " where its locator says");
            }
            extent = new Extent(source.i64(at + 48), source.i64(at + 40), source.i64(at + 32));
            limit = at;
        } else {
            extent = new Extent(source.u32(end + 16), source.u32(end + 12), source.u16(end + 10));
            if (source.u16(end + 4) != 0 || source.u16(end + 8) != extent.entries) {
                throw source.unsupported("is one part of a zip archive in several parts, join them first");
            }
        }
        boolean fits = extent.at >= 0 && extent.size >= 0 && extent.entries >= 0 && extent.at <= limit
                && extent.size <= limit - extent.at && extent.entries <= extent.size / CENTRAL_SIZE;
        if (!fits) {
            throw source.malformed("the zip directory (" + extent.entries + " entries in " + extent.size + " bytes at "
                    + extent.at + ") doesn't fit the file of " + source.size() + " bytes");
        }
        return extent;
    }

    private long findEnd() {
        long last = source.size() - END_SIZE;
        for (long at = last; at >= Math.max(0, last - LONGEST_COMMENT); at--) {
            if (source.u32(at) == END && at + END_SIZE + source.u16(at + 20) == source.size()) {
                return at;
            }
        }
        throw source.truncated("begins as a zip archive but has no zip directory at its end, it is cut short: copy or save it"
                + " again");
    }

    private void readEntries(Extent extent) {
        long at = extent.at;
        long limit = extent.at + extent.size;
        for (long i = 0; i < extent.entries; i++) {
            if (limit - at < CENTRAL_SIZE || source.u32(at) != CENTRAL) {
                throw source.malformed("the zip directory has no entry " + i + " at " + at + ", expected " + extent.entries
                        + " entries");
            }
            int nameLength = source.u16(at + 28);
            int extraLength = source.u16(at + 30);
            long next = at + CENTRAL_SIZE + nameLength + extraLength + source.u16(at + 32);
            if (next > limit) {
                throw source.malformed("entry " + i + " of the zip directory reaches past the directory's end");
            }
            source.charge(BYTES_PER_ENTRY + 3L * nameLength, "the zip directory");
            Entry entry = readEntry(at, nameLength, extraLength, extent.at);
            if (entries.put(entry.name, entry) != null) {
                throw source.malformed("the zip directory names " + Quote.of(entry.name) + " twice");
            }
            at = next;
        }
    }

    /** A directory entry (4.3.12). */
    private Entry readEntry(long at, int nameLength, int extraLength, long dataEnd) {
        String name = name(at + CENTRAL_SIZE, nameLength);
        String where = "zip record " + Quote.of(name);
        int flags = source.u16(at + 8);
        int method = source.u16(at + 10);
        long[] sizes = {source.u32(at + 24), source.u32(at + 20), source.u32(at + 42)};
        readZip64(where, sizes, at + CENTRAL_SIZE + nameLength, extraLength);
        if ((flags & ENCRYPTED) != 0) {
            throw source.unsupported(where + " is encrypted, decrypt the file first");
        }
        if (method != STORED && method != DEFLATED) {
            throw source.unsupported(where + " is compressed by method " + method + ", only stored and deflated are read");
        }
        if (method == STORED && sizes[0] != sizes[1]) {
            throw source.malformed(where + " is stored as it is, yet has " + sizes[0] + " bytes and takes " + sizes[1]);
        }
        long data = checkLocalHeader(where, at, nameLength, sizes, dataEnd);
        return new Entry(name, method, source.u32(at + 16), sizes[1], sizes[0], sizes[2], data);
    }

    /** The extra field 0x0001 (4.5.3): in this order those of size, packed size and offset that don't fit 32 bits. */
    private void readZip64(String where, long[] sizes, long extra, int extraLength) {
        long at = extra;
        while (extra + extraLength - at >= 4) {
            int id = source.u16(at);
            long fieldEnd = at + 4 + source.u16(at + 2);
            if (fieldEnd > extra + extraLength) {
                throw source.malformed(where + " has an extra field that reaches past its end");
            }
            at += 4;
            for (int i = 0; id == 1 && i < sizes.length; i++) {
                if (sizes[i] == IN_ZIP64 && fieldEnd - at >= 8) {
                    sizes[i] = source.i64(at);
                    at += 8;
                }
            }
            at = fieldEnd;
        }
        for (long size : sizes) {
            if (size < 0) {
                throw source.malformed(where + " has a negative size or offset");
            }
        }
    }

    /** The header before the data (4.3.7) must say what the directory says; gives where the data begin. */
    private long checkLocalHeader(String where, long central, int nameLength, long[] sizes, long dataEnd) {
        long at = sizes[2];
        if (at > dataEnd - LOCAL_SIZE || source.u32(at) != LOCAL) {
            throw source.malformed(where + " has no header at " + at + " where the zip directory says");
        }
        long data = at + LOCAL_SIZE + source.u16(at + 26) + source.u16(at + 28);
        if (data > dataEnd || sizes[1] > dataEnd - data) {
            throw source.truncated(where + " needs " + sizes[1] + " bytes from " + data + " on but the data end at " + dataEnd);
        }
        boolean sameName = source.u16(at + 26) == nameLength && Arrays.equals(
                source.array(at + LOCAL_SIZE, nameLength), source.array(central + CENTRAL_SIZE, nameLength));
        boolean sizesLater = (source.u16(at + 6) & SIZES_FOLLOW_DATA) != 0;
        long[] own = {source.u32(at + 22), source.u32(at + 18)};
        readZip64(where, own, at + LOCAL_SIZE + source.u16(at + 26), source.u16(at + 28));
        boolean sameSizes = sizesLater && own[0] == 0 && own[1] == 0 || own[0] == sizes[0] && own[1] == sizes[1];
        if (!sameName || !sameSizes || source.u16(at + 8) != source.u16(central + 10)) {
            throw source.malformed(where + " has another name, size or compression in its own header than in the zip directory");
        }
        return data;
    }

    private void refuseOverlaps() {
        List<Entry> sorted = new ArrayList<>(entries.values());
        sorted.sort(Comparator.comparingLong(Entry::header));
        for (int i = 1; i < sorted.size(); i++) {
            Entry before = sorted.get(i - 1);
            if (before.at + before.packed > sorted.get(i).header) {
                throw source
                        .malformed("zip records " + Quote.of(before.name) + " and " + Quote.of(sorted.get(i).name) + " overlap");
            }
        }
    }

    private String name(long at, int length) {
        return new String(source.array(at, length), StandardCharsets.UTF_8);
    }
}
