package io.lanecell.loader;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class PyTorchZipReaderTest {
    private static PickleWriter dict() {
        return PickleWriter.protocol(2).ops("}(");
    }

    private static TorchZip tensor(float[] storage, long offset, long[] shape, long[] strides) {
        byte[] pickle = dict().text("w").tensor("FloatStorage", "0", storage.length, offset, shape, strides).ops("u").stop();
        return TorchZip.of(pickle).floats("0", storage);
    }

    private static <E extends WeightFileException> void assertFault(Class<E> kind, TorchZip zip, String... words) {
        String message = assertThrows(kind, zip::read).getMessage();
        for (String word : words) {
            assertTrue(message.contains(word), () -> "no '" + word + "' in: " + message);
        }
    }

    private static float[] count(int size) {
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = i;
        }
        return values;
    }

    @Test
    void randomViewsGiveTheElementsThatTheirStridesSay() {
        long seed = new Random().nextLong();
        System.out.println("randomViewsGiveTheElementsThatTheirStridesSay: seed " + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            int rank = random.nextInt(5);
            long[] shape = random.ints(rank, 0, 6).asLongStream().toArray();
            long[] strides = random.ints(rank, 0, 9).asLongStream().toArray();
            int offset = random.nextInt(4);
            int last = offset;
            int elements = 1;
            for (int i = 0; i < rank; i++) {
                last += (int) (Math.max(0, shape[i] - 1) * strides[i]);
                elements *= (int) shape[i];
            }
            Tensor tensor = tensor(count(last + 1), offset, shape, strides).read().get("w");
            float[] expected = new float[elements];
            for (int i = 0; i < elements; i++) {
                long at = offset;
                int rest = i;
                for (int d = rank - 1; d >= 0; d--) {
                    at += rest % shape[d] * strides[d];
                    rest /= (int) shape[d];
                }
                expected[i] = at;
            }
            assertArrayEquals(expected, tensor.toFloats());
            if (elements > 0) {
                TorchZip oneShort = tensor(count(last), offset, shape, strides);
                assertFault(WeightFileException.Malformed.class, oneShort, "'w'", "reaches past its storage of " + last);
            }
        }
    }

    @Test
    void stridesThatOverflowAreRefused() {
        long huge = Long.MAX_VALUE;
        assertFault(WeightFileException.Malformed.class, tensor(count(4), 0, new long[]{3, 3}, new long[]{huge, huge}), "'w'",
                "past");
        assertFault(WeightFileException.Malformed.class, tensor(count(4), huge, new long[]{1}, new long[]{1}), "'w'", "past");
        assertFault(WeightFileException.Malformed.class, tensor(count(4), 4, new long[0], new long[0]), "'w'", "past");
        long most = Integer.MAX_VALUE;
        assertFault(WeightFileException.Malformed.class, tensor(count(1), 0, new long[]{most, most, most}, new long[]{0, 0, 0}),
                "too many elements");
    }

    @Test
    void anExpandedViewMayNotCostMuchMoreThanItsFile() {
        long before = Allocation.ofThisThread();
        assertFault(WeightFileException.Malformed.class, tensor(count(1), 0, new long[]{20_000, 20_000}, new long[]{0, 0}), "'w'",
                "memory");
        assertTrue(Allocation.ofThisThread() - before < 65L << 20);
        assertEquals(1_000_000, tensor(count(1), 0, new long[]{1000, 1000}, new long[]{0, 0}).read().get("w").size());
    }

    @Tag("long")
    @Test
    void manyExpandedViewsTogetherMayNotEither() {
        PickleWriter pickle = dict();
        for (int i = 0; i < 100; i++) {
            pickle.text("w" + i).tensor("FloatStorage", "0", 1, 0, new long[]{1000, 1000}, new long[]{0, 0});
        }
        assertFault(WeightFileException.Malformed.class, TorchZip.of(pickle.ops("u").stop()).floats("0", 1), "memory");
    }

    @Test
    void tiedWeightsShareTheirBytes() {
        byte[] pickle = dict().text("a").tensor("FloatStorage", "0", 6, 0, new long[]{2, 3}, new long[]{1, 2}).hex("71 09")
                .text("b")
                .hex("68 09").ops("u").stop();
        Weights weights = TorchZip.of(pickle).floats("0", count(6)).read();
        assertEquals(weights.get("a"), weights.get("b"));
        assertArrayEquals(new float[]{0, 2, 4, 1, 3, 5}, weights.get("a").toFloats());
    }

    @Test
    void tensorsKeepTheFilesOrderAndNestedNames() {
        PickleWriter pickle = dict().text("z");
        pickle.ops("](").tensor("FloatStorage", "0", 1, 0, new long[0], new long[0]).ops("}").number(5)
                .tensor("FloatStorage", "0", 1, 0, new long[0], new long[0]).ops("se");
        pickle.text("a").tensor("FloatStorage", "0", 1, 0, new long[0], new long[0]);
        pickle.text("epoch").number(3);
        Weights weights = TorchZip.of(pickle.ops("u").stop()).floats("0", 1).read();
        assertEquals(List.of("z.0", "z.1.5", "a"), List.copyOf(weights.names()));
    }

    @Test
    void ofATrainingCheckpointOnlyTheModelIsTaken() {
        for (String key : List.of("model_state_dict", "state_dict")) {
            PickleWriter pickle = dict().text("ema").tensor("FloatStorage", "0", 1, 0, new long[0], new long[0]).text(key)
                    .ops("}").text("w").tensor("FloatStorage", "0", 1, 0, new long[0], new long[0]).ops("su");
            assertEquals(List.of(key + ".w"), List.copyOf(TorchZip.of(pickle.stop()).floats("0", 1).read().names()));
        }
        PickleWriter optimizer = dict().text("net").ops("}").text("w").tensor("FloatStorage", "0", 1, 0, new long[0], new long[0])
                .ops("s").text("adam").ops("}(").text("state").ops("}").number(0)
                .tensor("FloatStorage", "0", 1, 0, new long[0], new long[0]).ops("s").text("param_groups").ops("]uu");
        assertEquals(List.of("net.w"), List.copyOf(TorchZip.of(optimizer.stop()).floats("0", 1).read().names()));
    }

    @Test
    void twoTensorsOfOneNameAreRefused() {
        PickleWriter pickle = dict().text("a.b").tensor("FloatStorage", "0", 1, 0, new long[0], new long[0]).text("a").ops("}")
                .text("b")
                .tensor("FloatStorage", "0", 1, 0, new long[0], new long[0]).ops("su");
        assertFault(WeightFileException.Malformed.class, TorchZip.of(pickle.stop()).floats("0", 1), "'a.b'");
    }

    @Test
    void anEmptyStateDictHoldsNoTensorsAndOtherThingsWithoutTensorsAreRefused() {
        assertTrue(TorchZip.of(dict().ops("u").stop()).read().names().isEmpty());
        assertFault(WeightFileException.Malformed.class, TorchZip.of(PickleWriter.protocol(2).number(3).stop()), "no tensors",
                "number 3");
        assertFault(WeightFileException.Malformed.class, TorchZip.of(dict().text("a").number(3).ops("u").stop()), "no tensors",
                "a dict of 1");
    }

    @Test
    void aListThatHoldsItselfIsRefused() {
        assertFault(WeightFileException.Malformed.class, TorchZip.of(PickleWriter.protocol(2).ops("]2a").stop()), "nests deeper");
        assertFault(WeightFileException.Malformed.class, TorchZip.of(dict().text("a").hex("68 00").ops("u").stop()), "value 0");
    }

    @Test
    void aPickleThatRefersToItselfABillionTimesIsRefused() {
        PickleWriter pickle = PickleWriter.protocol(2).ops("]").op('q', 0).ops("0");
        for (int i = 0; i < 30; i++) {
            pickle.ops("]").op('q', i + 1, 'h', i, 'a', 'h', i, 'a', '0');
        }
        pickle.op('h', 30);
        assertFault(WeightFileException.Malformed.class, TorchZip.of(pickle.stop()), "memory");
    }

    @Test
    void missingAndShortRecordsAreNamed() {
        byte[] pickle = dict().text("w").tensor("DoubleStorage", "7", 2, 0, new long[]{2}, new long[]{1}).ops("u").stop();
        assertFault(WeightFileException.Malformed.class, TorchZip.of(pickle), "'w'", "'archive/data/7'", "missing");
        assertFault(WeightFileException.Truncated.class, TorchZip.of(pickle).with("data/7", new byte[15]), "'w'", "15 bytes",
                "need 16");
        assertFault(WeightFileException.Malformed.class, TorchZip.of(pickle).with("data/7", new byte[24]), "'w'", "24 bytes",
                "more than the 16");
        assertFault(WeightFileException.Malformed.class, new TorchZip().with("x", new byte[1]), "no data.pkl");
        assertFault(WeightFileException.Malformed.class, TorchZip.of(pickle).with("b/data.pkl", pickle),
                "more than one data.pkl");
    }

    @Test
    void bigEndianNumbersAreTurnedRound() {
        float[] storage = count(2);
        byte[] little = "little".getBytes(StandardCharsets.US_ASCII);
        byte[] big = "big".getBytes(StandardCharsets.US_ASCII);
        assertArrayEquals(storage,
                tensor(storage, 0, new long[]{2}, new long[]{1}).with("byteorder", little).read().get("w").toFloats());
        float[] turned = {Float.intBitsToFloat(Integer.reverseBytes(Float.floatToRawIntBits(storage[0]))),
                Float.intBitsToFloat(Integer.reverseBytes(Float.floatToRawIntBits(storage[1])))};
        assertArrayEquals(storage,
                tensor(turned, 0, new long[]{2}, new long[]{1}).with("byteorder", big).read().get("w").toFloats());
        assertFault(WeightFileException.Unsupported.class,
                tensor(storage, 0, new long[]{2}, new long[]{1}).with("byteorder", new byte[]{'m', 'i', 'd'}), "'mid'");
        assertFault(WeightFileException.Unsupported.class,
                tensor(storage, 0, new long[]{2}, new long[]{1}).with("byteorder", new byte[100]), "byte order");
    }

    @Test
    void bigEndianNumbersOfOneByteAreAsTheyAre() {
        byte[] pickle = dict().text("w").tensor("ByteStorage", "0", 3, 0, new long[]{3}, new long[]{1}).ops("u").stop();
        Weights weights = TorchZip.of(pickle).with("byteorder", "big".getBytes(StandardCharsets.US_ASCII))
                .with("data/0", new byte[]{1, 2, (byte) 255}).read();
        assertArrayEquals(new long[]{1, 2, 255}, weights.get("w").toLongs());
    }

    @Tag("long")
    @Test
    void randomDamageGivesTensorsOrATypedErrorAndNothingElse() {
        long seed = new Random().nextLong();
        System.out.println("randomDamageGivesTensorsOrATypedErrorAndNothingElse: seed " + seed);
        Random random = new Random(seed);
        byte[] pickle = dict().text("a").tensor("FloatStorage", "0", 6, 0, new long[]{2, 3}, new long[]{1, 2}).text("b")
                .tensor("FloatStorage", "0", 6, 1, new long[]{5}, new long[]{1}).ops("u").stop();
        byte[] zip = TorchZip.of(pickle).floats("0", count(6)).bytes();
        int refused = 0;
        for (int round = 0; round < 4_000; round++) {
            boolean inPickle = round % 2 == 0;
            byte[] bad = (inPickle ? pickle : zip).clone();
            for (int i = random.nextInt(3); i >= 0; i--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            }
            try {
                if (inPickle) {
                    TorchZip.of(bad).floats("0", count(6)).read();
                } else {
                    TorchZip.read(bad);
                }
            } catch (WeightFileException e) {
                refused++;
            }
        }
        assertTrue(refused > 2_000, "only " + refused + " of 4000 damaged files were refused");
    }
}
