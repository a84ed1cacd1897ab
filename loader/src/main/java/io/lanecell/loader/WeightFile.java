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
        /** An ONNX model: a protobuf message. */
        ONNX,
        /** Keras 3's {@code .keras}: a zip archive with the weights in HDF5. */
        KERAS,
        /** HDF5, as Keras saves it: {@code .h5}. */
        HDF5,
        /** Weights in JSON: RTNeural's, Neural Amp Modeler's, or a state dict. */
        JSON,
        /** None of these. */
        UNKNOWN;

        /** Whether its tensors have the names and layouts of a PyTorch model's state dict; others are converted. */
        public boolean isPyTorch() {
            return this == PYTORCH_ZIP || this == PYTORCH_LEGACY || this == TORCHSCRIPT || this == SAFETENSORS;
        }
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
        return open(file).weights();
    }

    /**
     * Likewise, with a report of what was converted. Weights of other frameworks come in PyTorch's layouts: ONNX' and Keras'
     * LSTM, GRU and RNN as {@code weight_ih_l0} and so on with PyTorch's order of gates, Keras' kernels transposed. What
     * PyTorch's layers can't compute is refused.
     *
     * @throws WeightFileException as {@link #load}
     */
    public static Loaded open(Path file) {
        Source source = Source.read(file);
        Weights weights = read(source);
        return new Loaded(weights, source.remarks());
    }

    private static Weights read(Source source) {
        return switch (FormatDetector.detect(source)) {
            case SAFETENSORS -> new SafetensorsReader().read(source);
            case PYTORCH_ZIP -> new PyTorchZipReader().read(source);
            case PYTORCH_LEGACY -> throw source.unsupported("is in PyTorch's format from before version 1.6, which is not read:"
                    + " save it again with torch.save(torch.load(old), new)");
            case TORCHSCRIPT -> throw source.unsupported("is a TorchScript archive, which holds code and is not read:"
                    + " save torch.jit.load(file).state_dict() with torch.save");
            case ONNX -> OptionalLibrary.read(source, OnnxReader::new, "an ONNX model", "com.google.protobuf:protobuf-javalite");
            case KERAS -> OptionalLibrary.read(source, KerasReader::new, "a Keras model", "io.jhdf:jhdf");
            case HDF5 -> OptionalLibrary.read(source, KerasH5Reader::new, "an HDF5 file", "io.jhdf:jhdf");
            case JSON -> new JsonWeightsReader().read(source);
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
        // Only the directory at a zip's end tells a state dict from code, and from Keras' weights.
        return format == Format.PYTORCH_ZIP ? FormatDetector.detect(Source.read(file)) : format;
    }
}
