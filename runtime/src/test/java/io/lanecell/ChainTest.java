package io.lanecell;

import static io.lanecell.SessionEqualityTest.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Layers together: steps that change from layer to layer, branches, layouts, and a decoder behind its encoder. */
class ChainTest {
    private static final LayerSpec RELU = new LayerSpec.Activation(ActivationFunction.RELU);

    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    private void recurrent(Random random, String prefix, RecurrentGeometry geometry) {
        RandomModels.weights(random, geometry).tensors().forEach((name, tensor) -> tensors.put(prefix + "." + name, tensor));
    }

    private Model model(LayerSpec... layers) {
        return Model.of(ModelSpec.of(layers), Weights.of(tensors));
    }

    @Test
    void aCnnLstmComputesEachSequenceOfABatchAsIfAlone() {
        Random random = Seeds.random("aCnnLstmComputesEachSequenceOfABatchAsIfAlone");
        RandomModels.put(tensors, random, "conv.weight", 17, 6, 5);
        RandomModels.put(tensors, random, "conv.bias", 17);
        recurrent(random, "lstm", new RecurrentGeometry(RecurrentGeometry.Kind.LSTM, 17, 20, 2, true, true, 0, false));
        for (boolean batchFirst : new boolean[]{true, false}) {
            Model all = model(new LayerSpec.Conv1d("conv", 2, 1, 1, 1, 1), RELU, new LayerSpec.MaxPool1d(2, 2, 0),
                    new LayerSpec.Lstm("lstm", batchFirst), new LayerSpec.LayerNorm("", 1e-5));
            Model last = model(new LayerSpec.Conv1d("conv", 2, 1, 1, 1, 1), RELU, new LayerSpec.MaxPool1d(2, 2, 0),
                    new LayerSpec.Lstm("lstm", batchFirst), new LayerSpec.MeanOverTime());
            for (Model model : new Model[]{all, last}) {
                Sequences in = new Sequences(random, 4, 31, 6, 6, batchFirst);
                int outSteps = model.outputSteps(31);
                assertEquals(model == all ? 7 : 1, outSteps);
                float[] out = in.run(model);
                assertSameBits(out, in.run(model.with(KernelChoice.SCALAR)), "scalar");
                for (int n = 0; n < 4; n++) {
                    float[] alone = alone(model, in, n);
                    int width = model.outputSize();
                    for (int t = 0; t < model.outputSteps(in.lengths[n]); t++) {
                        int row = batchFirst ? n * outSteps + t : t * 4 + n;
                        assertSameBits(Arrays.copyOfRange(alone, t * width, (t + 1) * width),
                                Arrays.copyOfRange(out, row * width, (row + 1) * width), "sequence " + n + " step " + t);
                    }
                }
            }
        }
    }

    private static float[] alone(Model model, Sequences in, int n) {
        double[][] rows = in.sequence(n);
        float[] values = new float[rows.length * rows[0].length];
        for (int t = 0; t < rows.length; t++) {
            for (int f = 0; f < rows[0].length; f++) {
                values[t * rows[0].length + f] = (float) rows[t][f];
            }
        }
        float[] out = new float[model.outputSteps(rows.length) * model.outputSize()];
        model.newSession().run(values, 0, rows.length, out, 0);
        return out;
    }

    @Test
    void aTransposeMovesChannelsBehindStepsAndBack() {
        Random random = Seeds.random("aTransposeMovesChannelsBehindStepsAndBack");
        RandomModels.put(tensors, random, "weight", 5, 3, 2);
        LayerSpec conv = new LayerSpec.Conv1d("", 1, 0, 0, 1, 1);
        float[] in = Seeds.floats(random, 2 * 7 * 3, 1f);
        float[] expected = new float[2 * 6 * 5];
        model(conv).newSession(2).run(in, 0, 7, expected, 0);
        float[] channelsFirst = new float[in.length];
        float[] out = new float[expected.length];
        for (int n = 0; n < 2; n++) {
            for (int t = 0; t < 7; t++) {
                for (int c = 0; c < 3; c++) {
                    channelsFirst[(n * 3 + c) * 7 + t] = in[(n * 7 + t) * 3 + c];
                }
            }
        }
        Model transposed = model(new LayerSpec.Transpose(), new LayerSpec.Dropout(), conv, new LayerSpec.Transpose());
        assertEquals(3, transposed.inputSize());
        transposed.newSession(2).run(channelsFirst, 0, 7, out, 0);
        for (int n = 0; n < 2; n++) {
            for (int t = 0; t < 6; t++) {
                for (int o = 0; o < 5; o++) {
                    assertEquals(expected[(n * 6 + t) * 5 + o], out[(n * 5 + o) * 6 + t]);
                }
            }
        }
    }

