package io.lanecell.cli;

import io.lanecell.DType;
import io.lanecell.InvalidInputException;
import io.lanecell.InvalidModelException;
import io.lanecell.LayerSpec;
import io.lanecell.Model;
import io.lanecell.Sampler;
import io.lanecell.Session;
import io.lanecell.loader.ModelFile;
import io.lanecell.loader.Vocabulary;
import java.io.PrintWriter;
import java.nio.file.Path;
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

    @Option(names = "--temperature", paramLabel = "T", description = "Draws at random from the scores divided by this (1 with --top-k or --top-p); without any of them the likeliest character is taken.")
    private Double temperature;

    @Option(names = "--top-k", paramLabel = "K", description = "Draws among the K likeliest characters.")
    private Integer topK;

    @Option(names = "--top-p", paramLabel = "P", description = "Draws among the fewest likeliest characters whose probabilities sum to P.")
    private Double topP;

    @Option(names = "--seed", paramLabel = "S", description = "Makes a draw repeatable.")
    private Long seed;

    @Mixin
    private KernelsOption kernels;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        checkOptions();
        ModelFile file = read();
        Vocabulary vocabulary = file.vocabulary().filter(known -> known.kind() == Vocabulary.Kind.CHARACTERS)
                .orElseThrow(() -> new InvalidModelException("the model in '" + modelPath + "' has no vocabulary of characters,"
                        + " which generate needs: give a model.json with one under \"vocabulary\""));
        Model model = pack(file);
        checkModel(model, vocabulary);
        if (prompt.isEmpty()) {
            throw new InvalidInputException("the prompt is empty, expected at least 1 character for the model to go on from");
        }
        new KnownCharacters(vocabulary).check(prompt);
        int[] tokens = vocabulary.encode(prompt);
        PrintWriter out = spec.commandLine().getOut();
        generate(model.newSession(), tokens, vocabulary, out);
        out.print('\n');
        out.flush();
        return Main.FINE;
    }

    private ModelFile read() {
        try (TerminalProgress bar = new TerminalProgress("reading")) {
            return ModelFile.open(modelPath, bar);
        }
    }

    private Model pack(ModelFile file) {
        try (TerminalProgress _ = new TerminalProgress("packing")) {
            return file.model(kernels.choice());
        }
    }

    /** Prints each character as soon as it is known; {@code tokens} are the prompt's. */
    private void generate(Session session, int[] tokens, Vocabulary vocabulary, PrintWriter out) {
        Sampler sampler = draws() ? random(session.model()) : Sampler.greedy();
        boolean givesProbabilities = session.model().spec().layers().getLast() instanceof LayerSpec.Softmax;
        double[] scores = new double[session.model().outputSize()];
        float[] narrow = new float[scores.length];
        try (TerminalProgress bar = new TerminalProgress("reading the prompt")) {
            for (int i = 0; i < tokens.length; i++) {
                bar.at(i, tokens.length);
                step(session, tokens, i, narrow, scores);
            }
        }
        out.print(prompt);
        int[] token = new int[1];
        // An error ends it: a reader that has gone, or a full disk.
        for (int i = 0; i < length && !out.checkError(); i++) {
            token[0] = choose(sampler, scores, givesProbabilities);
            out.print(vocabulary.decode(token[0]));
            if (i < length - 1) {
                step(session, token, 0, narrow, scores);
            }
        }
    }

    private static void step(Session session, int[] tokens, int offset, float[] narrow, double[] scores) {
        if (session.model().dtype() == DType.F64) {
            session.step(tokens, offset, scores, 0);
            return;
        }
        session.step(tokens, offset, narrow, 0);
        for (int i = 0; i < narrow.length; i++) {
            scores[i] = narrow[i];
        }
    }

    private boolean draws() {
        return temperature != null || topK != null || topP != null;
    }

    private Sampler random(Model model) {
        return Sampler.random(model.outputSize(), temperature == null ? 1 : temperature, topK == null ? 0 : topK,
                topP == null ? 1 : topP, seed == null ? System.nanoTime() : seed);
    }

    /** A draw is made by logits; of probabilities those are the logarithms, but for a constant that changes no draw. */
    private int choose(Sampler sampler, double[] scores, boolean givesProbabilities) {
        if (givesProbabilities && draws()) {
            for (int i = 0; i < scores.length; i++) {
                scores[i] = StrictMath.log(scores[i]);
            }
        }
        return sampler.choose(scores, 0, scores.length);
    }

    private void checkOptions() {
        if (length < 0) {
            throw new ParameterException(spec.commandLine(), "--length is " + length + ", expected 0 or more");
        }
        if (temperature != null && !(temperature > 0 && Double.isFinite(temperature))) {
            throw new ParameterException(spec.commandLine(),
                    "--temperature is " + temperature + ", expected a number over 0 (leave it out for the likeliest text)");
        }
        if (topK != null && topK < 1) {
            throw new ParameterException(spec.commandLine(), "--top-k is " + topK + ", expected 1 or more");
        }
        if (topP != null && !(topP > 0 && topP <= 1)) {
            throw new ParameterException(spec.commandLine(), "--top-p is " + topP + ", expected a number over 0 and up to 1");
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
