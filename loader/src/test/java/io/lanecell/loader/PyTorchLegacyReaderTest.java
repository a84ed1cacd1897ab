package io.lanecell.loader;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.Weights;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class PyTorchLegacyReaderTest {
    private static PickleWriter dict() {
        return PickleWriter.protocol(2).ops("}(");
    }

    private static PickleWriter twoByTwo() {
        return dict().text("w").tensor("FloatStorage", "17", 4, 0, new long[]{2, 2}, new long[]{1, 2}).ops("u");
    }

    private static <E extends WeightFileException> void assertFault(Class<E> kind, LegacyFile file, String... words) {
        String message = assertThrows(kind, file::read).getMessage();
        for (String word : words) {
            assertTrue(message.contains(word), () -> "no '" + word + "' in: " + message);
        }
    }

    /** A tensor over a part of a storage, as PyTorch 0.1 to 0.3 wrote it. */
    private static PickleWriter part(long first, long elements) {
        return dict().text("w").global("torch._utils", "_rebuild_tensor").ops("((").text("storage")
                .global("torch", "FloatStorage")
                .text("17").text("cpu").number(4).ops("(").text("18").number(first).number(elements).ops("ttQ").number(0)
                .numbers(2).numbers(1).ops("tRu");
    }

    @Test
    void tensorsAreReadFromTheStoragesBehindThePickles() {
        Weights weights = LegacyFile.of(twoByTwo(), "17", 1, 2, 3, 4).read();
        assertEquals(List.of("w"), List.copyOf(weights.names()));
        assertArrayEquals(new float[]{1, 3, 2, 4}, weights.get("w").toFloats());
    }

    @Test
    void storagesStandInTheOrderOfTheListOfKeys() {
        PickleWriter pickle = dict().text("a").tensor("FloatStorage", "1", 2, 0, new long[]{2}, new long[]{1}).text("b")
                .tensor("FloatStorage", "2", 1, 0, new long[]{1}, new long[]{1}).ops("u");
        Weights weights = LegacyFile.start().with(pickle.stop()).keys("2", "1").floats(1, 9).floats(2, 7, 8).read();
        assertArrayEquals(new float[]{7, 8}, weights.get("a").toFloats());
        assertArrayEquals(new float[]{9}, weights.get("b").toFloats());
    }

    @Test
    void aPartOfAStorageStartsWhereItSays() {
        assertArrayEquals(new float[]{2, 3}, LegacyFile.of(part(1, 2), "17", 1, 2, 3, 4).read().get("w").toFloats());
        assertFault(WeightFileException.Malformed.class, LegacyFile.of(part(3, 2), "17", 1, 2, 3, 4), "2 elements from 3");
        assertFault(WeightFileException.Malformed.class, LegacyFile.of(part(Long.MAX_VALUE, 2), "17", 1, 2, 3, 4),
                "storage of 4");
        assertFault(WeightFileException.Malformed.class, LegacyFile.of(part(1, 1), "17", 1, 2, 3, 4), "'w'", "reaches past");
    }

    @Test
    void aStorageOfAnotherSizeThanThePickleSaysIsRefused() {
        for (long claimed : new long[]{5, 3, 0, -1, Long.MAX_VALUE}) {
            LegacyFile file = LegacyFile.start().with(twoByTwo().stop()).keys("17").floats(claimed, 1, 2, 3, 4);
            assertFault(WeightFileException.Malformed.class, file, "'17'", claimed + " elements", "says 4");
        }
    }

    @Test
    void oneStorageWithTwoSizesOrTypesIsRefused() {
        for (String type : List.of("FloatStorage", "DoubleStorage")) {
            PickleWriter pickle = dict().text("a").tensor(type, "1", 2, 0, new long[]{2}, new long[]{1}).text("b")
                    .tensor("FloatStorage", "1", 1, 0, new long[]{1}, new long[]{1}).ops("u");
            assertFault(WeightFileException.Malformed.class, LegacyFile.of(pickle, "1", 1, 2), "storage '1' first with 2",
                    "then with 1");
        }
    }

    @Test
    void missingDoubledAndForeignKeysAreNamed() {
        LegacyFile none = LegacyFile.start().with(twoByTwo().stop()).keys();
        assertFault(WeightFileException.Malformed.class, none, "'w'", "'17'", "doesn't list");
        LegacyFile twice = LegacyFile.start().with(twoByTwo().stop()).keys("17", "17").floats(4, 1, 2, 3, 4).floats(4, 1, 2, 3,
                4);
        assertFault(WeightFileException.Malformed.class, twice, "'17' twice");
        assertFault(WeightFileException.Malformed.class, LegacyFile.of(twoByTwo(), "99", 1, 2, 3, 4), "'99'", "no tensor");
        LegacyFile number = LegacyFile.start().with(twoByTwo().stop()).with(PickleWriter.protocol(2).number(1).stop());
        assertFault(WeightFileException.Malformed.class, number, "the number 1", "list of its storages");
    }

    @Test
    void otherVersionsAreUnsupportedAndBigEndianMachinesWroteTheSame() {
        byte[] magic = PickleWriter.protocol(2).hex("8a0a6cfc9c46f9206aa85019").stop();
        LegacyFile later = new LegacyFile().with(magic).with(PickleWriter.protocol(2).number(1002).stop());
        assertFault(WeightFileException.Unsupported.class, later, "1002", "1001");
        LegacyFile big = new LegacyFile().with(magic).with(PickleWriter.protocol(2).number(1001).stop())
                .with(PickleWriter.protocol(2).ops("}").text("little_endian").op(0x89).ops("s").stop())
                .with(twoByTwo().stop()).keys("17").floats(4, 1, 2, 3, 4);
        assertArrayEquals(new float[]{1, 3, 2, 4}, big.read().get("w").toFloats());
    }

    @Test
    void codeIsRefusedByNameWhereverItStands() {
        byte[] evil = PickleWriter.protocol(2).global("os", "system").ops("(").text("true").ops("tR").stop();
        assertFault(WeightFileException.Refused.class, LegacyFile.start().with(evil), "'os.system'", "not run");
        assertFault(WeightFileException.Refused.class, LegacyFile.start().with(twoByTwo().stop()).with(evil), "'os.system'");
        assertFault(WeightFileException.Refused.class, new LegacyFile().with(evil), "'os.system'");
    }

    @Test
    void everyTruncationIsATypedError() {
        byte[] good = LegacyFile.of(twoByTwo(), "17", 1, 2, 3, 4).bytes();
        for (int length = 0; length < good.length; length++) {
            byte[] cut = Arrays.copyOf(good, length);
            assertThrows(WeightFileException.Truncated.class, () -> LegacyFile.read(cut), "cut to " + length);
        }
    }

    @Tag("long")
    @Test
    void randomDamageGivesTensorsOrATypedErrorAndNothingElse() {
        long seed = new Random().nextLong();
        System.out.println("legacy randomDamageGivesTensorsOrATypedErrorAndNothingElse: seed " + seed);
        Random random = new Random(seed);
        byte[] good = LegacyFile.of(twoByTwo(), "17", 1, 2, 3, 4).bytes();
        int refused = 0;
        for (int round = 0; round < 4_000; round++) {
            byte[] bad = good.clone();
            for (int i = random.nextInt(3); i >= 0; i--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            }
            try {
                LegacyFile.read(bad);
            } catch (WeightFileException e) {
                refused++;
            }
        }
        assertTrue(refused > 2_000, "only " + refused + " of 4000 damaged files were refused");
    }
}
