package io.lanecell.loader;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.lanecell.LanecellException;
import java.util.List;

/**
 * Jazzer's way in, one method for each reader. It is no test of the build, because Jazzer would instrument the classes of every
 * other test, too: {@link FuzzShortRunTest} runs the same targets without Jazzer, {@link FuzzCampaign} with it.
 */
class ReaderFuzz {
    /** Each reader by the name of its method here. */
    static final List<String> NAMES = List.of("safetensors", "safetensorsIndex", "npy", "npz", "pytorchZip", "pytorchLegacy",
            "pytorchTar", "torchScript", "onnx", "keras", "hdf5", "json", "modelJson", "anyFile", "anyFileOnDisk");

    private static final int WARM_UPS = 20;
    /** Jazzer would stop after five minutes, however many inputs were asked for. */
    private static final String LONGEST = "100h";

    /** The one target that this JVM fuzzes. */
    private static FuzzTarget target;

    static FuzzTarget target(String name) {
        return switch (name) {
            case "safetensors" -> TensorFileFuzz.safetensors();
            case "safetensorsIndex" -> TensorFileFuzz.index();
            case "npy" -> TensorFileFuzz.npy();
            case "npz" -> TensorFileFuzz.npz();
            case "pytorchZip" -> TorchFuzz.zip();
            case "pytorchLegacy" -> TorchFuzz.legacy();
            case "pytorchTar" -> TorchFuzz.tar();
            case "torchScript" -> TorchFuzz.script();
            case "onnx" -> ForeignFuzz.onnx();
            case "keras" -> ForeignFuzz.keras();
            case "hdf5" -> ForeignFuzz.hdf5();
            case "json" -> ForeignFuzz.json();
            case "modelJson" -> ModelJsonFuzz.target();
            case "anyFile" -> AnyFileFuzz.inMemory();
            case "anyFileOnDisk" -> AnyFileFuzz.onDisk();
            default -> throw new IllegalArgumentException("no reader " + name + ", known are " + NAMES);
        };
    }

    /** Loads the classes that the reader needs, whose instrumentation by Jazzer would count as the first files' cost. */
    private static void warmUp(FuzzTarget target) {
        for (int i = 0; i < WARM_UPS; i++) {
            for (byte[] file : target.files()) {
                try {
                    FuzzOracle.readElements(target.reader().read(file));
                } catch (LanecellException e) {
                    // A bad file.
                }
            }
        }
    }

    private static void fuzz(String name, byte[] input) {
        if (target == null) {
            target = target(name);
            Repeated.underInstrumentation();
            warmUp(target);
        }
        target.run(input);
    }

    @FuzzTest(maxDuration = LONGEST)
    void safetensors(byte[] input) {
        fuzz("safetensors", input);
    }

    @FuzzTest(maxDuration = LONGEST)
    void safetensorsIndex(byte[] input) {
        fuzz("safetensorsIndex", input);
    }

    @FuzzTest(maxDuration = LONGEST)
    void npy(byte[] input) {
        fuzz("npy", input);
    }

    @FuzzTest(maxDuration = LONGEST)
    void npz(byte[] input) {
        fuzz("npz", input);
    }

    @FuzzTest(maxDuration = LONGEST)
    void pytorchZip(byte[] input) {
        fuzz("pytorchZip", input);
    }

    @FuzzTest(maxDuration = LONGEST)
    void pytorchLegacy(byte[] input) {
        fuzz("pytorchLegacy", input);
    }

    @FuzzTest(maxDuration = LONGEST)
    void pytorchTar(byte[] input) {
        fuzz("pytorchTar", input);
    }

    @FuzzTest(maxDuration = LONGEST)
    void torchScript(byte[] input) {
        fuzz("torchScript", input);
    }

    @FuzzTest(maxDuration = LONGEST)
    void onnx(byte[] input) {
        fuzz("onnx", input);
    }

    @FuzzTest(maxDuration = LONGEST)
    void keras(byte[] input) {
        fuzz("keras", input);
    }

    @FuzzTest(maxDuration = LONGEST)
    void hdf5(byte[] input) {
        fuzz("hdf5", input);
    }

    @FuzzTest(maxDuration = LONGEST)
    void json(byte[] input) {
        fuzz("json", input);
    }

    @FuzzTest(maxDuration = LONGEST)
    void modelJson(byte[] input) {
        fuzz("modelJson", input);
    }

    @FuzzTest(maxDuration = LONGEST)
    void anyFile(byte[] input) {
        fuzz("anyFile", input);
    }

    @FuzzTest(maxDuration = LONGEST)
    void anyFileOnDisk(byte[] input) {
        fuzz("anyFileOnDisk", input);
    }
}
