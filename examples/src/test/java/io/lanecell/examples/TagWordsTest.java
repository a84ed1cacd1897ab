package io.lanecell.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lanecell.Model;
import io.lanecell.TopK;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TagWordsTest {
    private final Sample sample = Sample.of("gru-tagger");

    @Test
    void everyWordGetsTheLabelThatPyTorchGivesIt() {
        Model model = sample.file().model();
        List<String> labels = sample.file().labels();
        float[] scores = sample.io().get("output").toFloats();
        for (int n = 0; n < sample.io().get("tokens").dim(0); n++) {
            int[] tokens = sample.tokens(n);
            List<String> expected = new ArrayList<>();
            for (int t = 0; t < tokens.length; t++) {
                expected.add(labels.get(TopK.argmax(scores, (n * tokens.length + t) * labels.size(), labels.size())));
            }
            assertEquals(expected, TagWords.tags(model, labels, tokens), "sequence " + n);
        }
    }

    @Test
    void theProgramPrintsALineForEachWord() {
        assertEquals(15, sample.printedBy(TagWords::main).size());
    }
}
