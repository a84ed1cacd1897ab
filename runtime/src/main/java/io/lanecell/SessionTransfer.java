package io.lanecell;

import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;

/** Takes a session's state out, as bytes or to another session, and in again. */
final class SessionTransfer {
    private SessionTransfer() {
    }

    static byte[] snapshot(Session session) {
        SessionSnapshot snapshot = newSnapshot(session);
        int number = session.claim();
        try {
            ByteBuffer bytes = snapshot.begin();
            if (session.state != null) {
                session.layout().save(session.state, bytes.asFloatBuffer(), session.batch());
            } else {
                session.layout64().save(session.state64, bytes.asDoubleBuffer(), session.batch());
            }
            return snapshot.end(bytes);
        } finally {
            session.release(number);
        }
    }

    static void restore(Session session, byte[] snapshot) {
        ByteBuffer numbers = newSnapshot(session).numbersOf(snapshot);
        int number = session.claim();
        try {
            if (session.state != null) {
                session.layout().load(session.state, numbers.asFloatBuffer(), session.batch());
            } else {
                session.layout64().load(session.state64, numbers.asDoubleBuffer(), session.batch());
            }
        } finally {
            session.release(number);
        }
    }

    private static SessionSnapshot newSnapshot(Session session) {
        int size = session.state != null ? session.layout().sequenceSize() : session.layout64().sequenceSize();
        return new SessionSnapshot(session.model(), session.batch(), size);
    }

    /** A session of the other model with this one's state. */
    static Session move(Session session, Model other) {
        DType dtype = session.model().dtype();
        if (other.dtype() != dtype) {
            throw new InvalidInputException("this session's model computes in " + dtype + " and the other in " + other.dtype()
                    + ", so its state can't go on there: convert the weights to " + dtype);
        }
        Session moved = new Session(other, session.batch(), session.workers());
        String difference = session.state != null
                ? session.layout().difference(moved.layout())
                : session.layout64().difference(moved.layout64());
        if (difference != null) {
            throw new InvalidInputException(
                    "this session can't go on with the other model, " + difference + ": begin a new session there");
        }
        int number = session.claim();
        try {
            int batch = session.batch();
            if (session.state != null) {
                FloatBuffer numbers = FloatBuffer.allocate(batch * session.layout().sequenceSize());
                session.layout().save(session.state, numbers, batch);
                moved.layout().load(moved.state, numbers.flip(), batch);
            } else {
                DoubleBuffer numbers = DoubleBuffer.allocate(batch * session.layout64().sequenceSize());
                session.layout64().save(session.state64, numbers, batch);
                moved.layout64().load(moved.state64, numbers.flip(), batch);
            }
            return moved;
        } finally {
            session.release(number);
        }
    }
}