    @Test
    void branchesStandSideBySideOrAreSummed() {
        Random random = Seeds.random("branchesStandSideBySideOrAreSummed");
        recurrent(random, "a", RandomModels.plain(4, 4));
        recurrent(random, "b", new RecurrentGeometry(RecurrentGeometry.Kind.LSTM, 4, 2, 1, true, true, 0, false));
        float[] in = Seeds.floats(random, 3 * 5 * 4, 1f);
        LayerSpec a = new LayerSpec.Lstm("a", true);
        LayerSpec b = new LayerSpec.Lstm("b", true);
        Model concat = model(new LayerSpec.Concat(List.of(List.of(a), List.of(), List.of(b))));
        Model add = model(new LayerSpec.Add(List.of(List.of(a), List.of(), List.of(b))));
        Map<String, Tensor> all = Map.copyOf(tensors);
        float[] fromA = runAlone(all, "a", in, a);
        float[] fromB = runAlone(all, "b", in, b);
        float[] sideBySide = new float[3 * 5 * 12];
        float[] summed = new float[3 * 5 * 4];
        concat.newSession(3).run(in, 0, 5, sideBySide, 0);
        add.newSession(3).run(in, 0, 5, summed, 0);
        for (int row = 0; row < 15; row++) {
            for (int f = 0; f < 4; f++) {
                assertEquals(fromA[row * 4 + f], sideBySide[row * 12 + f]);
                assertEquals(in[row * 4 + f], sideBySide[row * 12 + 4 + f]);
                assertEquals(fromB[row * 4 + f], sideBySide[row * 12 + 8 + f]);
                assertEquals(fromA[row * 4 + f] + in[row * 4 + f] + fromB[row * 4 + f], summed[row * 4 + f]);
            }
        }
    }

    private static float[] runAlone(Map<String, Tensor> all, String prefix, float[] in, LayerSpec layer) {
        Weights weights = Weights.of(all).under(prefix);
        Map<String, Tensor> own = new LinkedHashMap<>();
        weights.tensors().forEach((name, tensor) -> own.put(prefix + "." + name, tensor));
        Model model = Model.of(ModelSpec.of(layer), Weights.of(own));
        float[] out = new float[3 * 5 * model.outputSize()];
        model.newSession(3).run(in, 0, 5, out, 0);
        return out;
    }

    @Test
    void statesOfRecurrentLayersInBranchesFollowOneAnother() {
        Random random = Seeds.random("statesOfRecurrentLayersInBranchesFollowOneAnother");
        recurrent(random, "a", RandomModels.plain(3, 5));
        recurrent(random, "b", new RecurrentGeometry(RecurrentGeometry.Kind.LSTM, 3, 4, 1, true, false, 2, false));
        recurrent(random, "c", RandomModels.plain(7, 6));
        Model model = model(new LayerSpec.Concat(
                List.of(List.of(new LayerSpec.Lstm("a", true)), List.of(RELU, new LayerSpec.Lstm("b", true)))),
                new LayerSpec.Lstm("c", true));
        assertEquals(5 + 2 + 6, model.hiddenStateSize());
        assertEquals(5 + 4 + 6, model.cellStateSize());
        assertEquals(3, model.geometries().size());
        float[] h = Seeds.floats(random, 2 * 13, 1f);
        float[] c = Seeds.floats(random, 2 * 15, 1f);
        float[] hBack = new float[h.length];
        float[] cBack = new float[c.length];
        Session session = model.newSession(2);
        session.setState(h, 0, c, 0);
        session.getState(hBack, 0, cBack, 0);
        assertSameBits(h, hBack, "h");
        assertSameBits(c, cBack, "c");
        session.reset();
        session.getState(hBack, 0, cBack, 0);
        assertSameBits(new float[h.length], hBack, "h after a reset");
    }

