package io.lanecell.loader;

import io.lanecell.InvalidModelException;
import io.lanecell.KernelChoice;
import io.lanecell.Model;
import io.lanecell.ModelSpec;
import io.lanecell.Weights;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** A model as files describe it: its layers, its weights, what its tokens and outputs mean. */
public final class ModelFile {
    private final Path file;
    private final ModelSpec spec;
    private final Weights weights;
    private final Optional<Vocabulary> vocabulary;
    private final List<String> labels;
    private final List<String> assumptions;

    private ModelFile(Path file, ModelSpec spec, Weights weights, Optional<Vocabulary> vocabulary, List<String> labels,
            List<String> assumptions) {
        this.file = file;
        this.spec = spec;
        this.weights = weights;
        this.vocabulary = vocabulary;
        this.labels = labels;
        this.assumptions = assumptions;
    }

    /**
     * Opens a model. The path is one of
     * <ul>
     * <li>a {@code model.json};
     * <li>a folder with a {@code model.json}, or with a {@code config.json} that names a torch.nn class, or with nothing but
     * the weights of a recurrent layer;
     * <li>a weight file with the tensors of a single torch.nn.LSTM, GRU or RNN (or their cells), by themselves or behind one
     * prefix ({@code lstm.}), whose batch_first is taken to be false.
     * </ul>
     *
     * @throws ModelFileException  if the description can't be understood or doesn't fit the weights
     * @throws WeightFileException if the weight file can't be read
     */
    public static ModelFile open(Path path) {
        return open(path, Progress.NONE);
    }

    /** Like {@link #open(Path)}, telling how far reading a large weight file has come. */
    public static ModelFile open(Path path, Progress progress) {
        if (Files.isDirectory(path)) {
            CaseDirectory directory = CaseDirectory.open(path);
            Optional<Path> description = directory.modelJson().or(directory::configJson);
            return description.isPresent() ? describedBy(description.get(), progress) : bare(onlyWeights(directory), progress);
        }
        return isJson(path) && !isIndex(path) ? describedBy(path, progress) : bare(path, progress);
    }

    /**
     * Opens a model whose description and weights lie apart.
     *
     * @param description a {@code model.json} or {@code config.json}, or a folder with one
     * @param weights     the weight file to use, whatever the description names
     */
    public static ModelFile open(Path description, Path weights) {
        Path json = description;
        if (Files.isDirectory(description)) {
            CaseDirectory directory = CaseDirectory.open(description);
            json = directory.modelJson().or(directory::configJson)
                    .orElseThrow(() -> new ModelFileException(description, "has neither a model.json nor a config.json"));
        }
        return bind(describe(json), WeightFile.load(weights));
    }

    /** The layers. */
    public ModelSpec spec() {
        return spec;
    }

    /** The weight file's tensors. */
    public Weights weights() {
        return weights;
    }

    /**
     * The model, ready to run.
     *
     * @throws ModelFileException if the layers and the weights don't fit each other
     */
    public Model model() {
        return model(KernelChoice.AUTO);
    }

    /** Like {@link #model()}, with a named kernel. */
    public Model model(KernelChoice kernels) {
        try {
            return Model.of(spec, weights, kernels);
        } catch (InvalidModelException e) {
            throw new ModelFileException(file, e.getMessage());
        }
    }

    /** What the tokens mean, where the model takes or gives text. */
    public Optional<Vocabulary> vocabulary() {
        return vocabulary;
    }

    /** A name for each output; empty where none are given. */
    public List<String> labels() {
        return labels;
    }

    /**
     * What had to be guessed because weights alone don't tell it, a sentence each; empty for a model that is described.
     */
    public List<String> assumptions() {
        return assumptions;
    }

    private static ModelFile describedBy(Path json, Progress progress) {
        ModelDescription description = describe(json);
        return bind(description, weightsOf(description, progress));
    }

    private static ModelDescription describe(Path json) {
        return describe(json, JsonFile.read(json));
    }

    /** What a model.json or config.json says. */
    static ModelDescription describe(Path json, JsonNode node) {
        if (node.has("format")) {
            return ModelJson.parse(json, node);
        }
        if (node.has("module")) {
            return TorchModule.parse(json, node);
        }
        throw new ModelFileException(json, "has neither the key 'format' of a model.json (\"" + ModelJson.FORMAT
                + "\") nor the key 'module' of a case's config.json");
    }

    /** The described model with its weights. */
    static ModelFile bind(ModelDescription description, Weights weights) {
        return new ModelFile(description.file(), description.bind(weights), weights, description.vocabulary(),
                description.labels(), List.of());
    }

    private static Weights weightsOf(ModelDescription description, Progress progress) {
        Path folder = description.file().toAbsolutePath().getParent();
        if (description.weights().isPresent()) {
            return WeightFile.open(inside(description.file(), description.weights().get()), progress).weights();
        }
        Optional<Path> beside = description.mayHaveWeights()
                ? CaseDirectory.open(folder).preferredWeights()
                : Optional.empty();
        if (beside.isEmpty() && description.needsWeights()) {
            throw new ModelFileException(description.file(), "names no weight file and there is none beside it");
        }
        return beside.map(file -> WeightFile.open(file, progress).weights()).orElseGet(() -> Weights.of(Map.of()));
    }

    /** A description may come from a stranger: the weights it names must lie in its own folder. */
    private static Path inside(Path json, String name) {
        try {
            Path relative = Path.of(name);
            boolean leaves = relative.isAbsolute() || relative.getRoot() != null
                    || relative.normalize().startsWith("..") || relative.normalize().toString().isEmpty();
            for (Path part : relative) {
                leaves |= part.toString().equals("..");
            }
            if (leaves) {
                throw new ModelFileException(json, "key 'weights' is " + Quote.of(name)
                        + ", expected the name of a file in the same folder, without '..' and not absolute");
            }
            return json.resolveSibling(relative);
        } catch (InvalidPathException e) {
            throw new ModelFileException(json, "key 'weights' is " + Quote.of(name) + ", which can't be the name of a file");
        }
    }

    private static ModelFile bare(Path file, Progress progress) {
        Weights weights = WeightFile.open(file, progress).weights();
        LoneRecurrent lone = LoneRecurrent.recognise(file, weights);
        return new ModelFile(file, ModelSpec.of(lone.layer()), weights, Optional.empty(), List.of(), lone.assumptions());
    }

    private static Path onlyWeights(CaseDirectory directory) {
        return directory.preferredWeights().orElseThrow(() -> new ModelFileException(directory.path(),
                "holds no model: neither a model.json, nor a config.json, nor a weight file"));
    }

    /** The index of a weight file in parts is JSON, too, but no description. */
    private static boolean isIndex(Path file) {
        return Files.isRegularFile(file) && WeightFile.detect(file) == WeightFile.Format.SAFETENSORS_INDEX;
    }

    /** JSON begins with a brace; so may the length that a safetensors file begins with, but that has a NUL among its 8 bytes. */
    private static boolean isJson(Path file) {
        if (file.toString().endsWith(".json")) {
            return true;
        }
        Source start = Source.readFirst(file, 8);
        byte[] bytes = start.bytes().toArray(ValueLayout.JAVA_BYTE);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        return text.strip().startsWith("{") && text.indexOf(0) < 0;
    }
}
