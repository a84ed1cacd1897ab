package io.lanecell.cli;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** One thread of a soak: does with sessions whatever may be done with them, in random order. */
final class SoakWorker {
    /** Sessions that a thread keeps alive. */
    private static final int LIVING = 200;
    /** One session in so many is replayed by the reference, which takes a hundred times as long. */
    private static final int CHECKED = 8;
    private static final int LONGEST = 8;
    /** One action in so many swaps a model for one with other weights. */
    private static final int SWAP = 200;
    /** Of which a fifth is for single steps. */
    private static final int ACTIONS = 20;
    /** Sessions that a thread has of each model that is swapped underneath. */
    private static final int FOLLOWING = 4;

    /** What is done, for the report. */
    enum Action {
        CREATED, STEPPED, STEPPED_TOGETHER, RUN, RESET, RESTORED, COPIED, MOVED, HANDED_OVER, DROPPED, SWAPPED, CHECKED,
        /** Steps that a queue took in; every one of them is completed, withdrawn by its caller, or rejected when the queue is closed. */
        SUBMITTED, COMPLETED, WITHDRAWN, REJECTED,
        /** Steps that a queue did not take in, full or closed as it was. */
        REFUSED, REOPENED,
        /** Calls of sessions that follow a model, all held against the reference; moved: on another model than the call before. */
        LIVE_CREATED, LIVE_STEPPED, LIVE_QUEUED, LIVE_MOVED,
        /** Calls on the model of the session's beginning after a swap. */
        LIVE_FINISHING, LIVE_RESET, LIVE_RESTORED, LIVE_SWAPPED
    }

    private final SplittableRandom random;
    private final SoakService service;
    private final List<SoakSession> sessions = new ArrayList<>();
    private final List<SoakLiveSession> following = new ArrayList<>();
    /** The last that was needed of each kind. */
    private final Map<SoakModel.Kind, SoakBatch> batches = new EnumMap<>(SoakModel.Kind.class);
    private final Map<Action, Long> counts = new EnumMap<>(Action.class);
    private double worstError;

    SoakWorker(SplittableRandom random, SoakService service) {
        this.random = random;
        this.service = service;
        while (sessions.size() < LIVING) { // from the start, so that more of them is no growth
            create();
        }
        for (int i = 0; i < FOLLOWING * service.lives().size(); i++) {
            following.add(follow(i));
        }
    }

    /** How often each was done. */
    Map<Action, Long> counts() {
        return counts;
    }

    /** The largest distance from the reference. */
    double worstError() {
        return worstError;
    }

    /**
     * Does one thing.
     *
     * @throws SoakFailure if a result is wrong
     */
    void act() {
        while (sessions.size() < LIVING) {
            create();
        }
        if (random.nextInt(SWAP) == 0) {
            swap();
        }
        int index = random.nextInt(sessions.size());
        SoakSession session = sessions.get(index);
        int count = 1 + random.nextInt(LONGEST);
        if (session.stepsLeft() < count) {
            drop(index);
            return;
        }
        switch (random.nextInt(ACTIONS)) {
            case 0 -> {
                session.reset();
                count(Action.RESET);
            }
            case 1 -> handOver(index);
            case 2 -> drop(index);
            case 3, 4, 5 -> stepTogether(session.model());
            case 6, 7, 8 -> {
                session.run(count, random);
                count(Action.RUN);
            }
            case 9 -> {
                session.restore();
                count(Action.RESTORED);
            }
            case 10 -> copy(session);
            case 11 -> move(index);
            case 12, 13 -> service.queue(session.model().kind()).step(session.model(), sessions, random, this::count);
            case 14, 15 -> live(random.nextInt(following.size()), count);
            default -> {
                session.step(count, random);
                count(Action.STEPPED);
            }
        }
    }

    private void stepTogether(SoakModel model) {
        SoakBatch batch = batches.get(model.kind());
        if (batch == null || !batch.isOf(model)) {
            batch = new SoakBatch(model);
            batches.put(model.kind(), batch);
        }
        batch.step(sessions, random);
        count(Action.STEPPED_TOGETHER);
    }

    private void count(Action action) {
        counts.merge(action, 1L, Long::sum);
    }

    private void create() {
        sessions.add(new SoakSession(service.get(SoakModel.Kind.any(random))));
        count(Action.CREATED);
    }

    private SoakLiveSession follow(int index) {
        count(Action.LIVE_CREATED);
        return new SoakLiveSession(service.lives().get(index % service.lives().size()), this::count);
    }

    private void live(int index, int steps) {
        SoakLiveSession session = following.get(index);
        switch (random.nextInt(ACTIONS)) {
            case 0 -> following.set(index, follow(index));
            case 1 -> session.reset();
            case 2 -> session.restore();
            default -> worstError = Math.max(worstError, session.step(steps, random));
        }
    }

    /** Sessions over the old model finish on it, but for those that follow it. */
    private void swap() {
        service.set(SoakModel.draw(SoakModel.Kind.any(random), random));
        count(Action.SWAPPED);
        SoakLive live = service.lives().get(random.nextInt(service.lives().size()));
        live.swap(SoakModel.draw(live.kind(), random));
        count(Action.LIVE_SWAPPED);
    }

    /** The copy lives on in the place of any session. */
    private void copy(SoakSession session) {
        sessions.add(session.copy());
        count(Action.COPIED);
        drop(random.nextInt(sessions.size()));
    }

    /** To the model that is in service now, where the reference can do the same. */
    private void move(int index) {
        SoakModel.Kind kind = sessions.get(index).model().kind();
        SoakModel now = service.get(kind);
        if (sessions.get(index).model() != now && kind.startsFromState()) {
            sessions.set(index, sessions.get(index).moveTo(now));
            count(Action.MOVED);
        }
    }

    private void handOver(int index) {
        sessions.add(service.exchange(remove(index)));
        count(Action.HANDED_OVER);
    }

    private void drop(int index) {
        SoakSession session = remove(index);
        if (random.nextInt(CHECKED) == 0) {
            worstError = Math.max(worstError, session.check());
            count(Action.CHECKED);
        }
        count(Action.DROPPED);
    }

    private SoakSession remove(int index) {
        SoakSession last = sessions.removeLast();
        return index == sessions.size() ? last : sessions.set(index, last);
    }
}
