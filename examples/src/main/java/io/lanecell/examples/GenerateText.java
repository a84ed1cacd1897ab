package io.lanecell.examples;

import io.lanecell.Model;
import io.lanecell.Sampler;
import io.lanecell.Session;
import io.lanecell.loader.ModelFile;
import io.lanecell.loader.Vocabulary;
import java.nio.file.Path;

/** Text generation: a character model goes on from a prompt, each character drawn among the likely ones. */
public final class GenerateText {
    private GenerateText() {
    }

    /** Arguments: the model's folder (weights/char-lm), the prompt. */
    public static void main(String[] args) {
        ModelFile file = ModelFile.open(Path.of(args.length > 0 ? args[0] : "weights/char-lm"));
        String prompt = args.length > 1 ? args[1] : "The license ";
        Model model = file.model();
        // At temperature 0.8, among the 20 likeliest characters, of those the ones that make up 95 %; the same seed, the same text.
        Sampler sampler = Sampler.random(model.outputSize(), 0.8, 20, 0.95, 7);
        System.out.println(prompt + continuation(model, file.vocabulary().orElseThrow(), prompt, 300, sampler));
    }

    /** The {@code length} characters that follow the prompt. */
    static String continuation(Model model, Vocabulary vocabulary, String prompt, int length, Sampler sampler) {
        Session session = model.newSession();
        float[] scores = new float[model.outputSize()];
        int[] tokens = vocabulary.encode(prompt);
        for (int i = 0; i < tokens.length; i++) {
            session.step(tokens, i, scores, 0); // the state goes along, the scores are of the character that follows
        }
        StringBuilder text = new StringBuilder();
        int[] token = new int[1];
        for (int i = 0; i < length; i++) {
            token[0] = sampler.choose(scores);
            text.append(vocabulary.decode(token[0]));
            session.step(token, 0, scores, 0);
        }
        return text.toString();
    }
}
