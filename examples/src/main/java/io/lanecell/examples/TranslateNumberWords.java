package io.lanecell.examples;

import io.lanecell.Model;
import io.lanecell.TopK;
import io.lanecell.loader.ModelFile;
import java.nio.file.Path;

/** Sequence to sequence: number words to digits, by an encoder and a decoder with attention, read up to the label {@code <end>}. */
public final class TranslateNumberWords {
    private static final String END = "<end>";

    private TranslateNumberWords() {
    }

    /** Arguments: the model's folder (weights/seq2seq), the words. */
    public static void main(String[] args) {
        ModelFile file = ModelFile.open(Path.of(args.length > 0 ? args[0] : "weights/seq2seq"));
        System.out.println(digits(file, file.model(), args.length > 1 ? args[1] : "nine thousand three hundred sixty four"));
    }

    /** What the words say. */
    static String digits(ModelFile file, Model model, String words) {
        int[] tokens = file.vocabulary().orElseThrow().encode(words);
        int steps = model.outputSteps(tokens.length); // the decoder's, however many words there are
        int outputs = model.outputSize();
        float[] scores = new float[steps * outputs];
        model.newSession().run(tokens, 0, tokens.length, null, scores, 0);
        StringBuilder digits = new StringBuilder();
        for (int t = 0; t < steps; t++) {
            String label = file.labels().get(TopK.argmax(scores, t * outputs, outputs));
            if (label.equals(END)) {
                break;
            }
            digits.append(label);
        }
        return digits.toString();
    }
}
