package io.lanecell.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lanecell.Model;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClassifyPaddedBatchTest {
    private final Sample sample = Sample.of("text-classifier");
    private final Model model = sample.file().model();
    private final List<int[]> sequences = IntStream.range(0, sample.io().get("lengths").size()).mapToObj(sample::tokens).toList();

    @Test
    void eachSequenceOfThePaddedBatchGetsTheBitsThatItGetsAlone() {
        float[][] together = ClassifyPaddedBatch.scores(model, sequences);
        for (int n = 0; n < sequences.size(); n++) {
            assertArrayEquals(ClassifyPaddedBatch.scores(model, List.of(sequences.get(n)))[0], together[n], "sequence " + n);
        }
    }

    @Test
    void theScoresAreThoseOfPyTorch() {
        float[][] scores = ClassifyPaddedBatch.scores(model, sequences);
        for (int n = 0; n < scores.length; n++) {
            sample.assertEqualsPyTorch("output", n * model.outputSize(), scores[n]);
        }
    }

    @Test
    void theProgramPrintsALineForEachText() {
        assertEquals(3, sample.printedBy(ClassifyPaddedBatch::main).size());
    }
}
