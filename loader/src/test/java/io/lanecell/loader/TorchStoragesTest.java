package io.lanecell.loader;

import static io.lanecell.loader.Fault.assertFault;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.lanecell.Weights;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Storages of both of PyTorch's formats, and what stands beside them. */
class TorchStoragesTest {
    private static PickleWriter dict() {
        return PickleWriter.protocol(2).ops("}(");
    }

    private static PickleWriter floats(String name, int size) {
        return dict().text(name).tensor("FloatStorage", "0", size, 0, new long[]{size}, new long[]{1});
    }

    private static <E extends WeightFileException> void legacy(Class<E> kind, LegacyFile file, String... words) {
        assertFault(kind, file::read, words);
    }

    @Test
    void whatALegacyFileSaysOfItsMachineMayBeAnything() {
        byte[] magic = PickleWriter.protocol(2).hex("8a0a6cfc9c46f9206aa85019").stop();
        byte[] version = PickleWriter.protocol(2).number(1001).stop();
        for (String machine : List.of("N", "}", ")", "]", "}U\rlittle_endianNs")) {
            LegacyFile file = new LegacyFile().with(magic).with(version).with(PickleWriter.protocol(2).ops(machine).stop())
                    .with(floats("w", 2).ops("u").stop()).keys("0").floats(2, 1, 2);
            assertArrayEquals(new float[]{1, 2}, file.read().get("w").toFloats());
        }
        LegacyFile text = new LegacyFile().with(magic).with(PickleWriter.protocol(2).text("1001").stop());
        legacy(WeightFileException.Unsupported.class, text, "with the string '1001' as its version, only 1001 is read");
    }

    @Test
    void theListOfStoragesHasTextsThatThePickleAskedFor() {
        byte[] pickle = floats("w", 2).ops("u").stop();
        for (String[] item : new String[][]{{"N", "None"}, {")", "a tuple of 0"}, {"K\5", "the number 5"}}) {
            byte[] keys = PickleWriter.protocol(2).ops("](" + item[0] + "e").stop();
            legacy(WeightFileException.Malformed.class, LegacyFile.start().with(pickle).with(keys).floats(2, 1, 2),
                    "lists " + item[1] + " as a storage, which no tensor has");
        }
        legacy(WeightFileException.Truncated.class, LegacyFile.start().with(pickle).keys("0").with(new byte[7]),
                "ends before storage '0' at byte");
        legacy(WeightFileException.Truncated.class, LegacyFile.start().with(pickle).keys("0").floats(2, 1),
                "needs 8 bytes for its 2 elements of type F32 but 4 are left");
    }

    @Test
    void aZipRecordHasItsElementsAndLessThanOneMore() {
        byte[] pickle = floats("w", 2).ops("u").stop();
        for (int size : new int[]{8, 9, 11}) {
            assertArrayEquals(new float[2], TorchZip.of(pickle).with("data/0", new byte[size]).read().get("w").toFloats());
        }
        assertFault(WeightFileException.Malformed.class, () -> TorchZip.of(pickle).with("data/0", new byte[12]).read(),
                "zip record 'archive/data/0' of tensor 'w' has 12 bytes, more than the 8 of its 2 elements of type F32");
        assertFault(WeightFileException.Truncated.class, () -> TorchZip.of(pickle).with("data/0", new byte[7]).read(),
                "'archive/data/0' of tensor 'w' has 7 bytes, its 2 elements of type F32 need 8");
        assertFault(WeightFileException.Malformed.class, () -> TorchZip.of(pickle).read(),
                "tensor 'w' needs zip record 'archive/data/0', which is missing");
    }

    @Test
    void anArchiveHasOnePickle() {
        byte[] pickle = floats("w", 2).ops("u").stop();
        assertFault(WeightFileException.Malformed.class, () -> new TorchZip().with("x", pickle).read(),
                "a zip archive with no data.pkl");
        assertFault(WeightFileException.Malformed.class,
                () -> TorchZip.of(pickle).top("other/data.pkl", pickle).read(), "with more than one data.pkl");
        assertEquals(1, TorchZip.of(pickle).floats("0", 1, 2).with("byteorder", "little".getBytes()).read().names().size());
    }

    @Test
    void aFrozenModulesConstantsAreItsWeights() {
        byte[] none = PickleWriter.protocol(2).global("__torch__", "M").op(')', 0x81).stop();
        byte[] constants = PickleWriter.protocol(2).ops("(").tensor("FloatStorage", "0", 2, 0, new long[]{2}, new long[]{1})
                .ops("t")
                .stop();
        Weights weights = TorchZip.of(none).with("constants.pkl", constants).with("constants/0", new byte[8]).read();
        assertEquals(List.of("0"), List.copyOf(weights.names()));
        byte[] own = PickleWriter.protocol(2).global("__torch__", "M").op(')', 0x81).ops("}").text("w")
                .tensor("FloatStorage", "0", 1, 0, new long[0], new long[0]).ops("sb").stop();
        Weights kept = TorchZip.of(own).floats("0", 5).with("constants.pkl", constants).with("constants/0", new byte[8]).read();
        assertEquals(List.of("w"), List.copyOf(kept.names()));
    }

    @Test
    void oneTensorUnderTwoNamesStaysOne() {
        PickleWriter pickle = floats("a", 2).hex("71 01").text("b").hex("68 01").text("c")
                .tensor("FloatStorage", "0", 2, 0, new long[]{2}, new long[]{1}).ops("u");
        Weights weights = TorchZip.of(pickle.stop()).floats("0", 1, 2).read();
        assertSame(weights.get("a"), weights.get("b"));
        assertArrayEquals(weights.get("a").toFloats(), weights.get("c").toFloats());
    }
}
