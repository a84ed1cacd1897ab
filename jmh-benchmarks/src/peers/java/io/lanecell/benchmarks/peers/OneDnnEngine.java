package io.lanecell.benchmarks.peers;

import io.lanecell.benchmarks.compare.Engine;
import io.lanecell.benchmarks.compare.EngineProvider;
import io.lanecell.benchmarks.compare.Geometry;
import io.lanecell.benchmarks.compare.Task;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.FloatPointer;

/** oneDNN's own LSTM or GRU primitive, one for each layer, called through its C interface. */
final class OneDnnEngine implements Engine {
    private final engine engine;
    private final stream stream;
    private final List<OneDnnLayer> layers = new ArrayList<>();
    /** The input, and what each layer gives. */
    private final List<FloatPointer> activations = new ArrayList<>();

    /** Found as a service. */
    public static final class Provider implements EngineProvider {
        /** For the service loader. */
        public Provider() {
        }

        @Override
        public String name() {
            return "onednn";
        }

        @Override
        public int threads(int threads) {
            return threads;
        }

        @Override
        public Engine open(Task task, int threads) {
            return new OneDnnEngine(task, threads);
        }
    }

    private OneDnnEngine(Task task, int threads) {
        engine = new engine(org.bytedeco.dnnl.engine.kind.cpu, 0);
        OpenMp.setThreads(threads); // before the primitives are made, which are made for that number
        stream = new stream(engine);
        Geometry g = task.geometry();
        activations.add(new FloatPointer((long) g.steps() * g.batch() * g.inputSize()));
        for (int layer = 0; layer < g.layers(); layer++) {
            activations.add(new FloatPointer((long) g.steps() * g.batch() * g.outputSize()));
            layers.add(new OneDnnLayer(engine, stream, task, layer, activations.get(layer), activations.get(layer + 1)));
        }
    }

    @Override
    public void setInput(float[] values, int offset) {
        FloatPointer input = activations.getFirst();
        input.put(values, offset, (int) input.limit());
    }

    @Override
    public void call() {
        for (int i = 0; i < layers.size(); i++) {
            layers.get(i).execute();
        }
        stream._wait();
    }

    @Override
    public void getOutput(float[] values, int offset) {
        FloatPointer output = activations.getLast();
        output.get(values, offset, (int) output.limit());
    }

    @Override
    public void reset() {
        layers.forEach(OneDnnLayer::reset);
    }

    @Override
    public void close() {
        layers.forEach(OneDnnLayer::close);
        activations.forEach(FloatPointer::close);
        stream.close();
        engine.close();
    }
}
