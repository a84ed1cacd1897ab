package io.lanecell.cli;

import io.lanecell.Model;
import io.lanecell.QueueClosedException;
import io.lanecell.QueueFullException;
import io.lanecell.QueueOptions;
import io.lanecell.StepQueue;
import io.lanecell.cli.SoakWorker.Action;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Steps sessions of one kind through a queue that all threads share, withdraws some calls, and closes and opens it again with calls of any
 * thread waiting. Every call must be completed, withdrawn or rejected; only a completed one may have stepped its session, and only once,
 * else the session's next outputs are off the reference.
 */
final class SoakQueue implements AutoCloseable {
    /** Less room than a thread submits at once, so that it is full at times. */
    static final QueueOptions OPTIONS = new QueueOptions(6, 12, 0);
    private static final int SESSIONS = 8;
    /** Steps of one session that may wait at once. */
    private static final int STEPS = 3;
    /** One call in so many is withdrawn. */
    private static final int WITHDRAWN = 8;
    /** One time in so many the queue is closed while calls wait. */
    private static final int CLOSED = 8;
    private static final long PATIENCE_SECONDS = 120;

    private volatile StepQueue<float[]> queue;

    /** A step that was taken in, and the future of what comes out. */
    private record Call(SoakSession session, float[] in, CompletableFuture<float[]> out) {
    }

    SoakQueue(SoakModel model) {
        queue = StepQueue.of(model.model(), OPTIONS);
    }

    /**
     * Some steps of some of these sessions: those of the queue's model. Where there are none, or by chance, the queue is opened anew.
     *
     * @param next  for whose model it is then
     * @param count told of everything that is done
     * @throws SoakFailure if a call fails or never ends
     */
    void step(SoakModel next, List<SoakSession> candidates, SplittableRandom random, Consumer<Action> count) {
        StepQueue<float[]> open = queue;
        List<SoakSession> some = of(open.model(), candidates, random);
        if (some.isEmpty()) {
            open = reopen(next.model(), random.nextBoolean(), count);
            some = of(next.model(), candidates, random);
        }
        List<Call> calls = new ArrayList<>();
        for (int i = 0; i < STEPS * some.size(); i++) {
            submit(open, some.get(i % some.size()), random, count, calls);
        }
        for (Call call : calls) {
            if (random.nextInt(WITHDRAWN) == 0) {
                call.out.cancel(false);
            }
        }
        if (random.nextInt(CLOSED) == 0) {
            reopen(next.model(), random.nextBoolean(), count);
        }
        calls.forEach(call -> end(call, count));
    }

    private static List<SoakSession> of(Model model, List<SoakSession> candidates, SplittableRandom random) {
        List<SoakSession> some = new ArrayList<>();
        for (int i = random.nextInt(candidates.size()); i < candidates.size() && some.size() < SESSIONS; i++) {
            if (candidates.get(i).model().model() == model && candidates.get(i).stepsLeft() >= STEPS) {
                some.add(candidates.get(i));
            }
        }
        return some;
    }

    private static void submit(StepQueue<float[]> open, SoakSession session, SplittableRandom random, Consumer<Action> count,
            List<Call> calls) {
        float[] in = new float[open.model().inputSize()];
        SoakSession.draw(in, 0, in.length, random);
        try {
            calls.add(new Call(session, in,
                    random.nextBoolean() ? open.submit(session.session(), in) : open.trySubmit(session.session(), in)));
            count.accept(Action.SUBMITTED);
        } catch (QueueFullException | QueueClosedException e) { // by another thread; the session must be as it was
            count.accept(Action.REFUSED);
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        }
    }

    private static void end(Call call, Consumer<Action> count) {
        try {
            call.session.add(call.in, await(call.out));
            count.accept(Action.COMPLETED);
        } catch (CancellationException e) {
            count.accept(Action.WITHDRAWN);
        } catch (QueueClosedException e) {
            count.accept(Action.REJECTED);
        }
    }

    /**
     * The output of a queued step.
     *
     * @throws CancellationException if it was withdrawn
     * @throws QueueClosedException  if the queue was closed before its turn
     * @throws SoakFailure           if it failed, or hasn't ended for longer than any queue is
     */
    static float[] await(CompletableFuture<float[]> out) {
        try {
            return out.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof QueueClosedException closed) {
                throw closed;
            }
            throw new SoakFailure("a queued step failed: " + e.getCause());
        } catch (TimeoutException e) {
            throw new SoakFailure("a queued step hasn't ended for " + PATIENCE_SECONDS + " s");
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        }
    }

    /** @param now rejects what waits, else it is finished */
    private synchronized StepQueue<float[]> reopen(Model model, boolean now, Consumer<Action> count) {
        if (now) {
            queue.closeNow();
        } else {
            queue.close();
        }
        queue = StepQueue.of(model, OPTIONS);
        count.accept(Action.REOPENED);
        return queue;
    }

    @Override
    public void close() {
        queue.close();
    }
}
