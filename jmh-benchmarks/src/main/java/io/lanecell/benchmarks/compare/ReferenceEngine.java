package io.lanecell.benchmarks.compare;

import io.lanecell.reference.ReferenceModel;

/** The float64 reference, timed as it is used: it makes new arrays at every call. */
final class ReferenceEngine implements Engine {
    private final Geometry geometry;
    private final ReferenceModel model;
    private final double[] in;
    private double[] out;
    private double[] h;
    private double[] c;

    /** The judge, timed too. */
    record Provider() implements EngineProvider {
        @Override
        public String name() {
            return "reference";
        }

        @Override
        public int threads(int threads) {
            return 1;
        }

        @Override
        public Engine open(Task task, int threads) {
            return new ReferenceEngine(task);
        }
    }

    private ReferenceEngine(Task task) {
        geometry = task.geometry();
        model = ReferenceModel.of(task.spec(), task.weights());
        in = new double[geometry.steps() * geometry.batch() * geometry.inputSize()];
    }

    @Override
    public void setInput(float[] input, int offset) {
        for (int i = 0; i < in.length; i++) {
            in[i] = input[offset + i];
        }
    }

    @Override
    public void call() {
        ReferenceModel.Result result = model.run(in, geometry.batch(), geometry.steps(), null, h, c);
        out = result.output();
        if (geometry.carriesState()) {
            h = result.hN();
            c = result.cN();
        }
    }

    @Override
    public void getOutput(float[] output, int offset) {
        for (int i = 0; i < out.length; i++) {
            output[offset + i] = (float) out[i];
        }
    }

    @Override
    public void reset() {
        h = null;
        c = null;
    }

    @Override
    public void close() {
        // nothing native
    }
}