    @Test
    void aBranchMayTakeTheFinalHiddenStateOfTheLayerBeforeIt() {
        Random random = Seeds.random("aBranchMayTakeTheFinalHiddenStateOfTheLayerBeforeIt");
        recurrent(random, "lstm", new RecurrentGeometry(RecurrentGeometry.Kind.LSTM, 3, 5, 1, true, true, 0, false));
        Model model = model(new LayerSpec.Lstm("lstm", true), new LayerSpec.Concat(List.of(List.of(new LayerSpec.FinalHidden()),
                List.of(new LayerSpec.MaxOverTime()), List.of(new LayerSpec.LastStep()))));
        Model finalHidden = model(new LayerSpec.Lstm("lstm", true), new LayerSpec.FinalHidden());
        float[] in = Seeds.floats(random, 2 * 6 * 3, 1f);
        float[] out = new float[2 * 30];
        float[] expected = new float[2 * 10];
        model.newSession(2).run(in, 0, 6, new int[]{3, 6}, out, 0);
        finalHidden.newSession(2).run(in, 0, 6, new int[]{3, 6}, expected, 0);
        for (int n = 0; n < 2; n++) {
            assertSameBits(Arrays.copyOfRange(expected, n * 10, n * 10 + 10), Arrays.copyOfRange(out, n * 30, n * 30 + 10),
                    "sequence " + n);
        }
    }

    @Test
    void theLargestOverTimeIsNotANumberWhereOneIs() {
        tensors.put("weight", Tensor.of(new float[]{1}, 1, 1));
        float[] out = new float[2];
        model(new LayerSpec.Linear(""), new LayerSpec.MaxPool1d(2, 2, 0)).newSession().run(new float[]{1, Float.NaN, 3, 2}, 0, 4,
                out, 0);
        assertTrue(Float.isNaN(out[0]));
        assertEquals(3f, out[1]);
        model(new LayerSpec.Linear(""), new LayerSpec.MaxOverTime()).newSession().run(new float[]{1, Float.NaN, 3}, 0, 3, out, 0);
        assertTrue(Float.isNaN(out[0]));
    }

    @Test
    void anAttentionDecoderIsItsFormula() {
        Random random = Seeds.random("anAttentionDecoderIsItsFormula");
        for (int round = 0; round < 4; round++) {
            boolean batchFirst = round % 2 == 0;
            RecurrentGeometry.Kind kind = round < 2 ? RecurrentGeometry.Kind.LSTM : RecurrentGeometry.Kind.GRU;
            int hidden = 19;
            tensors.clear();
            recurrent(random, "encoder", new RecurrentGeometry(kind, 6, hidden, 2, true, false, 0, false));
            recurrent(random, "cell", new RecurrentGeometry(kind, 7, hidden, 1, true, false, 0, true));
            RandomModels.put(tensors, random, "target.weight", 11, 7);
            RandomModels.put(tensors, random, "combine.weight", 13, 2 * hidden);
            RandomModels.put(tensors, random, "out.weight", 11, 13);
            List<LayerSpec> head = List.of(new LayerSpec.Linear("combine"), new LayerSpec.Activation(ActivationFunction.TANH),
                    new LayerSpec.Linear("out"));
            Model model = model(encoder(kind, batchFirst),
                    new LayerSpec.AttentionDecoder("target", "cell", head, 1, 5));
            assertEquals(5, model.outputSteps(9));
            Sequences in = new Sequences(random, 3, 9, 1, 6, batchFirst);
            double[][][] expected = new double[3][][];
            for (int n = 0; n < 3; n++) {
                expected[n] = decode(kind, in, n, hidden);
            }
            in.check(model, expected, true, "decoder");
        }
    }

