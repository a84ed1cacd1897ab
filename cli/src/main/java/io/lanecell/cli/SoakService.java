package io.lanecell.cli;

import io.lanecell.SwapPolicy;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** What the threads of a soak share: the models in service, queues before them, and sessions on their way from a thread to another. */
final class SoakService implements AutoCloseable {
    private final AtomicReferenceArray<SoakModel> models = new AtomicReferenceArray<>(SoakModel.Kind.values().length);
    private final Map<SoakModel.Kind, SoakQueue> queues = new EnumMap<>(SoakModel.Kind.class);
    private final List<SoakLive> lives = new ArrayList<>();
    private final Queue<SoakSession> handedOver = new ConcurrentLinkedQueue<>();

    SoakService(SplittableRandom random) {
        for (SoakModel.Kind kind : SoakModel.Kind.values()) {
            SoakModel model = SoakModel.draw(kind, random);
            set(model);
            queues.put(kind, new SoakQueue(model));
            if (kind.startsFromState()) {
                for (SwapPolicy policy : SwapPolicy.values()) {
                    lives.add(new SoakLive(SoakModel.draw(kind, random), policy));
                }
            }
        }
    }

    /** The model of that kind that new sessions are made of. */
    SoakModel get(SoakModel.Kind kind) {
        return models.get(kind.ordinal());
    }

    /** Puts a model in the place of the one of its kind; sessions over that one finish on it. */
    void set(SoakModel model) {
        models.set(model.kind().ordinal(), model);
    }

    /** The queue of that kind. */
    SoakQueue queue(SoakModel.Kind kind) {
        return queues.get(kind);
    }

    /** Models that are swapped under their sessions, one of each kind and policy. */
    List<SoakLive> lives() {
        return lives;
    }

    /** Gives a session to whichever thread comes next, and takes one. */
    SoakSession exchange(SoakSession session) {
        handedOver.add(session);
        return handedOver.remove(); // never empty: each thread adds before it removes
    }

    @Override
    public void close() {
        queues.values().forEach(SoakQueue::close);
        lives.forEach(SoakLive::close);
    }
}
