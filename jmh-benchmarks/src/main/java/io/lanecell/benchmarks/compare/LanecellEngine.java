package io.lanecell.benchmarks.compare;

import io.lanecell.KernelChoice;
import io.lanecell.Model;
import io.lanecell.Session;
import io.lanecell.Workers;

/** Our own: a session over plain arrays. */
final class LanecellEngine implements Engine {
    private final Geometry geometry;
    private final Workers workers; // null on one thread
    private final Session session;
    private final float[] in;
    private final float[] out;

    /**
     * One of our two kernels.
     *
     * @param name   the engine's name
     * @param kernel the kernel it runs on
     */
    record Provider(String name, KernelChoice kernel) implements EngineProvider {
        @Override
        public int threads(int threads) {
            return threads;
        }

        @Override
        public Engine open(Task task, int threads) {
            return new LanecellEngine(task, kernel, threads);
        }
    }

    private LanecellEngine(Task task, KernelChoice kernel, int threads) {
        geometry = task.geometry();
        Model model = Model.of(task.spec(), task.weights(), kernel);
        workers = threads == 1 ? null : Workers.of(threads);
        session = workers == null ? model.newSession(geometry.batch()) : model.newSession(geometry.batch(), workers);
        in = new float[geometry.steps() * geometry.batch() * geometry.inputSize()];
        out = new float[geometry.steps() * geometry.batch() * geometry.outputSize()];
    }

    @Override
    public void setInput(float[] input, int offset) {
        System.arraycopy(input, offset, in, 0, in.length);
    }

    @Override
    public void call() {
        if (geometry.carriesState()) {
            session.step(in, 0, out, 0);
        } else {
            session.reset();
            session.run(in, 0, geometry.steps(), out, 0);
        }
    }

    @Override
    public void getOutput(float[] output, int offset) {
        System.arraycopy(out, 0, output, offset, out.length);
    }

    @Override
    public void reset() {
        session.reset();
    }

    @Override
    public void close() {
        if (workers != null) {
            workers.close();
        }
    }
}
