package io.lanecell.loader;

import io.lanecell.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * A folder with a model and what PyTorch computes with it: weight files, {@code config.json} or {@code model.json} that says
 * what they mean, and {@code io.safetensors} with inputs and expected outputs.
 */
public final class CaseDirectory {
    private static final String CONFIG = "config.json";
    private static final String MODEL = "model.json";
    private static final String IO = "io.safetensors";
    private static final List<String> WEIGHT_ENDINGS = List.of(".pt", ".pth", ".bin", ".ckpt", ".safetensors", ".npz", ".onnx");

    private final Path path;
    private final List<Path> files;

    private CaseDirectory(Path path, List<Path> files) {
        this.path = path;
        this.files = files;
    }

    /**
     * Lists a folder.
     *
     * @throws ModelFileException if it is no folder or can't be listed
     */
    public static CaseDirectory open(Path dir) {
        if (!Files.isDirectory(dir)) {
            throw new ModelFileException(dir,
                    Files.exists(dir)
                            ? "is a file where a folder is expected, name the one it lies in"
                            : Source.absent(dir, "folder"));
        }
        try (Stream<Path> files = Files.list(dir)) {
            return new CaseDirectory(dir, files.filter(Files::isRegularFile).sorted().toList());
        } catch (IOException e) {
            throw new ModelFileException(dir, "can't be listed: " + Source.reason(e));
        }
    }

    /** The folder. */
    public Path path() {
        return path;
    }

    /** The folder's own name. */
    public String name() {
        Path name = path.toAbsolutePath().normalize().getFileName();
        return name == null ? path.toString() : name.toString();
    }

    /** What {@code config.json} says, if there is one. */
    public Optional<JsonNode> config() {
        return file(CONFIG).map(JsonFile::read);
    }

    /** Whether there is a {@code model.json}. */
    public boolean hasModelJson() {
        return modelJson().isPresent();
    }

    /** The path of {@code model.json}, if there is one. */
    public Optional<Path> modelJson() {
        return file(MODEL);
    }

    /** The path of {@code config.json}, if there is one. */
    public Optional<Path> configJson() {
        return file(CONFIG);
    }

    /** Every file but {@code io.safetensors} that is a weight file by its content or its name, in order of names. */
    public Map<Path, WeightFile.Format> weightFiles() {
        Map<Path, WeightFile.Format> found = new LinkedHashMap<>();
        for (Path file : files) {
            String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
            if (name.equals(IO) || name.endsWith(".json") || name.startsWith(".")) {
                continue;
            }
            WeightFile.Format format = formatOf(file);
            if (format != WeightFile.Format.UNKNOWN || WEIGHT_ENDINGS.stream().anyMatch(name::endsWith)) {
                found.put(file, format);
            }
        }
        return found;
    }

    private static WeightFile.Format formatOf(Path file) {
        try {
            return WeightFile.detect(file);
        } catch (WeightFileException e) {
            return WeightFile.Format.UNKNOWN; // loading it says what is wrong
        }
    }

    /**
     * The tensors of {@code io.safetensors}.
     *
     * @throws WeightFileException if there is no such file or it can't be read
     */
    public Weights io() {
        return WeightFile.load(path.resolve(IO));
    }

    /** The weight file to use where none is named: the usual names first, then any that can be read, then any at all. */
    Optional<Path> preferredWeights() {
        for (String usual : List.of("weights.safetensors", "state_dict.pt")) {
            if (file(usual).isPresent()) {
                return file(usual);
            }
        }
        Map<Path, WeightFile.Format> found = weightFiles();
        return found.entrySet().stream()
                .filter(entry -> entry.getValue() != WeightFile.Format.UNKNOWN)
                .map(Map.Entry::getKey).findFirst().or(() -> found.keySet().stream().findFirst());
    }

    private Optional<Path> file(String name) {
        return files.stream().filter(file -> file.getFileName().toString().equals(name)).findFirst();
    }
}
