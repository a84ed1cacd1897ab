package io.lanecell.examples;

import io.lanecell.Model;
import io.lanecell.Session;
import io.lanecell.TopK;
import io.lanecell.loader.ModelFile;
import io.lanecell.loader.Vocabulary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Texts of different lengths in one call, padded to the longest. What Keras does with {@code mask_zero=True} and PyTorch with
 * pack_padded_sequence, {@code lengths} does here: the padding is never read, and each text gets the scores that it gets alone.
 */
public final class ClassifyPaddedBatch {
    private ClassifyPaddedBatch() {
    }

    /** Arguments: the model's folder (weights/text-classifier), then texts. */
    public static void main(String[] args) {
        ModelFile file = ModelFile.open(Path.of(args.length > 0 ? args[0] : "weights/text-classifier"));
        List<String> texts = args.length > 1
                ? List.of(args).subList(1, args.length)
                : List.of("You may convey a covered work in object code form",
                        "Covered Software must also be made available in Source Code Form",
                        "The Affirmer waives all rights");
        Vocabulary vocabulary = file.vocabulary().orElseThrow();
        List<int[]> tokens = new ArrayList<>();
        texts.forEach(text -> tokens.add(vocabulary.encode(text)));
        float[][] scores = scores(file.model(), tokens);
        for (int n = 0; n < scores.length; n++) {
            TopK.Entry best = TopK.of(scores[n], file.labels(), 1).getFirst();
            System.out.printf("%-12s %3.0f %%  %s%n", best.label(), 100 * best.score(), texts.get(n));
        }
    }

    /** The model's scores for each sequence of tokens. */
    static float[][] scores(Model model, List<int[]> sequences) {
        int batch = sequences.size();
        int[] lengths = sequences.stream().mapToInt(sequence -> sequence.length).toArray();
        int steps = Arrays.stream(lengths).max().orElse(0);
        int[] padded = new int[batch * steps]; // (N, T)
        for (int n = 0; n < batch; n++) {
            System.arraycopy(sequences.get(n), 0, padded, n * steps, lengths[n]);
        }
        Session session = model.newSession(batch);
        int outputs = model.outputSize();
        float[] scores = new float[batch * outputs]; // (N, O)
        session.run(padded, 0, steps, lengths, scores, 0);
        float[][] rows = new float[batch][];
        for (int n = 0; n < batch; n++) {
            rows[n] = Arrays.copyOfRange(scores, n * outputs, (n + 1) * outputs);
        }
        return rows;
    }
}