    private static LayerSpec encoder(RecurrentGeometry.Kind kind, boolean batchFirst) {
        return kind == RecurrentGeometry.Kind.GRU
                ? new LayerSpec.Gru("encoder", batchFirst)
                : new LayerSpec.Lstm("encoder", batchFirst);
    }

    /** Decodes sequence n with sessions of the encoder and the cell; attention and head in float64. */
    private double[][] decode(RecurrentGeometry.Kind kind, Sequences in, int n, int hidden) {
        Map<String, Tensor> own = new LinkedHashMap<>();
        Weights.of(tensors).under("encoder").tensors().forEach((name, t) -> own.put("encoder." + name, t));
        Model encoder = Model.of(ModelSpec.of(encoder(kind, true)), Weights.of(own));
        Session encoding = encoder.newSession();
        double[][] rows = in.sequence(n);
        float[] features = new float[rows.length * 6];
        for (int i = 0; i < features.length; i++) {
            features[i] = (float) rows[i / 6][i % 6];
        }
        float[] states = new float[rows.length * hidden];
        encoding.run(features, 0, rows.length, states, 0);
        double[][] memory = new double[rows.length][hidden];
        for (int i = 0; i < states.length; i++) {
            memory[i / hidden][i % hidden] = states[i];
        }
        float[] h = new float[2 * hidden];
        float[] c = new float[2 * hidden];
        encoding.getState(h, 0, c, 0);
        Weights cellWeights = Weights.of(tensors).under("cell");
        boolean isGru = kind == RecurrentGeometry.Kind.GRU;
        Session cell = (isGru ? Model.gru(cellWeights, true) : Model.lstm(cellWeights, true)).newSession();
        cell.setState(h, hidden, c, hidden);
        double[][] logits = new double[5][];
        int token = 1;
        for (int s = 0; s < 5; s++) {
            float[] out = new float[hidden];
            cell.step(Arrays.copyOfRange(tensors.get("target.weight").toFloats(), token * 7, token * 7 + 7), 0, out, 0);
            double[] state = new double[hidden];
            double[] scores = new double[rows.length];
            for (int i = 0; i < hidden; i++) {
                state[i] = out[i];
            }
            for (int t = 0; t < scores.length; t++) {
                scores[t] = Formulas.dot(memory[t], state);
            }
            double[] joined = Arrays.copyOf(state, 2 * hidden);
            System.arraycopy(Formulas.attend(memory, scores), 0, joined, hidden, hidden);
            double[] inner = Arrays.stream(times("combine.weight", joined)).map(Math::tanh).toArray();
            logits[s] = times("out.weight", inner);
            for (int i = 0, best = 0; i < 11; i++) {
                best = logits[s][i] > logits[s][best] ? i : best;
                token = best;
            }
        }
        return logits;
    }

    private double[] times(String name, double[] x) {
        double[] matrix = tensors.get(name).toDoubles();
        double[] y = new double[matrix.length / x.length];
        for (int o = 0; o < y.length; o++) {
            y[o] = Formulas.dot(Arrays.copyOfRange(matrix, o * x.length, (o + 1) * x.length), x);
        }
        return y;
    }

    @Test
    void anEmptyBatchGoesThroughEveryLayer() {
        Random random = new Random(1);
        RandomModels.put(tensors, random, "conv.weight", 4, 2, 3);
        Model model = model(new LayerSpec.Conv1d("conv", 2, 0, 0, 1, 1), RELU, new LayerSpec.AvgPool1d(2, 2, 1, false),
                new LayerSpec.Concat(List.of(List.of(), List.of(RELU))), new LayerSpec.MeanOverTime());
        model.newSession(0).run(new float[0], 0, 9, new float[0], 0);
        assertEquals(8, model.outputSize());
        assertEquals(1, model.outputSteps(9));
        assertEquals(0, model.outputSteps(2));
    }
}
