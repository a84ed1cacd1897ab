package io.lanecell.cli;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** One thread of a soak: does with sessions whatever may be done with them, in random order. */
final class SoakWorker {
    /** Sessions that a thread keeps alive. */
    private static final int LIVING = 200;
    /** One session in so many is replayed by the reference, which takes a hundred times as long. */
    private static final int CHECKED = 8;
    private static final int LONGEST = 8;
    /** One action in so many swaps a model for one with other weights. */
    private static final int SWAP = 200;

    /** What is done, for the report. */
    enum Action {
        CREATED, STEPPED, STEPPED_TOGETHER, RUN, RESET, HANDED_OVER, DROPPED, SWAPPED, CHECKED
    }

    private final SplittableRandom random;
    private final AtomicReferenceArray<SoakModel> models;
    private final Queue<SoakSession> handedOver;
    private final List<SoakSession> sessions = new ArrayList<>();
    /** The last that was needed of each kind. */
    private final Map<SoakModel.Kind, SoakBatch> batches = new EnumMap<>(SoakModel.Kind.class);
    private final Map<Action, Long> counts = new EnumMap<>(Action.class);
    private double worstError;

    /**
     * @param models     in service, one of each kind, swapped by any thread
     * @param handedOver sessions on their way from a thread to another
     */
    SoakWorker(SplittableRandom random, AtomicReferenceArray<SoakModel> models, Queue<SoakSession> handedOver) {
        this.random = random;
        this.models = models;
        this.handedOver = handedOver;
        while (sessions.size() < LIVING) { // from the start, so that more of them is no growth
            create();
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
        switch (random.nextInt(20)) {
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
        sessions.add(new SoakSession(models.get(SoakModel.Kind.any(random).ordinal())));
        count(Action.CREATED);
    }

    /** Sessions over the old model finish on it. */
    private void swap() {
        SoakModel.Kind kind = SoakModel.Kind.any(random);
        models.set(kind.ordinal(), SoakModel.draw(kind, random));
        count(Action.SWAPPED);
    }

    /** Gives a session to whichever thread comes next, and takes one. */
    private void handOver(int index) {
        handedOver.add(remove(index));
        sessions.add(handedOver.remove()); // never empty: each thread adds before it removes
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
