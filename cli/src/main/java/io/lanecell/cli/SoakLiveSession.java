package io.lanecell.cli;

import io.lanecell.InvalidInputException;
import io.lanecell.LiveSession;
import io.lanecell.Model;
import io.lanecell.SwapPolicy;
import io.lanecell.cli.SoakLive.Term;
import io.lanecell.cli.SoakWorker.Action;
import io.lanecell.reference.ReferenceModel;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * A session of a model that is swapped underneath, and its state as the reference has it. Every call must have run wholly on one model:
 * where sessions move, on one that was in service while it ran; where they finish, on that of their beginning.
 */
final class SoakLiveSession {
    private final SoakLive live;
    private final LiveSession session;
    private final Consumer<Action> count;
    /** The model of the last call, or of the session's beginning. */
    private SoakModel model;
    private int steps;
    /** The state, as the reference has it; null for zero. */
    private double[] h;
    private double[] c;

    /** @param count told of everything that is done */
    SoakLiveSession(SoakLive live, Consumer<Action> count) {
        this.live = live;
        this.count = count;
        Term before = live.latest();
        session = live.newSession();
        begin(before);
    }

    private void begin(Term before) {
        Model own = session.model();
        model = before.since().stream().filter(candidate -> candidate.model() == own).findFirst().orElseThrow(
                () -> new SoakFailure("a live session of " + live.kind() + " began on a model that was not in service"));
        steps = 0;
        h = null;
        c = null;
    }

    /** Starts anew, on the model in service. */
    void reset() {
        Term before = live.latest();
        session.reset();
        begin(before);
        count.accept(Action.LIVE_RESET);
    }

    /** Goes on from a snapshot, of which nothing may be seen; one from before a swap is refused, of which neither. */
    void restore() {
        Term before = live.latest();
        try {
            session.restore(session.snapshot());
            count.accept(Action.LIVE_RESTORED);
        } catch (InvalidInputException e) {
            if (live.policy() == SwapPolicy.FINISH || before.since().size() == 1) {
                throw e;
            }
        }
    }

    /**
     * Some steps in one call, or one in the queue.
     *
     * @return the worst output's distance from what the reference computes
     * @throws SoakFailure if it is more than {@link SoakSession#TOLERANCE}
     */
    double step(int many, SplittableRandom random) {
        if (steps + many > SoakSession.LIFETIME) {
            reset();
        }
        boolean queued = live.queue() != null && random.nextBoolean();
        int now = queued ? 1 : many;
        float[] in = new float[now * model.model().inputSize()];
        SoakSession.draw(in, 0, in.length, random);
        Term before = live.latest();
        float[] out = queued ? queued(in) : run(in, now);
        List<SoakModel> candidates = live.policy() == SwapPolicy.MOVE ? before.since() : List.of(model);
        if (live.policy() == SwapPolicy.FINISH && before.since().getFirst() != model) {
            count.accept(Action.LIVE_FINISHING);
        }
        steps += now;
        return settle(in, out, now, candidates);
    }

    private float[] queued(float[] in) {
        try {
            float[] out = SoakQueue.await(live.queue().submit(session, in));
            count.accept(Action.LIVE_QUEUED);
            return out;
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        }
    }

    private float[] run(float[] in, int now) {
        float[] out = new float[now * model.model().outputSize()];
        if (now == 1) {
            session.step(in, 0, out, 0);
        } else {
            session.run(in, 0, now, null, out, 0);
        }
        count.accept(Action.LIVE_STEPPED);
        return out;
    }

    /** Finds the one of these models that the call ran on, and takes over its state. */
    private double settle(float[] in, float[] out, int now, List<SoakModel> candidates) {
        double least = Double.POSITIVE_INFINITY;
        for (SoakModel candidate : candidates) {
            ReferenceModel.Result result = candidate.reference().run(SoakSession.widen(in, in.length), 1, now, null, h, c);
            double error = SoakSession.error(out, result.output());
            if (error <= SoakSession.TOLERANCE) {
                if (candidate != model) {
                    count.accept(Action.LIVE_MOVED);
                }
                model = candidate;
                h = result.hN();
                c = result.cN();
                return error;
            }
            least = Math.min(least, error);
        }
        throw new SoakFailure(String.format(Locale.ROOT,
                "a live session of %s, policy %s, is %.1e off the reference of each of %d models after %d steps, %.0e is allowed",
                live.kind(), live.policy(), least, candidates.size(), steps, SoakSession.TOLERANCE));
    }
}
