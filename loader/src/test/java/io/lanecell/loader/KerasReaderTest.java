package io.lanecell.loader;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that resources/keras/make.py wrote; element i of variable n there is (i % 97) / 64 + n. */
class KerasReaderTest {
    private static Path file(String name) {
        try {
            return Path.of(KerasReaderTest.class.getResource("/keras/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    /** Element i of our tensor is element {@code from(i)} of Keras' variable. */
    private static void assertIs(Weights weights, String name, String shape, int variable, IntUnaryOperator from) {
        Tensor tensor = weights.get(name);
        assertEquals("F32" + shape, tensor.toString(), name);
        float[] expected = new float[tensor.size()];
        for (int i = 0; i < expected.length; i++) {
            expected[i] = variable < 0 ? 0 : from.applyAsInt(i) % 97 / 64f + variable;
        }
        assertArrayEquals(expected, tensor.toFloats(), name);
    }

    /** Where element i of a [rows, columns] matrix stands in its transpose. */
    private static IntUnaryOperator turned(int rows, int columns) {
        return i -> i % columns * rows + i / columns;
    }

    private static void assertFault(Class<? extends WeightFileException> kind, String name, String... words) {
        WeightFileException e = assertThrows(kind, () -> WeightFile.load(file(name)));
        for (String word : words) {
            assertTrue(e.getMessage().contains(word), e::getMessage);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"layers.keras", "layers.h5"})
    void everyLayerComesInPyTorchsLayout(String name) {
        assertEquals(name.endsWith("h5") ? WeightFile.Format.HDF5 : WeightFile.Format.KERAS, WeightFile.detect(file(name)));
        Weights weights = WeightFile.load(file(name));
        assertEquals(34, weights.names().size(), weights.names()::toString);
        assertIs(weights, "embedding.weight", "[5, 3]", 1, i -> i);
        assertIs(weights, "both.weight_ih_l0", "[8, 3]", 2, turned(8, 3));
        assertIs(weights, "both.weight_hh_l0", "[8, 2]", 3, turned(8, 2));
        assertIs(weights, "both.bias_ih_l0", "[8]", 4, i -> i);
        assertIs(weights, "both.bias_hh_l0", "[8]", -1, i -> i);
        assertIs(weights, "both.weight_ih_l0_reverse", "[8, 3]", 5, turned(8, 3));
        assertIs(weights, "both.weight_hh_l0_reverse", "[8, 2]", 6, turned(8, 2));
        assertIs(weights, "both.bias_ih_l0_reverse", "[8]", 7, i -> i);
        assertIs(weights, "second.weight_ih_l0", "[12, 4]", 8, turned(12, 4));
        assertIs(weights, "second.weight_hh_l0", "[12, 3]", 9, turned(12, 3));
        assertIs(weights, "third.weight_ih_l0", "[8, 2]", 14, turned(8, 2));
        assertTrue(!weights.has("third.bias_ih_l0"));
        assertIs(weights, "rnn.weight_ih_l0", "[3, 2]", 16, turned(3, 2));
        assertIs(weights, "rnn.weight_hh_l0", "[3, 3]", 17, turned(3, 3));
        assertIs(weights, "rnn.bias_ih_l0", "[3]", 18, i -> i);
        assertIs(weights, "conv.weight", "[4, 3, 2]", 19, i -> i % 2 * 12 + i / 2 % 3 * 4 + i / 6);
        assertIs(weights, "conv.bias", "[4]", 20, i -> i);
        assertIs(weights, "bn.weight", "[4]", 21, i -> i);
        assertIs(weights, "bn.bias", "[4]", 22, i -> i);
        assertIs(weights, "bn.running_mean", "[4]", 23, i -> i);
        assertIs(weights, "bn.running_var", "[4]", 24, i -> i);
        assertIs(weights, "ln.weight", "[4]", 25, i -> i);
        assertIs(weights, "steps.weight", "[3, 4]", 27, turned(3, 4));
        assertIs(weights, "dense.weight", "[2, 3]", 29, turned(2, 3));
        assertIs(weights, "dense.bias", "[2]", 30, i -> i);
    }

    @ParameterizedTest
    @ValueSource(strings = {"layers.keras", "layers.h5"})
    void aGrusGatesZRHAreReorderedToRZN(String name) {
        Weights weights = WeightFile.load(file(name));
        int[] column = {2, 3, 0, 1, 4, 5};
        assertIs(weights, "gru.weight_ih_l0", "[6, 3]", 11, i -> i % 3 * 6 + column[i / 3]);
        assertIs(weights, "gru.weight_hh_l0", "[6, 2]", 12, i -> i % 2 * 6 + column[i / 2]);
        assertIs(weights, "gru.bias_ih_l0", "[6]", 13, i -> column[i]);
        assertIs(weights, "gru.bias_hh_l0", "[6]", 13, i -> 6 + column[i]);
    }

    @Test
    void theReportSaysWhatWasTurnedRoundLeftOutAndIsStillToSay() {
        String report = String.join("\n", WeightFile.open(file("layers.keras"), Progress.NONE).remarks());
        for (String part : List.of(
                "layer 'gru': kernels transposed to weight_ih_l0 and weight_hh_l0, gates z r h reordered to r z n",
                "layer 'both': kernels transposed to weight_ih_l0_reverse", "bias_hh is zeros",
                "'third' (LSTM) has activation 'tanh' and recurrent_activation 'hard_sigmoid': say so in model.json",
                "'rnn' (SimpleRNN) has activation 'relu'", "'conv' (Conv1D) pads (same)",
                "'bn' (BatchNormalization): gamma is weight, beta is bias, in model.json set eps to 0.001",
                "'ln' (LayerNormalization) has only a weight", "'image' (Conv2D) is left out",
                "'steps' (Dense) has activation 'relu'", "'dense' (Dense) has activation 'softmax'")) {
            assertTrue(report.contains(part), () -> "no '" + part + "' in:\n" + report);
        }
    }

    @Test
    void layersOfAModelInsideAModelHaveItsNameBeforeTheirs() {
        Weights weights = WeightFile.load(file("nested.keras"));
        assertEquals(List.of("inside.dense.weight", "dense.weight"), List.copyOf(weights.names()));
        assertIs(weights, "inside.dense.weight", "[3, 2]", 1, turned(3, 2));
        assertIs(weights, "dense.weight", "[1, 3]", 2, turned(1, 3));
    }

    @Test
    void filesOfHdf5sNewestVersionAreReadToo() {
        Weights weights = WeightFile.load(file("latest.h5"));
        assertEquals(List.of("dense.weight", "dense.bias"), List.copyOf(weights.names()));
        assertIs(weights, "dense.weight", "[2, 3]", 1, turned(2, 3));
    }

    /** A description's conversion, over datasets that the file would have, costs no more than a file of its length may. */
    private static void assertCostsTooMuch(String json, NavigableMap<String, Tensor> datasets) {
        Source source = Source.of(Path.of("x"), new byte[json.length()]);
        KerasModel model = new KerasModel(source, new KerasVariables.Named(source, datasets, new TreeMap<>()));
        long before = Allocation.ofThisThread();
        String message = assertThrows(WeightFileException.Malformed.class, () -> model.convert(json, "")).getMessage();
        assertTrue(message.contains("far more memory"), message);
        assertTrue(Allocation.ofThisThread() - before < 3L * json.length() + (64 << 20), "more than 4 n + 64 MB");
    }

    @Test
    void longNamesOfModelsInModelsMayNotCostMuchMoreThanTheirFile() {
        String leaves = "{\"class_name\":\"X\",\"config\":{\"name\":\"x\"}},".repeat(3_000);
        String json = "{\"class_name\":\"M\",\"config\":{\"name\":\"" + "n".repeat(100_000) + "\",\"layers\":["
                + leaves.substring(0, leaves.length() - 1) + "]}}";
        assertCostsTooMuch("{\"config\":{\"layers\":[" + json + "]}}", new TreeMap<>());
    }

    @Test
    void manyLayersThatNameOneLargeGroupMayNotEither() {
        NavigableMap<String, Tensor> datasets = new TreeMap<>();
        for (int i = 0; i < 3_000; i++) {
            datasets.put("x/" + i, Tensor.of(new float[1], 1));
        }
        String layers = "{\"class_name\":\"X\",\"config\":{\"name\":\"x\"}},".repeat(3_000);
        assertCostsTooMuch("{\"config\":{\"layers\":[" + layers.substring(0, layers.length() - 1) + "]}}", datasets);
    }

    @Test
    void whatPyTorchComputesOtherwiseIsRefused() {
        assertFault(WeightFileException.Unsupported.class, "gru_before.keras", "'gru' (GRU)", "reset_after=False",
                "reset_after=True");
        assertFault(WeightFileException.Unsupported.class, "weights_only.h5", "model_config", "save the whole model");
        assertFault(WeightFileException.Unsupported.class, "compressed.h5", "'model_weights/dense/kernel:0'", "compressed");
        for (String name : List.of("chunked.h5", "shuffled.h5")) {
            assertFault(WeightFileException.Unsupported.class, name, "'model_weights/dense/dense/kernel:0' is stored in pieces");
        }
        assertFault(WeightFileException.Unsupported.class, "compound.h5", "layer 'dense' (Dense)",
                "dataset 'model_weights/dense/dense/kernel:0' (CompoundDataType, 8 bytes)");
    }

    @Tag("long")
    @ParameterizedTest
    @ValueSource(strings = {"layers.keras", "layers.h5", "latest.h5"})
    void cutAndDamagedFilesGiveNothingButOurErrors(String name) throws IOException {
        byte[] good = Files.readAllBytes(file(name));
        Random random = new Random(5);
        int refused = 0;
        for (int i = 0; i < 600; i++) {
            byte[] bad = i % 3 == 0 ? java.util.Arrays.copyOf(good, random.nextInt(good.length)) : good.clone();
            for (int k = 0; bad.length > 0 && k < i % 3 * 4; k++) {
                int at = i % 2 == 0 ? random.nextInt(bad.length) : random.nextInt(Math.min(4096, bad.length));
                bad[at] = (byte) (random.nextInt(3) == 0 ? 0xff : random.nextInt(256));
            }
            long before = Allocation.ofThisThread();
            refused += isRefused(Source.of(Path.of(name), bad)) ? 1 : 0;
            long spent = Allocation.ofThisThread() - before;
            assertTrue(spent <= 4L * bad.length + (64 << 20), () -> spent + " bytes allocated");
        }
        assertTrue(refused > 200, refused + " refused");
    }

    private static boolean isRefused(Source source) {
        try {
            switch (FormatDetector.detect(source)) {
                case HDF5 -> new KerasH5Reader().read(source);
                case KERAS -> new KerasReader().read(source);
                default -> throw FormatDetector.unknown(source);
            }
            return false;
        } catch (WeightFileException e) {
            assertEquals(1, e.getMessage().lines().count(), e::getMessage);
            return true;
        }
    }
}
