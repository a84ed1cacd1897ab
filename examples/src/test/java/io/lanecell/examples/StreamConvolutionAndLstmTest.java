package io.lanecell.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lanecell.Model;
import io.lanecell.Session;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StreamConvolutionAndLstmTest {
    private static final long SEED = 20261122;
    private static final int STEPS = 130;

    private final Model model = StreamConvolutionAndLstm.model(StreamConvolutionAndLstm.randomWeights(SEED));
    private final float[] signal = new float[STEPS * StreamConvolutionAndLstm.CHANNELS];
    private final float[] whole = new float[STEPS];

    StreamConvolutionAndLstmTest() {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < signal.length; i++) {
            signal[i] = (float) random.nextDouble(-1, 1);
        }
        model.newSession().run(signal, 0, STEPS, whole, 0);
    }

    @Test
    void stepByStepGivesTheBitsOfTheWholeSequence() {
        Session session = model.newSession();
        float[] stepped = new float[STEPS];
        for (int t = 0; t < STEPS; t++) {
            session.step(signal, t * StreamConvolutionAndLstm.CHANNELS, stepped, t);
        }
        assertArrayEquals(whole, stepped);
    }

    @Test
    void soDoChunksOfAnySizeAndASecondStreamAfterReset() {
        Session session = model.newSession();
        for (int chunk : new int[]{1, 3, 4, 5, 17, 33, 127, STEPS}) {
            session.reset();
            float[] chunked = new float[STEPS];
            for (int t = 0; t < STEPS; t += chunk) {
                session.run(signal, t * StreamConvolutionAndLstm.CHANNELS, Math.min(chunk, STEPS - t), chunked, t);
            }
            assertArrayEquals(whole, chunked, "chunks of " + chunk);
        }
    }

    @Test
    void theProgramPrintsEachStep() {
        assertEquals(20, Sample.of("char-lm").printedBy(StreamConvolutionAndLstm::main).size());
    }
}
