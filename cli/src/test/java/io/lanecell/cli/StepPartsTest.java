package io.lanecell.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.KernelChoice;
import io.lanecell.LayerSpec;
import io.lanecell.ModelSpec;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Long runs that tell how far they have come give the bits of runs that don't. */
class StepPartsTest {
    private static final int INPUT = 3;
    private static final int HIDDEN = 33;
    private final SplittableRandom random = new SplittableRandom(SyntheticCase.SEED);
    private final Map<String, Tensor> weights = new LinkedHashMap<>();

    private Chain chain(boolean batchFirst, String... directions) {
        weights.put("embedding.weight", SyntheticCase.uniform(random, 1, 7, INPUT));
        for (String direction : directions) {
            weights.put("lstm.weight_ih_l0" + direction, SyntheticCase.uniform(random, 0.3, 4 * HIDDEN, INPUT));
            weights.put("lstm.weight_hh_l0" + direction, SyntheticCase.uniform(random, 0.3, 4 * HIDDEN, HIDDEN));
        }
        return Chain.of(ModelSpec.of(new LayerSpec.Embedding("embedding"), new LayerSpec.Lstm("lstm", batchFirst)),
                Weights.of(weights), KernelChoice.SCALAR);
    }

    /** The output and final states in one call each, and what is told while they are computed in parts. */
    private List<Long> partsOf(Chain chain, Sequences in) {
        int steps = in.steps();
        List<Long> told = new ArrayList<>();
        Engine.Results parts = new RuntimeEngine(chain, (done, total) -> {
            assertEquals(steps, total);
            told.add(done);
        }).run(in);
        float[] whole = new float[in.batch() * steps * chain.model().outputSize()];
        var session = chain.model().newSession(in.batch());
        if (in.h0() != null) {
            session.setState(Tensor.of(in.h0(), in.h0().length).toFloats(), 0, Tensor.of(in.c0(), in.c0().length).toFloats(), 0);
        }
        int[] tokens = new int[in.tokens().length];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = (int) in.tokens()[i];
        }
        session.run(tokens, 0, steps, in.lengths(), whole, 0);
        assertArrayEquals(Tensor.of(whole, whole.length).toDoubles(), parts.output());
        float[] h = new float[in.batch() * chain.model().hiddenStateSize()];
        float[] c = new float[in.batch() * chain.model().cellStateSize()];
        session.getState(h, 0, c, 0);
        assertArrayEquals(Tensor.of(h, h.length).toDoubles(), parts.hN());
        assertArrayEquals(Tensor.of(c, c.length).toDoubles(), parts.cN());
        return told;
    }

    private Sequences sequences(int batch, int steps, int[] lengths, boolean states) {
        double[] h0 = states ? random.doubles(batch * HIDDEN).map(x -> (float) x).toArray() : null;
        return new Sequences(batch, steps, null, random.longs((long) batch * steps, 0, 7).toArray(), lengths, h0, h0);
    }

    @ParameterizedTest
    @CsvSource({"1, 5001, true, false", "1, 5001, false, true", "3, 2000, true, true", "3, 1987, false, false"})
    void longSequencesAreRunInPartsWithTheSameBits(int batch, int steps, boolean batchFirst, boolean states) {
        List<Long> told = partsOf(chain(batchFirst, ""), sequences(batch, steps, null, states));
        assertTrue(told.size() >= 3 && told.getFirst() == 0 && told.getLast() < steps, told::toString);
        assertEquals(told.stream().sorted().distinct().toList(), told);
    }

    @Test
    void shortOnesOnesOfManyLengthsAndThoseThatNeedTheWholeSequenceAreRunInOne() {
        assertEquals(List.of(), partsOf(chain(true, ""), sequences(2, 17, null, false)));
        assertEquals(List.of(), partsOf(chain(true, ""), sequences(2, 2000, new int[]{2000, 3}, false)));
        assertEquals(List.of(), partsOf(chain(true, "", "_reverse"), sequences(1, 3000, null, false)));
    }
}
