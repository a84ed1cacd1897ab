package io.lanecell.cli;

import io.lanecell.InvalidModelException;
import io.lanecell.loader.CaseDirectory;
import io.lanecell.loader.JsonFile;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;

/** What a model's description says beyond the model itself: how its outputs are padded. */
final class ModelSource {
    private ModelSource() {
    }

    /**
     * The padding of a model's outputs.
     *
     * @param model a case directory, a model.json, a config.json or a weight file
     */
    static Padding padding(Path model) {
        if (model.toFile().isDirectory()) {
            CaseDirectory directory = CaseDirectory.open(model);
            return padding(directory.modelJson().or(directory::configJson));
        }
        return padding(Optional.of(model).filter(file -> file.toString().endsWith(".json")));
    }

    /** The padding that a description says: a torch.nn class is called with packed sequences, a chain of layers is not. */
    static Padding padding(Optional<Path> description) {
        if (description.isEmpty()) {
            return Padding.TO_LONGEST;
        }
        JsonNode json = JsonFile.read(description.get());
        if (!json.has("module")) {
            return Padding.AS_INPUT;
        }
        JsonNode total = json.path("total_length");
        JsonNode value = json.path("padding_value");
        if (!isAbsent(total) && !total.isInt()) {
            throw new InvalidModelException(
                    description.get() + ": key 'total_length' is " + total + ", expected a whole number or null");
        }
        if (!isAbsent(value) && !value.isNumber()) {
            throw new InvalidModelException(
                    description.get() + ": key 'padding_value' is " + value + ", expected a number or null");
        }
        return new Padding(false, isAbsent(total) ? OptionalInt.empty() : OptionalInt.of(total.asInt()),
                isAbsent(value) ? 0 : value.asDouble());
    }

    private static boolean isAbsent(JsonNode node) {
        return node.isMissingNode() || node.isNull();
    }
}
