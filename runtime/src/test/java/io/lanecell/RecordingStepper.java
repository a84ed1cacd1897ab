package io.lanecell;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Computes nothing: gives each call the number of its turn, keeps what each batch was, and fails or waits where a test wants it. */
final class RecordingStepper implements BatchStepper<float[]> {
    /** The first inputs of each batch's calls. */
    private final List<List<Integer>> batches = new ArrayList<>();
    private int turns;
    private volatile Error failure;
    private final CountDownLatch entered = new CountDownLatch(1);
    private volatile CountDownLatch gate;

    /** The next batch fails so. */
    RecordingStepper failing(Error error) {
        failure = error;
        return this;
    }

    /** Batches wait until {@link #open}. */
    RecordingStepper gated() {
        gate = new CountDownLatch(1);
        return this;
    }

    void open() {
        gate.countDown();
    }

    void awaitFirstBatch() throws InterruptedException {
        entered.await();
    }

    synchronized int turns() {
        return turns;
    }

    synchronized List<List<Integer>> batches() {
        return List.copyOf(batches);
    }

    @Override
    public float[] inputOf(float[] input) {
        return input;
    }

    @Override
    public float[] inputOf(int token) {
        return new float[]{token};
    }

    @Override
    public float[] newOutput() {
        return new float[1];
    }

    @Override
    public void step(List<QueuedStep<float[]>> calls) {
        entered.countDown();
        awaitGate();
        Error error = failure;
        if (error != null) {
            failure = null;
            throw error;
        }
        record(calls);
    }

    private void awaitGate() {
        CountDownLatch closed = gate;
        if (closed != null) {
            try {
                closed.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    private synchronized void record(List<QueuedStep<float[]>> calls) {
        List<Integer> batch = new ArrayList<>();
        for (QueuedStep<float[]> call : calls) {
            batch.add((int) call.input()[0]);
            stepAlone(call);
        }
        batches.add(batch);
    }

    @Override
    public synchronized void stepAlone(QueuedStep<float[]> call) {
        call.output()[0] = ++turns;
    }
}
