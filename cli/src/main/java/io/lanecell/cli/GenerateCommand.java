package io.lanecell.cli;

import io.lanecell.InvalidInputException;
import io.lanecell.InvalidModelException;
import io.lanecell.LayerSpec;
import io.lanecell.Model;
import io.lanecell.Session;
import io.lanecell.loader.ModelFile;
import io.lanecell.loader.Vocabulary;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code generate}: a character model goes on from a prompt. */
@Command(name = "generate", mixinStandardHelpOptions = true, description = "Prints a prompt and the characters that a character model goes on with.")
final class GenerateCommand implements Callable<Integer> {
    @Parameters(paramLabel = "MODEL", description = "A directory with a model.json, or the model.json.")
    private Path modelPath;

    @Option(names = "--prompt", required = true, paramLabel = "TEXT", description = "What the text begins with.")
    private String prompt;

    @Option(names = "--length", defaultValue = "300", paramLabel = "N", description = "Characters to add (default: ${DEFAULT-VALUE}).")
    private int length;

    @Option(names = "--temperature", paramLabel = "T", description = "Draws at random from the scores divided by this; without it the likeliest character is taken.")
    private Double temperature;

    @Option(names = "--seed", paramLabel = "S", description = "Makes a draw repeatable.")
    private Long seed;

    @Mixin
    private KernelsOption kernels;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        checkOptions();
        ModelFile file = ModelFile.open(modelPath);
        Vocabulary vocabulary = file.vocabulary().filter(known -> known.kind() == Vocabulary.Kind.CHARACTERS)
                .orElseThrow(() -> new InvalidModelException("the model in '" + modelPath + "' has no vocabulary of characters,"
                        + " which generate needs: give a model.json with one under \"vocabulary\""));
        Model model = file.model(kernels.choice());
        checkModel(model, vocabulary);
        if (prompt.isEmpty()) {
            throw new InvalidInputException("the prompt is empty, expected at least 1 character for the model to go on from");
        }
        new KnownCharacters(vocabulary).check(prompt);
        int[] tokens = vocabulary.encode(prompt);
        PrintWriter out = spec.commandLine().getOut();
        out.print(prompt);
        generate(model.newSession(), tokens, vocabulary, out);
        out.print('\n');
        out.flush();
        return Main.FINE;
    }

    private void generate(Session session, int[] prompt, Vocabulary vocabulary, PrintWriter out) {
        Sampler sampler = sampler(session.model());
        float[] scores = new float[session.model().outputSize()];
        for (int i = 0; i < prompt.length; i++) {
            session.step(prompt, i, scores, 0);
        }
        int[] token = new int[1];
        for (int i = 0; i < length; i++) {
            token[0] = sampler.choose(scores);
            out.print(vocabulary.decode(token[0]));
            if (i < length - 1) {
                session.step(token, 0, scores, 0);
            }
        }
    }

    private Sampler sampler(Model model) {
        if (temperature == null) {
            return Sampler.greedy();
        }
        return Sampler.random(temperature, model.spec().layers().getLast() instanceof LayerSpec.Softmax,
                seed == null ? new SplittableRandom() : new SplittableRandom(seed));
    }

    private void checkOptions() {
        if (length < 0) {
            throw new ParameterException(spec.commandLine(), "--length is " + length + ", expected 0 or more");
        }
        if (temperature != null && !(temperature > 0 && Double.isFinite(temperature))) {
            throw new ParameterException(spec.commandLine(),
                    "--temperature is " + temperature + ", expected a number over 0 (leave it out for the likeliest text)");
        }
    }

    private void checkModel(Model model, Vocabulary vocabulary) {
        boolean fits = model.spec().takesTokens() && model.vocabularySize() == vocabulary.size()
                && model.outputSize() == vocabulary.size();
        if (!fits || !model.canStep()) {
            throw new InvalidModelException("the model in '" + modelPath + "' can't generate text: expected an embedding of "
                    + vocabulary.size() + " tokens first, as many scores last, and between them layers that can go step by step");
        }
    }
}
