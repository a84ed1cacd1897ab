package io.lanecell.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.Model;
import io.lanecell.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

    /** So that what the README shows compiles. */
    @Test
    void theReadmesNetworkIsThisOne() throws IOException {
        String readme = inOneLine(Path.of("../README.md"));
        String shown = readme.substring(readme.indexOf("Model.of(ModelSpec.of("), readme.indexOf(")), weights);"));
        String program = inOneLine(Path.of("src/main/java/io/lanecell/examples/StreamConvolutionAndLstm.java"));
        assertTrue(program.contains(shown), shown);
    }

    private static String inOneLine(Path file) throws IOException {
        return Files.readString(file).replaceAll("\\s+", " ");
    }

    @Test
    void theProgramPrintsEachStep() {
        assertEquals(20, Sample.of("char-lm").printedBy(StreamConvolutionAndLstm::main).size());
    }
}
