package io.lanecell.loader;

import static io.lanecell.loader.Fault.assertFault;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The cursor over a pickle, to its last byte and no further. */
class PickleInputTest {
    @TempDir
    Path folder;

    private static PickleInput input(byte[] bytes, int at) {
        Source source = Source.of(Path.of("test.pt"), bytes);
        return new PickleInput(source, "data.pkl", source.content(), at);
    }

    private static PickleInput hex(String digits) {
        return input(HexFormat.of().parseHex(digits.replace(" ", "")), 0);
    }

    @Test
    void numbersOfEveryWidthMoveTheCursorBehindThem() {
        PickleInput in = hex("ff feff fdffffff fcffffff 0102030405060708 ffffffffffffffff 0100000000000080 3ff8000000000000");
        assertEquals("data.pkl", in.name());
        assertEquals(0xff, in.u8());
        assertEquals(1, in.at());
        assertEquals(0xfffe, in.u16());
        assertEquals(3, in.at());
        assertEquals(-3, in.i32());
        assertEquals(7, in.at());
        assertEquals(0xfffffffcL, in.u32());
        assertEquals(11, in.at());
        assertEquals(0x0807060504030201L, in.i64());
        assertEquals(19, in.at());
        assertEquals(Long.MAX_VALUE, in.u64(), "a length that fills 64 bits is as good as endless");
        assertEquals(Long.MAX_VALUE, in.u64());
        assertEquals(1.5, in.f64());
        assertEquals(43, in.at());
        assertFault(WeightFileException.Truncated.class, in::u8, "data.pkl needs 1 bytes at byte 43 but has 0 left");
        assertEquals(0, hex("0000000000000000").u64());
    }

    @Test
    void nothingIsReadAcrossTheEnd() {
        assertFault(WeightFileException.Truncated.class, () -> hex("01").u16(), "needs 2 bytes at byte 0 but has 1 left");
        assertFault(WeightFileException.Truncated.class, () -> hex("010203").i32(), "needs 4 bytes");
        assertFault(WeightFileException.Truncated.class, () -> hex("01020304050607").i64(), "needs 8 bytes");
        assertFault(WeightFileException.Truncated.class, () -> hex("0102").skip(3), "needs 3 bytes");
        assertFault(WeightFileException.Truncated.class, () -> hex("0102").need(Long.MAX_VALUE), "needs 9223372036854775807");
        assertFault(WeightFileException.Truncated.class, () -> hex("6162").text(3), "needs 3 bytes");
        assertFault(WeightFileException.Truncated.class, () -> hex("6162").integer(3), "needs 3 bytes");
        PickleInput in = hex("0102");
        in.need(2);
        in.skip(2);
        assertEquals(2, in.at());
    }

    @Test
    void whatFollowsIsLookedAtWithoutMovingTheCursor() {
        PickleInput in = hex("28 6c f0");
        in.u8();
        assertTrue(in.follows((byte) 0x6c));
        assertTrue(in.follows((byte) 0x6c, (byte) 0xf0));
        assertFalse(in.follows((byte) 0x6c, (byte) 0xf1));
        assertFalse(in.follows((byte) 0x28));
        assertFalse(in.follows((byte) 0x6c, (byte) 0xf0, (byte) 0), "nothing follows the end");
        assertEquals(1, in.at());
    }

    @Test
    void longNumbersArePassedOver() {
        PickleInput in = hex("0102030405060708 09 81 7f");
        assertNull(in.integer(9));
        assertEquals(9, in.at());
        assertEquals(-127, in.integer(1));
        assertEquals(127, in.integer(1));
        assertEquals(0, in.integer(0));
    }

    @Test
    void decimalNumbersEndAtTheLineFeedAndFit64Bits() {
        PickleInput in = input("-12\n9223372036854775807\n9223372036854775808\n".getBytes(StandardCharsets.US_ASCII), 0);
        assertEquals(-12, in.decimal());
        assertEquals(Long.MAX_VALUE, in.decimal());
        assertEquals(24, in.at());
        assertFault(WeightFileException.Malformed.class, in::decimal,
                "the number at byte 24 of data.pkl is '9223372036854775808', expected decimal digits of a number of 64 bits");
    }

    @Test
    void aMillionDecimalNumbersCostNoMoreThanTheFileWarrants() {
        byte[] bytes = "1\n".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII);
        PickleInput in = input(bytes, 0);
        long before = Allocation.ofThisThread();
        assertFault(WeightFileException.Malformed.class, () -> {
            while (true) {
                in.decimal();
            }
        }, "data.pkl would take far more memory than the file's 2097152 bytes warrant");
        long allocated = Allocation.ofThisThread() - before;
        assertTrue(allocated < 3L * bytes.length + (64 << 20), () -> allocated + " bytes allocated");
    }

    @Test
    void namesEndAtTheLineFeedAndHaveAtMost65536Bytes() {
        PickleInput in = input("os\nsystem\nx".getBytes(StandardCharsets.US_ASCII), 0);
        assertEquals("os", in.line());
        assertEquals(3, in.at());
        assertEquals("system", in.line());
        assertFault(WeightFileException.Truncated.class, in::line, "ends in the middle of a name that begins at byte 10");
        byte[] name = new byte[65_538];
        Arrays.fill(name, (byte) 'x');
        name[65_537] = '\n';
        assertFault(WeightFileException.Malformed.class, () -> input(name, 0).line(),
                "the name at byte 0 of data.pkl is longer than 65536 bytes");
        assertEquals(65_536, input(name, 1).line().length());
    }

    @Test
    void aStringOfMoreThan256MegabytesIsRefusedWhereItsFileWouldWarrantIt() {
        Source source = Fault.zeros(folder.resolve("large.pt"), 700L << 20);
        PickleInput in = new PickleInput(source, "data.pkl", source.content(), 5);
        assertFault(WeightFileException.Malformed.class, () -> in.text((1 << 28) + 1),
                "the string at byte 5 of data.pkl has 268435457 bytes, at most 268435456 are read");
    }

    @Test
    void stringsAreChargedForBeforeTheyAreMade() {
        Source small = Source.of(Path.of("test.pt"), new byte[1]);
        ByteRange large = Source.of(Path.of("test.pt"), new byte[11 << 20]).content();
        int most = (int) (((48L << 20) + 2 - PickleInput.BYTES_PER_TEXT) / 5);
        assertFault(WeightFileException.Malformed.class, () -> new PickleInput(small, "data.pkl", large, 0).text(most + 1),
                "data.pkl would take far more memory");
        Source another = Source.of(Path.of("test.pt"), new byte[1]);
        assertEquals(most, new PickleInput(another, "data.pkl", large, 0).text(most).length());
    }
}
