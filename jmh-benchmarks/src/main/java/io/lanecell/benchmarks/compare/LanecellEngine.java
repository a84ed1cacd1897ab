package io.lanecell.benchmarks.compare;

import io.lanecell.KernelChoice;
import io.lanecell.Model;
import io.lanecell.Session;

/** Our own: a session over plain arrays. */
final class LanecellEngine implements Engine {
    private final Geometry geometry;
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
            return 1; // a session runs on its caller's thread
        }

        @Override
        public Engine open(Task task, int threads) {
            return new LanecellEngine(task, kernel);
        }
    }

    private LanecellEngine(Task task, KernelChoice kernel) {
        geometry = task.geometry();
        session = Model.of(task.spec(), task.weights(), kernel).newSession(geometry.batch());
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
        // nothing native
    }
}
