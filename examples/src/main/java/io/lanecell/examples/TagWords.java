package io.lanecell.examples;

import io.lanecell.Model;
import io.lanecell.TopK;
import io.lanecell.loader.ModelFile;
import io.lanecell.loader.Vocabulary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A tagger: a label for each word, here how it is to be capitalised. */
public final class TagWords {
    private TagWords() {
    }

    /** Arguments: the model's folder (weights/gru-tagger), the text. */
    public static void main(String[] args) {
        ModelFile file = ModelFile.open(Path.of(args.length > 0 ? args[0] : "weights/gru-tagger"));
        Vocabulary vocabulary = file.vocabulary().orElseThrow();
        int[] tokens = vocabulary
                .encode(args.length > 1 ? args[1] : "the gnu general public license is a free license . you may copy it .");
        List<String> tags = tags(file.model(), file.labels(), tokens);
        for (int t = 0; t < tokens.length; t++) {
            System.out.printf("%-10s %s%n", vocabulary.decode(tokens[t]), tags.get(t));
        }
    }

    /** The likeliest label at each step. */
    static List<String> tags(Model model, List<String> labels, int[] tokens) {
        int outputs = model.outputSize();
        float[] scores = new float[tokens.length * outputs]; // (T, O)
        model.newSession().run(tokens, 0, tokens.length, null, scores, 0);
        List<String> tags = new ArrayList<>();
        for (int t = 0; t < tokens.length; t++) {
            tags.add(labels.get(TopK.argmax(scores, t * outputs, outputs)));
        }
        return tags;
    }
}
