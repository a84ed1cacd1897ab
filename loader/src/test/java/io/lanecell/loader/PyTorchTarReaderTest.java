package io.lanecell.loader;

import static io.lanecell.loader.TarFile.NO_PARTS;
import static io.lanecell.loader.TarFile.count;
import static io.lanecell.loader.TarFile.floats;
import static io.lanecell.loader.TarFile.joined;
import static io.lanecell.loader.TarFile.longs;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.Weights;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class PyTorchTarReaderTest {
    /** An address, as the keys were, of more than 32 bits. */
    private static final long STORAGE = 140_234_567_890_128L;
    private static final long TENSOR = 94_321_098_765_432L;

    /** One storage of floats that claims to have so many. */
    private static byte[] storage(long claimed, float... values) {
        return TarFile.storage(STORAGE, "FloatStorage", claimed, floats(values));
    }

    private static byte[] storages(byte[] parts) {
        return joined(count(1), storage(6, 1, 2, 3, 4, 5, 6), parts);
    }

    private static byte[] tensor(long storage, long... rankShapeStridesOffset) {
        return TarFile.tensor(TENSOR, storage, rankShapeStridesOffset);
    }

    private static byte[] tensors(long... rankShapeStridesOffset) {
        return joined(count(1), tensor(STORAGE, rankShapeStridesOffset));
    }

    private static PickleWriter start() {
        return PickleWriter.protocol(2);
    }

    private static PickleWriter reference(PickleWriter pickle) {
        return pickle.text(String.valueOf(TENSOR)).ops("Q");
    }

    private static byte[] dict() {
        return reference(reference(PickleWriter.protocol(2).ops("}(").text("w")).text("tied")).ops("u").stop();
    }

    private static void assertFault(Class<? extends WeightFileException> kind, byte[] storages, byte[] tensors, String... words) {
        assertFault(kind, TarFile.of(storages, tensors, dict()).bytes(), words);
    }

    private static void assertFault(Class<? extends WeightFileException> kind, byte[] file, String... words) {
        String message = assertThrows(kind, () -> TarFile.read(file)).getMessage();
        for (String word : words) {
            assertTrue(message.contains(word), () -> "no '" + word + "' in: " + message);
        }
    }

    @Test
    void tensorsAreReadThroughTheirStorages() {
        Weights weights = TarFile.of(storages(NO_PARTS), tensors(2, 2, 2, 1, 3, 1), dict()).read();
        assertArrayEquals(new float[]{2, 5, 3, 6}, weights.get("w").toFloats());
        assertSame(weights.get("w"), weights.get("tied"));
    }

    @Test
    void partsOfStoragesAreTensorsStoragesToo() {
        byte[] parts = PickleWriter.protocol(2).ops("](").ops("(").number(77).number(STORAGE).number(2).number(3).ops("te")
                .stop();
        byte[] tensors = joined(count(1), tensor(77, 1, 2, 1, 1));
        assertArrayEquals(new float[]{4, 5}, TarFile.of(storages(parts), tensors, dict()).read().get("w").toFloats());
        byte[] outside = joined(count(1), tensor(77, 1, 3, 1, 1));
        assertFault(WeightFileException.Malformed.class, storages(parts), outside, "reaches past its storage of 3");
        for (long[] bad : new long[][]{{5, 2}, {7, 0}, {0, 7}, {Long.MAX_VALUE, Long.MAX_VALUE}}) {
            byte[] part = PickleWriter.protocol(2).ops("](").ops("(").number(77).number(STORAGE).number(bad[0]).number(bad[1])
                    .ops("te").stop();
            assertFault(WeightFileException.Malformed.class, storages(part), tensors, "storage of 6");
        }
    }

    @Test
    void python2sPicklesAreRead() {
        byte[] key = PickleWriter.protocol(2).ops("I" + STORAGE + "\n").text("cpu").global("torch", "FloatStorage").op(0x87)
                .stop();
        byte[] storages = joined(count(1), key, longs(1), new byte[]{0, 0, (byte) 0x80, 0x3f}, "(lp1\n.".getBytes());
        PickleWriter pairs = PickleWriter.protocol(2).global("collections", "OrderedDict").ops("](](").text("w");
        byte[] pickle = reference(pairs).ops("ee").op(0x85).ops("R").stop();
        assertArrayEquals(new float[]{1}, TarFile.of(storages, tensors(1, 1, 1, 0), pickle).read().get("w").toFloats());
        byte[] odd = joined(count(1), PickleWriter.protocol(2).ops("I1e9\n").text("cpu").stop());
        assertFault(WeightFileException.Malformed.class, odd, tensors(1, 1, 1, 0), "'1e9'", "decimal");
        assertFault(WeightFileException.Unsupported.class, storages("(lp1\n(I1\n".getBytes()), tensors(1, 1, 1, 0), "protocol 0");
    }

    @Test
    void whatIsMissingOrTwiceIsSaid() {
        byte[] good = storages(NO_PARTS);
        assertFault(WeightFileException.Malformed.class, good, joined(count(1), tensor(5, 1, 1, 1, 0)), "storage 5", "not in it");
        assertFault(WeightFileException.Malformed.class, joined(count(2), storage(1, 1), storage(1, 1), NO_PARTS),
                tensors(1, 1, 1, 0), "two storages");
        assertFault(WeightFileException.Malformed.class, good,
                joined(count(2), tensor(STORAGE, 1, 1, 1, 0), tensor(STORAGE, 1, 1, 1, 0)),
                "two tensors");
        assertFault(WeightFileException.Malformed.class, good, joined(count(0)), "none of the archive's tensors");
        assertFault(WeightFileException.Malformed.class, new TarFile().with("pickle", dict()).bytes(), "'storages'",
                "torch.save");
        assertFault(WeightFileException.Malformed.class, new TarFile().with("a", dict()).with("a", dict()).bytes(),
                "two files 'a'");
    }

    @Test
    void everyNumberIsChecked() {
        byte[] good = storages(NO_PARTS);
        assertFault(WeightFileException.Truncated.class, joined(count(1), storage(7, 1, 2, 3)), tensors(1, 1, 1, 0), "28 bytes");
        for (long claimed : new long[]{-1, Long.MAX_VALUE, 1L << 61}) {
            assertThrows(WeightFileException.class,
                    () -> TarFile.of(joined(count(1), storage(claimed, 1), NO_PARTS), tensors(1, 1, 1, 0), dict()).read());
        }
        assertFault(WeightFileException.Malformed.class, good, tensors(2, 2, 3, 3, 1, 1), "reaches past");
        assertFault(WeightFileException.Malformed.class, good, tensors(1, -1, 1, 0), "extent -1");
        assertFault(WeightFileException.Malformed.class, good, tensors(1, 1, -1, 0), "stride -1");
        assertFault(WeightFileException.Malformed.class, good, tensors(1, 1, 1, -1), "offset -1");
        assertFault(WeightFileException.Malformed.class, good, tensors(1000, 1), "rank 1000");
        assertFault(WeightFileException.Malformed.class, good, joined(PickleWriter.protocol(2).text("x").stop()), "'x'",
                "how many");
        assertFault(WeightFileException.Truncated.class, good, joined(count(Long.MAX_VALUE), tensor(STORAGE, 1, 1, 1, 0)));
        byte[] claim = new TarFile().with("pickle", '0', 1L << 32, dict()).bytes();
        assertFault(WeightFileException.Truncated.class, claim, "4294967296 bytes");
        byte[] damaged = TarFile.of(good, tensors(1, 1, 1, 0), dict()).bytes();
        damaged[3] ^= 1;
        assertFault(WeightFileException.Malformed.class, damaged, "checksum");
    }

    @Test
    void whatStandsWhereSomethingElseIsExpectedIsSaid() {
        byte[] tensors = tensors(1, 1, 1, 0);
        for (PickleWriter type : List.of(start().text("x"), start().global("torch", "FloatTensor"))) {
            byte[] storage = start().number(1).text("cpu").raw(type.bytes(), 2).op(0x87).stop();
            assertFault(WeightFileException.Malformed.class, joined(count(1), storage), tensors, "as a storage's class",
                    "of storages");
        }
        for (PickleWriter triple : List.of(start().ops("]"), start().number(1).number(2).op(0x86))) {
            assertFault(WeightFileException.Malformed.class, joined(count(1), triple.stop()), tensors,
                    "as a storage's key, place and type");
            assertFault(WeightFileException.Malformed.class, storages(NO_PARTS), joined(count(1), triple.stop()),
                    "as a tensor's key, storage and type");
        }
        for (PickleWriter key : List.of(start().number(-1), start().ops("N"), start().text("1"), start().ops("]"))) {
            byte[] storage = start().raw(key.bytes(), 2).text("cpu").global("torch", "FloatStorage").op(0x87).stop();
            assertFault(WeightFileException.Malformed.class, joined(count(1), storage), tensors, "as a storage's key");
        }
        assertFault(WeightFileException.Malformed.class, storages(start().ops("}").stop()), tensors,
                "no list of parts of storages at the end");
        assertFault(WeightFileException.Malformed.class, storages("(l".getBytes()), tensors, "doesn't begin with a protocol");
        assertFault(WeightFileException.Truncated.class, storages(new byte[0]), tensors, "storages needs 1 bytes");
        for (PickleWriter part : List.of(start().number(7), start().numbers(77, STORAGE, 1))) {
            byte[] parts = start().ops("](").raw(part.bytes(), 2).ops("e").stop();
            assertFault(WeightFileException.Malformed.class, storages(parts), tensors, "as a part of a storage");
        }
    }

    @Test
    void aPickleRefersToTensorsAndStoragesByTheirKeysOnly() {
        byte[] both = start().ops("}(").text("s").text(String.valueOf(STORAGE)).ops("Q").text("w").text(String.valueOf(TENSOR))
                .ops("Qu").stop();
        assertEquals(Set.of("w"), TarFile.of(storages(NO_PARTS), tensors(1, 1, 1, 0), both).read().names());
        for (PickleWriter id : List.of(start().number(TENSOR), start().text("0" + TENSOR), start().text(""), start().ops("]"))) {
            byte[] pickle = start().ops("}(").text("w").raw(id.bytes(), 2).ops("Qu").stop();
            assertFault(WeightFileException.Malformed.class,
                    TarFile.of(storages(NO_PARTS), tensors(1, 1, 1, 0), pickle).bytes(),
                    "refers to ", "none of the archive's tensors (byte ");
        }
    }

    @Test
    void ranksAreNumbersOf32BitsUpTo64() {
        long[] most = new long[1 + 64 + 64 + 1];
        Arrays.fill(most, 1);
        most[0] = 64 | 0xdeadL << 32;
        most[129] = 5;
        assertArrayEquals(new float[]{6}, TarFile.of(storages(NO_PARTS), tensors(most), dict()).read().get("w").toFloats());
        for (long rank : new long[]{65, -1}) {
            most[0] = rank;
            assertFault(WeightFileException.Malformed.class, storages(NO_PARTS), tensors(most), "a tensor of rank " + rank);
        }
    }

    @Test
    void storagesOfMoreThan2To63BytesAreNone() {
        for (long[] claimed : new long[][]{{Long.MAX_VALUE / 8, 0}, {Long.MAX_VALUE / 8 + 1, 1}, {-1, 1}}) {
            byte[] storage = TarFile.storage(STORAGE, "DoubleStorage", claimed[0], new byte[8]);
            assertFault(claimed[1] == 0 ? WeightFileException.Truncated.class : WeightFileException.Malformed.class,
                    joined(count(1), storage), tensors(1, 1, 1, 0),
                    claimed[1] == 0 ? "needs 9223372036854775800 bytes" : "has a storage of");
        }
    }

    private static long cost(byte[] storages, byte[] tensors) {
        return Cost.of(TarFile.of(storages, tensors, dict()).bytes(), source -> new PyTorchTarReader().read(source));
    }

    private static long costOfPickle(byte[] pickle) {
        return Cost.of(pickle, source -> PickleReader.read(source, new PickleInput(source, "x", source.content(), 0),
                new TorchCalls(source, "x", false)));
    }

    @Test
    void storagesTensorsAndPartsCost512BytesBesideTheirPickles() {
        byte[] tensors = tensors(1, 1, 1, 0);
        byte[] one = storages(NO_PARTS);
        byte[] another = TarFile.storage(5, "FloatStorage", 0, new byte[0]);
        byte[] pickle = Arrays.copyOf(another, another.length - 8);
        assertEquals(512 + costOfPickle(pickle),
                cost(joined(count(2), storage(6, 1, 2, 3, 4, 5, 6), another, NO_PARTS), tensors) - cost(one, tensors));
        byte[] second = TarFile.tensor(5, STORAGE, 0, 0);
        byte[] itsPickle = Arrays.copyOf(second, second.length - 16);
        assertEquals(512 + costOfPickle(itsPickle),
                cost(one, joined(count(2), tensor(STORAGE, 1, 1, 1, 0), second)) - cost(one, tensors));
        byte[] part = start().ops("](").numbers(77, STORAGE, 0, 1).ops("e").stop();
        assertEquals(512 + costOfPickle(part) - costOfPickle(NO_PARTS), cost(storages(part), tensors) - cost(one, tensors));
    }

    @Test
    void whatTouchesALimitIsInsideIt() {
        byte[] tensors = joined(count(1), tensor(77, 1, 0, 1, 0));
        for (long[] part : new long[][]{{6, 0}, {0, 6}, {2, 4}}) {
            byte[] parts = start().ops("](").numbers(77, STORAGE, part[0], part[1]).ops("e").stop();
            assertEquals("F32[0]", TarFile.of(storages(parts), tensors, dict()).read().get("w").toString());
        }
        byte[] good = storages(NO_PARTS);
        assertArrayEquals(new float[]{6}, TarFile.of(good, tensors(0, 5), dict()).read().get("w").toFloats(), "no dimensions");
        assertArrayEquals(new float[]{2, 2, 2}, TarFile.of(good, tensors(1, 3, 0, 1), dict()).read().get("w").toFloats(),
                "one element three times");
        assertArrayEquals(new float[]{1}, TarFile.of(good, tensors(1, 1, Long.MAX_VALUE, 0), dict()).read().get("w").toFloats());
        assertFault(WeightFileException.Malformed.class, good, tensors(1, Integer.MAX_VALUE, 1, 0), "reaches past");
        int at = tensors(1).length;
        assertFault(WeightFileException.Malformed.class, good, tensors(1, Integer.MAX_VALUE + 1L, 1, 0),
                "extent 2147483648, expected 0 to 2147483647 (byte " + at + " of tensors)");
    }

    @Test
    void codeIsRefusedByNameWhereverItStands() {
        byte[] evil = PickleWriter.protocol(2).global("os", "system").ops("(").text("true").ops("tR").stop();
        for (TarFile file : List.of(TarFile.of(evil, tensors(1, 1, 1, 0), dict()), TarFile.of(storages(NO_PARTS), evil, dict()),
                TarFile.of(storages(evil), tensors(1, 1, 1, 0), dict()),
                TarFile.of(storages(NO_PARTS), tensors(1, 1, 1, 0), evil))) {
            assertFault(WeightFileException.Refused.class, file.bytes(), "'os.system'", "not run");
        }
    }

    @Tag("long")
    @Test
    void cutOrDamagedFilesGiveTensorsOrATypedErrorAndNothingElse() {
        byte[] good = TarFile.of(storages(NO_PARTS), tensors(2, 2, 2, 1, 3, 1), dict()).bytes();
        long seed = System.nanoTime();
        System.out.println("cutOrDamagedFilesGiveTensorsOrATypedErrorAndNothingElse: seed " + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = i % 4 == 0 ? Arrays.copyOf(good, random.nextInt(good.length)) : good.clone();
            int header = random.nextInt(5) * 512;
            for (int change = random.nextInt(3); change >= 0 && bad.length > 0; change--) {
                // Headers are guarded by their checksum: most changes go elsewhere.
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
                if (header + 600 < bad.length) {
                    bad[header + 512 + random.nextInt(80)] ^= (byte) (1 << random.nextInt(8));
                }
            }
            try {
                TarFile.read(bad).tensors()
                        .forEach((name, tensor) -> assertEquals(tensor.size(), tensor.toFloats().length, name));
            } catch (WeightFileException e) {
                assertTrue(e.getMessage().startsWith("ancient.pt: "), e::getMessage);
            }
        }
    }
}
