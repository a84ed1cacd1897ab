package io.lanecell.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.Model;
import io.lanecell.TopK;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecogniseDigitTest {
    private final Sample sample = Sample.of("digit-rows");

    @Test
    void theBestLabelsAndProbabilitiesAreThoseOfPyTorchsScores() {
        Model model = RecogniseDigit.withProbabilities(sample.file());
        float[] images = sample.io().get("input").toFloats();
        double[] scores = sample.io().get("output_f64").toDoubles();
        for (int n = 0; n < 16; n++) {
            float[] pixels = Arrays.copyOfRange(images, n * 64, (n + 1) * 64);
            double[] exact = Arrays.copyOfRange(scores, n * 10, (n + 1) * 10);
            List<TopK.Entry> best = RecogniseDigit.best(model, pixels, sample.file().labels());
            assertEquals(3, best.size());
            for (TopK.Entry entry : best) {
                double sum = Arrays.stream(exact).map(score -> Math.exp(score - exact[entry.index()])).sum();
                assertEquals(1 / sum, entry.score(), 1e-5, "image " + n + ", label " + entry.label());
            }
            double largest = Arrays.stream(exact).max().orElseThrow();
            assertEquals(largest, exact[best.getFirst().index()], 0, "image " + n);
        }
    }

    @Test
    void theProgramRecognisesItsImage() {
        List<String> lines = sample.printedBy(RecogniseDigit::main);
        assertEquals(3, lines.size());
        assertTrue(lines.getFirst().startsWith("4 "), lines::toString);
    }
}
