package io.lanecell.loader;

import io.lanecell.Weights;
import java.nio.file.Path;

/** Opens weight files. The format is found by content, never by the file's name. */
public final class WeightFile {
    /** How weights are stored in a file. */
    public enum Format {
        /** {@code torch.save} since PyTorch 1.6: a zip archive around a pickle. */
        PYTORCH_ZIP,
        /** {@code torch.save} before PyTorch 1.6: pickles and storages one after another. Not read yet. */
        PYTORCH_LEGACY,
        /** {@code torch.jit.save}: a zip archive with code. Not read. */
        TORCHSCRIPT,
        /** The safetensors format. */
        SAFETENSORS,
        /** None of these. */
        UNKNOWN
    }

    private WeightFile() {
    }

    /**
     * Reads all tensors of a weight file into memory.
     *
     * <p>The tensors of a PyTorch file are named by their path: {@code lstm.weight_ih_l0} for a state dict,
     * {@code model_state_dict.lstm.weight_ih_l0} where a training checkpoint has the state dict under a key; of such a
     * checkpoint only {@code model_state_dict} or {@code state_dict} is taken, and an optimizer's state never. The items of a
     * list are named by their index, a lone tensor by the empty name.
     *
     * @throws WeightFileException a subclass for each kind of failure; {@link WeightFileException.Unsupported} where the file
     *                             may be sound but is in a format that Lanecell doesn't read
     */
    public static Weights load(Path file) {
        Source source = Source.read(file);
        return switch (FormatDetector.detect(source)) {
            case SAFETENSORS -> new SafetensorsReader().read(source);
            case PYTORCH_ZIP -> new PyTorchZipReader().read(source);
            case PYTORCH_LEGACY -> throw source.unsupported("is in PyTorch's format from before version 1.6, which is not read:"
                    + " save it again with torch.save(torch.load(old), new)");
            case TORCHSCRIPT -> throw source.unsupported("is a TorchScript archive, which holds code and is not read:"
                    + " save torch.jit.load(file).state_dict() with torch.save");
            case UNKNOWN -> throw FormatDetector.unknown(source);
        };
    }

    /**
     * The format of a file, by its content. {@link Format#UNKNOWN} is an answer, not an error.
     *
     * @throws WeightFileException.Unreadable if there is no such file or it can't be opened
     */
    public static Format detect(Path file) {
        Format format = FormatDetector.detect(Source.readFirst(file, FormatDetector.ENOUGH));
        // Only the directory at a zip's end tells a state dict from code.
        return format == Format.PYTORCH_ZIP ? FormatDetector.detect(Source.read(file)) : format;
    }
}
