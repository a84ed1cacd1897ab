package io.lanecell.loader;

import static io.lanecell.loader.Fault.assertFault;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.DType;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The text before an array's elements, character by character. */
class NumpyHeaderTest {
    private static byte[] npy(int version, String text, int elements) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(NumpyHeader.MAGIC);
        out.write(version);
        out.write(0);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < (version == 1 ? 2 : 4); i++) {
            out.write(bytes.length >> 8 * i);
        }
        out.writeBytes(bytes);
        out.writeBytes(new byte[elements]);
        return out.toByteArray();
    }

    private static NumpyHeader read(byte[] file) {
        Source source = Source.of(Path.of("a.npy"), file);
        return NumpyHeader.read(source, "its array", source.content());
    }

    private static NumpyHeader read(String text) {
        return read(npy(1, text, 0));
    }

    private static String shape(String shape) {
        return "{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + "}";
    }

    private static void malformed(String text, String... words) {
        assertFault(WeightFileException.Malformed.class, () -> read(text), words);
    }

    @Test
    void everythingTheHeaderSaysIsKept() {
        String text = "{'descr': '>i2', 'fortran_order': True, 'shape': (3, 4), }  \n";
        NumpyHeader header = read(text);
        assertEquals(DType.I16, header.dtype());
        assertTrue(header.bigEndian());
        assertTrue(header.fortran());
        assertArrayEquals(new int[]{3, 4}, header.shape());
        assertEquals(10 + text.length(), header.start());
        String compact = "{\"descr\":\n\"|b1\",'fortran_order':False,'shape':()}";
        NumpyHeader other = read(npy(2, compact, 0));
        assertEquals(DType.BOOL, other.dtype());
        assertFalse(other.bigEndian());
        assertFalse(other.fortran());
        assertEquals(0, other.shape().length);
        assertEquals(12 + compact.length(), other.start());
    }

    @Test
    void numPysNamesOfTypesAreGivenBothWays() {
        for (DType dtype : DType.values()) {
            String name = NumpyHeader.describe(dtype);
            if (dtype == DType.BF16) {
                assertNull(name);
            } else {
                assertEquals(dtype.bytes() == 1 ? '|' : '<', name.charAt(0));
                assertEquals(dtype, read("{'descr': '" + name + "', 'fortran_order': False, 'shape': (1,)}").dtype());
            }
        }
    }

    @Test
    void extentsMayBePythons2LongsAndAtMost64OfThem() {
        assertArrayEquals(new int[]{2, 3}, read(shape("(2L,3L)")).shape());
        assertArrayEquals(new int[]{2147483647, 0}, read(shape("(2147483647, 0000000000)")).shape());
        malformed(shape("(2147483648,)"), "the extent 2147483648, at most 2147483647");
        malformed(shape("(00000000001,)"), "the extent 00000000001");
        malformed(shape("(1;)"), "';' where ')' is expected", "character 52");
        malformed(shape("(/1,)"), "'/' where an extent is expected");
        malformed(shape("(:,)"), "':' where an extent is expected");
        malformed(shape("(L,)"), "'L' where an extent is expected");
        assertEquals(64, read(shape("(" + "1,".repeat(64) + ")")).shape().length);
        malformed(shape("(" + "1,".repeat(65) + ")"), "more than 64 dimensions");
        String start = shape("(");
        malformed(start.substring(0, start.length() - 1) + "12", "no end");
        malformed(start.substring(0, start.length() - 1) + "12L", "no end");
        malformed(start.substring(0, start.length() - 1), "no end");
    }

    @Test
    void eachKeyMustBeThereAndNoOther() {
        malformed("{'fortran_order': False, 'shape': ()}", "has no descr (character");
        malformed("{'descr': '<f4', 'shape': ()}", "has no fortran_order");
        malformed("{'descr': '<f4', 'fortran_order': False}", "has no shape");
        malformed("{'descr': '<f4', 'x': 1}", "the unknown key 'x'");
        malformed("{'descr' '<f4'}", "''' where ':' is expected");
        malformed("('descr')", "'(' where '{' is expected (character 0)");
        malformed("{'descr': '<f4' 'x'}", "''' where '}' is expected");
        malformed("{'descr': <f4}", "'<' where a string is expected");
        malformed("{'descr': '<f4}", "''' where a string is expected");
        malformed("{'fortran_order': truE}", "neither True nor False");
        malformed(shape("()") + "x", "something after its closing brace");
        malformed("{'descr': '\u0007", "''' where a string is expected");
    }

    @Test
    void theHeadersLengthIsCheckedInEveryVersion() {
        assertFault(WeightFileException.Truncated.class, () -> read(Arrays.copyOf(NumpyHeader.MAGIC, 9)),
                "its array has 9 bytes");
        assertFault(WeightFileException.Malformed.class, () -> read("93NUMPY..........".getBytes(StandardCharsets.US_ASCII)),
                "doesn't begin as a NumPy array");
        for (int version : new int[]{0, 4, 255}) {
            assertFault(WeightFileException.Unsupported.class, () -> read(npy(version, shape("()"), 0)),
                    "has version " + version + " of the .npy format");
        }
        byte[] good = npy(2, shape("()"), 0);
        for (int length : new int[]{10, 11}) {
            assertFault(WeightFileException.Truncated.class, () -> read(Arrays.copyOf(good, length)),
                    "its array has a header of");
        }
        assertFault(WeightFileException.Truncated.class, () -> read(Arrays.copyOf(good, 12)), "a header of 53 bytes but only 0");
        assertEquals(12 + 53, read(good).start());
        assertFault(WeightFileException.Malformed.class, () -> read(npy(2, " ".repeat(65_537), 0)),
                "a header of 65537 bytes, at most 65536 are read");
        assertEquals(12 + 65_536, read(npy(3, shape("()") + " ".repeat(65_536 - 53), 0)).start());
    }

    @Test
    void theHeaderIsChargedFor() {
        byte[] file = npy(1, shape("()"), 0);
        Source source = Source.of(Path.of("a.npy"), file);
        source.charge((48 << 20) + 2 * file.length - 8 * 53, "the rest");
        NumpyHeader.read(source, "its array", source.content());
        assertFault(WeightFileException.Malformed.class, () -> NumpyHeader.read(source, "its array", source.content()), "memory");
    }

    @Test
    void anArchiveOfArraysHoldsNothingElse() {
        byte[] zip = new TorchZip().top("a.npy", npy(1, shape("()"), 4)).top("b.txt", new byte[1]).bytes();
        assertFault(WeightFileException.Malformed.class, () -> new NumpyReader().read(Source.of(Path.of("x.npz"), zip)),
                "holds 'b.txt' beside NumPy's arrays, expected only names that end in .npy");
        byte[] good = new TorchZip().top("a.npy", npy(1, shape("()"), 4)).top(".npy", npy(1, shape("(1,)"), 4)).bytes();
        assertEquals(List.of("a", ""), List.copyOf(new NumpyReader().read(Source.of(Path.of("x.npz"), good)).names()));
        byte[] wrong = new TorchZip().top("a.npy", npy(1, shape("()"), 3)).bytes();
        assertFault(WeightFileException.Truncated.class, () -> new NumpyReader().read(Source.of(Path.of("x.npz"), wrong)),
                "array 'a' of type F32 and shape [] needs 4 bytes but 3 follow its header, the file is cut short");
    }

    @Test
    void fortranOrderOfOneDimensionOrNoElementsNeedsNoTurning() {
        for (String shape : List.of("()", "(2,)")) {
            byte[] file = npy(1, "{'descr': '<f4', 'fortran_order': True, 'shape': " + shape + "}", shape.equals("()") ? 4 : 8);
            Source source = Source.of(Path.of("a.npy"), file);
            new NumpyReader().read(source);
            assertEquals(List.of(), source.remarks());
        }
        byte[] empty = npy(1, "{'descr': '<f4', 'fortran_order': True, 'shape': (3, 0)}", 0);
        assertEquals("F32[3, 0]", new NumpyReader().read(Source.of(Path.of("a.npy"), empty)).get("").toString());
        byte[] tooMany = npy(1, shape("(65536, 32768)"), 0);
        assertFault(WeightFileException.Malformed.class, () -> new NumpyReader().read(Source.of(Path.of("a.npy"), tooMany)),
                "its array of shape [65536, 32768] has too many elements");
    }
}
