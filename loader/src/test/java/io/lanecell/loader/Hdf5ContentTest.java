package io.lanecell.loader;

import static io.lanecell.loader.Fault.assertFault;
import static io.lanecell.loader.Fault.assertRemark;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.DType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** HDF5 files of every type of number, and ones whose claims are more than they hold; resources/keras/make.py wrote them. */
class Hdf5ContentTest {
    private static byte[] file(String name) {
        try (InputStream in = Hdf5ContentTest.class.getResourceAsStream("/keras/" + name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Hdf5Content read(Source source) {
        return Hdf5Content.read(source, source.bytes());
    }

    private static void fault(Class<? extends WeightFileException> kind, byte[] file, String... words) {
        assertFault(kind, () -> read(Source.of(Path.of("x.h5"), file)), words);
    }

    /** The file with {@code to} in the one place where it has {@code from} and {@code next} behind it. */
    private static byte[] patched(String name, long from, long next, long to) {
        byte[] bytes = file(name);
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int found = 0;
        for (int at = 0; at + 16 <= bytes.length; at++) {
            if (buffer.getLong(at) == from && buffer.getLong(at + 8) == next) {
                buffer.putLong(at, to);
                found++;
            }
        }
        assertEquals(1, found, "places to patch");
        return bytes;
    }

    @Test
    void everyTypeOfNumberThatIsOursIsReadAndOthersAreNamed() {
        Source source = Source.of(Path.of("x.h5"), file("types.h5"));
        source.charge(1000, "something before");
        var datasets = read(source).datasets();
        Map<String, DType> ours = Map.of("f2", DType.F16, "f4", DType.F32, "f8", DType.F64, "i1", DType.I8, "i2", DType.I16, "i4",
                DType.I32, "i8", DType.I64, "u1", DType.U8);
        ours.forEach((name, dtype) -> {
            assertEquals(dtype, datasets.get(name).dtype());
            double[] values = datasets.get(name).toDoubles();
            for (int i = 0; i < values.length; i++) {
                assertEquals(i, values[i], name);
            }
            assertTrue(values.length >= 3, name);
        });
        assertEquals("F32[0, 3]", datasets.get("empty").toString());
        assertArrayEquals(new double[]{7}, datasets.get("scalar").toDoubles());
        assertEquals("F32[4]", datasets.get("f4_again").toString());
        assertEquals(11, datasets.size());
        for (String other : List.of("u2", "u4", "u8", ">f4", ">i4", "text", "i3")) {
            assertRemark(source.remarks(), "dataset '" + other + "' is left out: its type");
        }
        assertRemark(source.remarks(), "dataset 'i3' is left out: its type (FixedPoint, 3 bytes) is no number that is read");
        assertRemark(source.remarks(), "'link' is left out: it is a link or a type");
        assertRemark(source.remarks(), "'kind' is left out: it is a link or a type");
        assertEquals(9, source.remarks().size());
        assertEquals(Map.of(), read(Source.of(Path.of("x.h5"), file("types.h5"))).texts(), "its model_config is a number");
        assertTrue(read(Source.of(Path.of("x.h5"), file("layers.h5"))).texts().keySet()
                .containsAll(List.of("model_config", "keras_version")));
    }

    @Test
    void anAttributeThatIsNoSingleTextIsMalformed() {
        fault(WeightFileException.Malformed.class, file("attributes.h5"), "attribute model_config is no single text");
    }

    @Test
    void extentsAndSizesBeyondOursAreNamed() {
        fault(WeightFileException.Malformed.class, file("extent.h5"), "dataset 'x' has an extent of 1099511627776");
        fault(WeightFileException.Malformed.class, file("elements.h5"), "dataset 'x' has too many elements");
        fault(WeightFileException.Malformed.class, patched("extent.h5", 1L << 40, 1L << 40, -1));
    }

    @Test
    void numbersThatLieNowhereOrBehindTheEndAreTruncated() {
        fault(WeightFileException.Truncated.class, file("unwritten.h5"),
                "dataset 'x' needs 12 bytes from -1 on, the file has 1400");
        // Its 8 bytes of numbers lie from 2048 to the end, 2056.
        for (long place : new long[]{2049, 2057}) {
            fault(WeightFileException.Truncated.class, patched("weights_only.h5", 2048, 8, place),
                    "dataset 'a' needs 8 bytes from " + place + " on, the file has 2056");
        }
        byte[] before = patched("weights_only.h5", 2048, 8, 2047);
        assertEquals("F32[2]", read(Source.of(Path.of("x.h5"), before)).datasets().get("a").toString());
    }

    @Test
    void groupsMayBe16LevelsDeep() {
        var datasets = read(Source.of(Path.of("x.h5"), file("levels16.h5"))).datasets();
        assertArrayEquals(new double[]{1}, datasets.get("g/".repeat(16) + "x").toDoubles());
        fault(WeightFileException.Malformed.class, file("levels17.h5"), "groups in groups deeper than 16 levels");
    }

    @Test
    void aTreeThatClaimsMoreRecordsThanTheFileHasBytesIsRefusedBeforeItsLibrarySeesIt() {
        for (int end : new int[]{30, 31, 200}) {
            byte[] file = new byte[end];
            ByteBuffer buffer = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
            int at = end - 30;
            buffer.putInt(at, 0x44485442).putInt(at + 26, -1);
            fault(WeightFileException.Malformed.class, file, "B-tree at byte " + at + " claims more records");
            buffer.putInt(at + 26, end + 1);
            fault(WeightFileException.Malformed.class, file, "B-tree at byte " + at);
            buffer.putInt(at + 26, end);
            fault(WeightFileException.Malformed.class, file, "is not valid HDF5");
        }
        fault(WeightFileException.Malformed.class, Arrays.copyOf(new byte[]{'B', 'T', 'H', 'D', 0, 0}, 29), "is not valid HDF5");
    }

    @Test
    void whatIsListedIsChargedFor() {
        byte[] file = file("levels16.h5");
        Source source = Source.of(Path.of("x.h5"), file);
        long structure = 0;
        for (int level = 0; level <= 16; level++) {
            structure += 2048 + 2L * 2 * level;
        }
        long copy = (24 << 20) + file.length / 8 + file.length;
        source.charge((48 << 20) + 2L * file.length - copy - structure + 1, "all but one byte too few");
        assertFault(WeightFileException.Malformed.class, () -> read(source), "the list of datasets would take");
        Source enough = Source.of(Path.of("x.h5"), file);
        enough.charge((48 << 20) + 2L * file.length - copy - structure, "the rest");
        read(enough);
    }
}
