package io.lanecell.benchmarks.compare;

/** Another engine, for tests to change what one call does. */
class ForwardingEngine implements Engine {
    private final Engine engine;

    ForwardingEngine(Engine engine) {
        this.engine = engine;
    }

    @Override
    public void setInput(float[] input, int offset) {
        engine.setInput(input, offset);
    }

    @Override
    public void call() {
        engine.call();
    }

    @Override
    public void getOutput(float[] output, int offset) {
        engine.getOutput(output, offset);
    }

    @Override
    public void reset() {
        engine.reset();
    }

    @Override
    public void close() {
        engine.close();
    }
}
