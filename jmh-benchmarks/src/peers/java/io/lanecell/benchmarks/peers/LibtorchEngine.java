package io.lanecell.benchmarks.peers;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtModel;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import io.lanecell.benchmarks.compare.Cell;
import io.lanecell.benchmarks.compare.CompareException;
import io.lanecell.benchmarks.compare.Engine;
import io.lanecell.benchmarks.compare.EngineProvider;
import io.lanecell.benchmarks.compare.Geometry;
import io.lanecell.benchmarks.compare.Task;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * libtorch through DJL, below its translators: values are handed to the TorchScript method as they are. Steps go through
 * LSTMCell or GRUCell, since nn.LSTM packs its weights anew at every call.
 */
final class LibtorchEngine implements Engine {
    private static final String[] KINDS = {"weight_ih", "weight_hh", "bias_ih", "bias_hh"};

    private final Geometry geometry;
    private final PtModel model;
    private final PtNDManager manager;
    private final PtSymbolBlock block;
    /** h, and of an LSTM c. */
    private final int stateCount;
    private final IValue[] arguments;
    private final List<IValue> constants = new ArrayList<>();
    private IValue[] results = {};

    /** Found as a service. */
    public static final class Provider implements EngineProvider {
        /** For the service loader. */
        public Provider() {
        }

        @Override
        public String name() {
            return "libtorch";
        }

        @Override
        public int threads(int threads) {
            return threads;
        }

        @Override
        public Engine open(Task task, int threads) {
            // Read once, when DJL loads the library.
            System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
            System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
            System.setProperty("ai.djl.offline", "true"); // the library is on the class path
            try {
                return new LibtorchEngine(task);
            } catch (IOException | MalformedModelException e) {
                throw new CompareException("libtorch can't load its script: " + e.getMessage(), e);
            }
        }
    }

    private LibtorchEngine(Task task) throws IOException, MalformedModelException {
        geometry = task.geometry();
        model = (PtModel) Model.newInstance("recurrent", Device.cpu(), "PyTorch");
        try (InputStream script = LibtorchEngine.class.getResourceAsStream(script(geometry.cell()))) {
            model.load(script, false);
        }
        block = (PtSymbolBlock) model.getBlock();
        manager = (PtNDManager) model.getNDManager();
        stateCount = geometry.cell().hasMemory() ? 2 : 1;
        arguments = arguments(weights(task));
    }

    /** What make_scripts.py wrote. */
    private static String script(Cell cell) {
        return switch (cell) {
            case LSTM -> "lstm.pt";
            case GRU -> "gru.pt";
        };
    }

    /** x, the states, then for a step the tensors one by one, for sequences a list of them, the layers and whether there are two directions. */
    private IValue[] arguments(List<PtNDArray> weights) {
        List<IValue> list = new ArrayList<>();
        list.add(null);
        for (int i = 0; i < stateCount; i++) {
            list.add(geometry.carriesState() ? null
                    : constant(zeros(geometry.layers() * geometry.directions(), geometry.batch(), geometry.hiddenSize())));
        }
        if (geometry.carriesState()) {
            weights.forEach(tensor -> list.add(constant(IValue.from(tensor))));
        } else {
            list.add(constant(IValue.listFrom(weights.toArray(PtNDArray[]::new))));
            list.add(constant(IValue.from((long) geometry.layers())));
            list.add(constant(IValue.from(geometry.directions() == 2)));
        }
        return list.toArray(IValue[]::new);
    }

    private List<PtNDArray> weights(Task task) {
        List<PtNDArray> weights = new ArrayList<>();
        long gates = geometry.gateRows();
        for (int layer = 0; layer < geometry.layers(); layer++) {
            for (int direction = 0; direction < geometry.directions(); direction++) {
                for (String kind : KINDS) {
                    float[] values = task.weight(kind, layer, direction);
                    Shape shape = kind.startsWith("weight") ? new Shape(gates, values.length / gates) : new Shape(gates);
                    weights.add((PtNDArray) manager.create(values, shape));
                }
            }
        }
        return weights;
    }

    private IValue zeros(long... shape) {
        return IValue.from((PtNDArray) manager.zeros(new Shape(shape)));
    }

    private IValue constant(IValue value) {
        constants.add(value);
        return value;
    }

    @Override
    public void setInput(float[] values, int offset) {
        float[] part = new float[geometry.steps() * geometry.batch() * geometry.inputSize()];
        System.arraycopy(values, offset, part, 0, part.length);
        Shape shape = geometry.carriesState() ? new Shape(geometry.batch(), geometry.inputSize())
                : new Shape(geometry.steps(), geometry.batch(), geometry.inputSize());
        arguments[0] = constant(IValue.from((PtNDArray) manager.create(part, shape)));
    }

    @Override
    public void call() {
        IValue[] old = results;
        IValue result = geometry.carriesState() ? IValueUtils.runMethod(block, "cell", arguments) : block.forward(arguments);
        if (result.isTuple()) {
            results = result.toIValueTuple();
            result.close();
        } else { // GRUCell gives just h'
            results = new IValue[]{result};
        }
        if (geometry.carriesState()) {
            System.arraycopy(results, 0, arguments, 1, stateCount);
        }
        for (IValue value : old) {
            value.close();
        }
    }

    @Override
    public void getOutput(float[] values, int offset) {
        try (PtNDArray output = results[0].toTensor(manager)) {
            float[] floats = output.toFloatArray();
            System.arraycopy(floats, 0, values, offset, floats.length);
        }
    }

    @Override
    public void reset() {
        if (geometry.carriesState()) {
            for (int i = 0; i < stateCount; i++) {
                arguments[1 + i] = constant(zeros(geometry.batch(), geometry.hiddenSize()));
            }
        }
    }

    @Override
    public void close() {
        for (IValue value : results) {
            value.close();
        }
        constants.forEach(IValue::close);
        model.close();
    }
}
