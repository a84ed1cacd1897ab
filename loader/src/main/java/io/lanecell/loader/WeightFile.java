package io.lanecell.loader;

import io.lanecell.Weights;
import java.nio.file.Path;
import java.util.List;

/** Opens weight files. The format is found by content, never by the file's name. */
public final class WeightFile {
    /** How weights are stored in a file. */
    public enum Format {
        /** {@code torch.save} since PyTorch 1.6: a zip archive around a pickle. */
        PYTORCH_ZIP,
        /** {@code torch.save} before PyTorch 1.6: pickles and storages one after another. */
        PYTORCH_LEGACY,
        /** {@code torch.save} before PyTorch 0.2: a tar archive. */
        PYTORCH_TAR,
        /** {@code torch.jit.save}: a zip archive with code, of which only the tensors are read. */
        TORCHSCRIPT,
        /** The safetensors format. */
        SAFETENSORS,
        /** The index of safetensors in several files. */
        SAFETENSORS_INDEX,
        /** One NumPy array, {@code .npy}. */
        NUMPY,
        /** Several NumPy arrays, {@code .npz}. */
        NUMPY_ZIP,
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
            return switch (this) {
                case ONNX, KERAS, HDF5, JSON, UNKNOWN -> false;
                default -> true;
            };
        }
    }

    /**
     * A weight file's content.
     *
     * @param format  how it was stored
     * @param weights its tensors
     * @param remarks a sentence for everything that was chosen, left out or transposed
     */
    public record Content(Format format, Weights weights, List<String> remarks) {
    }

    private WeightFile() {
    }

    /**
     * The tensors of a weight file. Those of a file of more than 32 MB stay in the file and are read when their elements are
     * asked for, so it must not be changed in place while they are in use (replacing it does no harm); a
     * {@link WeightFileException} comes out then if it has become shorter.
     *
     * <p>The tensors of a PyTorch file are named by their path: {@code lstm.weight_ih_l0} for a state dict,
     * {@code model_state_dict.lstm.weight_ih_l0} where a training checkpoint has the state dict under a key; of such a
     * checkpoint only the first of {@code model_state_dict}, {@code state_dict}, {@code model_state}, {@code model} and
     * {@code net} is taken, and an optimizer's state never. The items of a list are named by their index, a lone tensor by the
     * empty name. A prefix that is in the way is taken off by {@link Weights#withoutPrefix}.
     *
     * @throws WeightFileException a subclass for each kind of failure; {@link WeightFileException.Unsupported} where the file
     *                             may be sound but is in a format that Lanecell doesn't read
     */
    public static Weights load(Path file) {
        return open(file, Progress.NONE).weights();
    }

    /**
     * Like {@link #load}, with what there is to say about it, and telling how far a large file has come. Weights of other
     * frameworks come in PyTorch's layouts: ONNX' and Keras' LSTM, GRU and RNN as {@code weight_ih_l0} and so on with PyTorch's
     * order of gates, Keras' kernels transposed. What PyTorch's layers can't compute is refused.
     */
    public static Content open(Path file, Progress progress) {
        return read(Source.read(file, progress));
    }

    /** The content of a source, which is closed again where it can't be read. */
    static Content read(Source source) {
        boolean opened = false;
        try {
            Format format = FormatDetector.detect(source);
            Weights weights = reader(format, source).read(source);
            opened = true;
            return new Content(format, weights, source.remarks());
        } finally {
            if (!opened) {
                source.close();
            }
        }
    }

    private static WeightReader reader(Format format, Source source) {
        return switch (format) {
            case SAFETENSORS -> new SafetensorsReader();
            case SAFETENSORS_INDEX -> new SafetensorsIndexReader();
            case PYTORCH_ZIP, TORCHSCRIPT -> new PyTorchZipReader();
            case PYTORCH_LEGACY -> new PyTorchLegacyReader();
            case NUMPY, NUMPY_ZIP -> new NumpyReader();
            case PYTORCH_TAR -> new PyTorchTarReader();
            case ONNX -> new OptionalReader("an ONNX model", "com.google.protobuf:protobuf-javalite", OnnxReader::new);
            case KERAS -> new OptionalReader("a Keras model", "io.jhdf:jhdf", KerasReader::new);
            case HDF5 -> new OptionalReader("an HDF5 file", "io.jhdf:jhdf", KerasH5Reader::new);
            case JSON -> new JsonWeightsReader();
            case UNKNOWN -> throw FormatDetector.unknown(source);
        };
    }

    /**
     * The format of a file, by its content. {@link Format#UNKNOWN} is an answer, not an error.
     *
     * @throws WeightFileException.Unreadable if there is no such file or it can't be opened
     */
    public static Format detect(Path file) {
        Source source = Source.open(file, FormatDetector.ENOUGH, Progress.NONE);
        try {
            return FormatDetector.detect(source);
        } finally {
            source.close();
        }
    }
}
