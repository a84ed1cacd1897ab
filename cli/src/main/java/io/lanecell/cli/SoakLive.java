package io.lanecell.cli;

import io.lanecell.LiveModel;
import io.lanecell.LiveSession;
import io.lanecell.StepQueue;
import io.lanecell.SwapPolicy;
import java.util.ArrayList;
import java.util.List;

/** A model that is swapped under its sessions by any thread, with a memory of what was in service while a call ran. */
final class SoakLive implements AutoCloseable {
    private final LiveModel live;
    /** Null where sessions don't move. */
    private final StepQueue<float[]> queue;
    private volatile Term latest;

    /** A model's time in service; knows the next, not the last, so that old models are garbage. */
    static final class Term {
        private final SoakModel model;
        private volatile Term next;

        private Term(SoakModel model) {
            this.model = model;
        }

        /** The models that may have been in service since: this one and all that came later. */
        List<SoakModel> since() {
            List<SoakModel> models = new ArrayList<>();
            for (Term term = this; term != null; term = term.next) {
                models.add(term.model);
            }
            return models;
        }
    }

    SoakLive(SoakModel first, SwapPolicy policy) {
        live = LiveModel.of(first.model(), policy);
        latest = new Term(first);
        queue = policy == SwapPolicy.MOVE ? StepQueue.of(live, SoakQueue.OPTIONS) : null;
    }

    /** What the models in service have in common. */
    SoakModel.Kind kind() {
        return latest.model.kind();
    }

    /** What becomes of sessions at a swap. */
    SwapPolicy policy() {
        return live.policy();
    }

    /** The model that calls beginning now run on, or one that a swap under way replaces. */
    Term latest() {
        return latest;
    }

    /** Puts a model of the same kind into service. */
    synchronized void swap(SoakModel next) {
        Term term = new Term(next);
        latest.next = term; // before the first call can run on it
        live.swap(next.model());
        latest = term; // after the last call can have begun on the old one
    }

    /** A session that follows. */
    LiveSession newSession() {
        return live.newSession();
    }

    /** Steps that go together with other threads'; null where sessions don't move. */
    StepQueue<float[]> queue() {
        return queue;
    }

    @Override
    public void close() {
        if (queue != null) {
            queue.close();
        }
    }
}
