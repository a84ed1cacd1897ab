package io.lanecell.benchmarks.peers;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import io.lanecell.benchmarks.compare.CompareException;
import io.lanecell.benchmarks.compare.Engine;
import io.lanecell.benchmarks.compare.EngineProvider;
import io.lanecell.benchmarks.compare.Geometry;
import io.lanecell.benchmarks.compare.Task;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** ONNX Runtime's Java API at its best: tensors over direct buffers, made once, inputs and outputs alike. */
final class OnnxRuntimeEngine implements Engine {
    private final Geometry geometry;
    private final OrtSession session;
    private final List<OnnxTensor> tensors = new ArrayList<>();
    private final FloatBuffer input;
    /** A call reads its state where the call before wrote it, so even and odd calls have tensors of their own. */
    private final List<Map<String, OnnxTensor>> inputs = List.of(new HashMap<>(), new HashMap<>());
    private final List<Map<String, OnnxTensor>> outputs = List.of(new HashMap<>(), new HashMap<>());
    private final List<FloatBuffer> states = new ArrayList<>();
    private final FloatBuffer[] results = new FloatBuffer[2];
    private int parity;

    /** Found as a service. */
    public static final class Provider implements EngineProvider {
        /** For the service loader. */
        public Provider() {
        }

        @Override
        public String name() {
            return "onnxruntime";
        }

        @Override
        public int threads(int threads) {
            return threads;
        }

        @Override
        public Engine open(Task task, int threads) {
            try {
                return new OnnxRuntimeEngine(task, threads);
            } catch (OrtException e) {
                throw failed(e);
            }
        }
    }

    private OnnxRuntimeEngine(Task task, int threads) throws OrtException {
        geometry = task.geometry();
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            options.setOptimizationLevel(OptLevel.ALL_OPT);
            session = environment.createSession(OnnxModel.of(task), options);
        }
        input = direct(geometry.steps() * geometry.batch() * geometry.inputSize());
        OnnxTensor x = tensor(input, geometry.steps(), geometry.batch(), geometry.inputSize());
        inputs.forEach(map -> map.put("x", x));
        if (geometry.carriesState()) {
            bindCarriedState();
        } else {
            bindZeroState();
        }
    }

    private void bindCarriedState() throws OrtException {
        for (int i = 0; i < 2; i++) {
            results[1 - i] = bindState(i, "h");
            if (geometry.cell().hasMemory()) {
                bindState(i, "c");
            }
        }
    }

    /** One tensor that calls of this parity read, and the others write. */
    private FloatBuffer bindState(int parity, String name) throws OrtException {
        FloatBuffer state = direct(geometry.batch() * geometry.hiddenSize());
        OnnxTensor tensor = tensor(state, 1, geometry.batch(), geometry.hiddenSize());
        inputs.get(parity).put(name + "0", tensor);
        outputs.get(1 - parity).put(name + "n", tensor);
        states.add(state);
        return state;
    }

    private void bindZeroState() throws OrtException {
        int size = geometry.directions() * geometry.batch() * geometry.hiddenSize();
        OnnxTensor zero = tensor(direct(size), geometry.directions(), geometry.batch(), geometry.hiddenSize());
        FloatBuffer y = direct(geometry.steps() * geometry.batch() * geometry.outputSize());
        OnnxTensor yTensor = tensor(y, OnnxModel.outputShape(geometry));
        for (int i = 0; i < 2; i++) {
            for (int layer = 0; layer < geometry.layers(); layer++) {
                inputs.get(i).put("h" + layer, zero);
                if (geometry.cell().hasMemory()) {
                    inputs.get(i).put("c" + layer, zero);
                }
            }
            outputs.get(i).put("y", yTensor);
            results[i] = y;
        }
    }

    private static FloatBuffer direct(int floats) {
        return ByteBuffer.allocateDirect(4 * floats).order(ByteOrder.nativeOrder()).asFloatBuffer();
    }

    private OnnxTensor tensor(FloatBuffer values, long... shape) throws OrtException {
        OnnxTensor tensor = OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), values, shape);
        tensors.add(tensor);
        return tensor;
    }

    private static CompareException failed(OrtException e) {
        return new CompareException("ONNX Runtime failed: " + e.getMessage(), e);
    }

    @Override
    public void setInput(float[] values, int offset) {
        input.put(0, values, offset, input.capacity());
    }

    @Override
    public void call() {
        try (OrtSession.Result _ = session.run(inputs.get(parity), outputs.get(parity))) {
            parity = 1 - parity;
        } catch (OrtException e) {
            throw failed(e);
        }
    }

    @Override
    public void getOutput(float[] values, int offset) {
        FloatBuffer result = results[1 - parity];
        result.get(0, values, offset, result.capacity());
    }

    @Override
    public void reset() {
        for (FloatBuffer state : states) {
            state.put(0, new float[state.capacity()]);
        }
    }

    @Override
    public void close() {
        tensors.forEach(OnnxTensor::close);
        try {
            session.close();
        } catch (OrtException e) {
            throw failed(e);
        }
    }
}
