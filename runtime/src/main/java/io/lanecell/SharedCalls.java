package io.lanecell;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The {@link SessionCalls} that sessions of one sequence share, so that a session is hardly more than its state. There are as many
 * as calls went on at once so far. After a call they stay with the session that was called, which finds them there at its next call, and
 * from which another that has none takes them if they aren't in use.
 */
final class SharedCalls {
    /** How many are kept. Where more calls go on at once than that, some make theirs anew each time. */
    private static final int MOST = 64;

    private final Model model;
    private final ChainBinding binding;
    /** By their number, from 1 on. An element is read by who got its number from the session that it stays with. */
    private final SessionCalls[] made = new SessionCalls[MOST + 1];
    /** The session that each stays with, or is used by. */
    private final AtomicReferenceArray<Session> users = new AtomicReferenceArray<>(MOST + 1);
    private volatile int count;
    private volatile StateLayout layout;
    /** Made to learn the layout, and not used yet. */
    private SessionCalls spare;

    SharedCalls(Model model, ChainBinding binding) {
        this.model = model;
        this.binding = binding;
    }

    /** Where the state of one sequence stands. */
    StateLayout layout() {
        return layout != null ? layout : makeLayout();
    }

    private synchronized StateLayout makeLayout() {
        if (layout == null) {
            spare = binding.newCalls(model, 1, null);
            layout = spare.layout();
        }
        return layout;
    }

    /** Those of that number, which stay with the session that asks. */
    SessionCalls get(int number) {
        return made[number];
    }

    /** Some for a session that has none, and is in use. */
    SessionCalls find(Session session) {
        for (int number = 1; number <= count; number++) {
            Session user = users.get(number);
            if (user != null && user.giveUp(number)) {
                users.set(number, session);
                return made[number];
            }
        }
        return keep(takeSpare(), session);
    }

    private synchronized SessionCalls takeSpare() {
        SessionCalls taken = spare;
        spare = null;
        return taken;
    }

    private SessionCalls keep(SessionCalls taken, Session session) {
        SessionCalls calls = taken != null ? taken : binding.newCalls(model, 1, null);
        synchronized (this) {
            if (count < MOST) {
                calls.number = count + 1;
                made[calls.number] = calls;
                users.set(calls.number, session);
                count = calls.number;
            }
        }
        return calls;
    }
}
