package io.lanecell;

import java.lang.foreign.MemorySegment;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * A session that follows its {@link LiveModel}: the calls of a {@link Session}, each of which runs wholly on one model. Used by one thread at
 * a time, else a call is refused with {@link ConcurrentUseException}. Allocates nothing but at the first call after a swap,
 * which makes the session on the new model; where that fails, for want of memory say, the state is as it was and the call can be made again.
 */
public final class LiveSession {
    private static final AtomicIntegerFieldUpdater<LiveSession> USE = AtomicIntegerFieldUpdater.newUpdater(LiveSession.class,
            "use");

    private final LiveModel live;
    /** Null for one thread. */
    private final Workers workers;
    private Session session;
    private volatile int use;

    LiveSession(LiveModel live, int batch, Workers workers) {
        this.live = live;
        this.workers = workers;
        session = newSession(live.current(), batch);
    }

    private Session newSession(Model model, int batch) {
        return workers == null ? model.newSession(batch) : model.newSession(batch, workers);
    }

    /** The model it follows. */
    public LiveModel live() {
        return live;
    }

    /** Sequences that advance together (N). */
    public int batch() {
        return session.batch();
    }

    /** The model that a call would run on if it began now. */
    public Model model() {
        Session now = enter();
        leave();
        return now.model();
    }

    /** Takes it into use, on the model that is its own now; whoever asks {@link #leave leaves} it. */
    Session enter() {
        claim();
        Session now = session;
        Model current = live.current();
        if (now.model() == current || live.policy() == SwapPolicy.FINISH) {
            return now;
        }
        boolean moved = false;
        try {
            session = now.moveTo(current);
            moved = true;
            return session;
        } finally {
            if (!moved) {
                leave();
            }
        }
    }

    private void claim() {
        if (!USE.compareAndSet(this, 0, 1)) {
            throw new ConcurrentUseException("this session is in use by another thread:"
                    + " let one thread at a time use a session, or give each thread one of its own");
        }
    }

    /** Ends the use. */
    void leave() {
        USE.lazySet(this, 0);
    }

    /** Makes the state zero, on the model of now. */
    public void reset() {
        claim();
        try {
            Model current = live.current();
            if (session.model() == current) {
                session.reset();
            } else {
                session = newSession(current, session.batch());
            }
        } finally {
            leave();
        }
    }

    /** As {@link Session#step(float[], int, float[], int)}. */
    public void step(float[] in, int inOffset, float[] out, int outOffset) {
        Session now = enter();
        try {
            now.step(in, inOffset, out, outOffset);
        } finally {
            leave();
        }
    }

    /** As {@link Session#step(double[], int, double[], int)}. */
    public void step(double[] in, int inOffset, double[] out, int outOffset) {
        Session now = enter();
        try {
            now.step(in, inOffset, out, outOffset);
        } finally {
            leave();
        }
    }

    /** As {@link Session#step(int[], int, float[], int)}. */
    public void step(int[] tokens, int tokenOffset, float[] out, int outOffset) {
        Session now = enter();
        try {
            now.step(tokens, tokenOffset, out, outOffset);
        } finally {
            leave();
        }
    }

    /** As {@link Session#step(int[], int, double[], int)}. */
    public void step(int[] tokens, int tokenOffset, double[] out, int outOffset) {
        Session now = enter();
        try {
            now.step(tokens, tokenOffset, out, outOffset);
        } finally {
            leave();
        }
    }

    /** As {@link Session#step(FloatBuffer, FloatBuffer)}. */
    public void step(FloatBuffer in, FloatBuffer out) {
        Session now = enter();
        try {
            now.step(in, out);
        } finally {
            leave();
        }
    }

    /** As {@link Session#step(DoubleBuffer, DoubleBuffer)}. */
    public void step(DoubleBuffer in, DoubleBuffer out) {
        Session now = enter();
        try {
            now.step(in, out);
        } finally {
            leave();
        }
    }

    /** As {@link Session#step(MemorySegment, long, MemorySegment, long)}. */
    public void step(MemorySegment in, long inByteOffset, MemorySegment out, long outByteOffset) {
        Session now = enter();
        try {
            now.step(in, inByteOffset, out, outByteOffset);
        } finally {
            leave();
        }
    }

    /** As {@link Session#run(float[], int, int, int[], float[], int)}. */
    public void run(float[] in, int inOffset, int steps, int[] lengths, float[] out, int outOffset) {
        Session now = enter();
        try {
            now.run(in, inOffset, steps, lengths, out, outOffset);
        } finally {
            leave();
        }
    }

    /** As {@link Session#run(double[], int, int, int[], double[], int)}. */
    public void run(double[] in, int inOffset, int steps, int[] lengths, double[] out, int outOffset) {
        Session now = enter();
        try {
            now.run(in, inOffset, steps, lengths, out, outOffset);
        } finally {
            leave();
        }
    }

    /** As {@link Session#run(int[], int, int, int[], float[], int)}. */
    public void run(int[] tokens, int tokenOffset, int steps, int[] lengths, float[] out, int outOffset) {
        Session now = enter();
        try {
            now.run(tokens, tokenOffset, steps, lengths, out, outOffset);
        } finally {
            leave();
        }
    }

    /** As {@link Session#run(int[], int, int, int[], double[], int)}. */
    public void run(int[] tokens, int tokenOffset, int steps, int[] lengths, double[] out, int outOffset) {
        Session now = enter();
        try {
            now.run(tokens, tokenOffset, steps, lengths, out, outOffset);
        } finally {
            leave();
        }
    }

    /** As {@link Session#run(FloatBuffer, int, int[], FloatBuffer)}. */
    public void run(FloatBuffer in, int steps, int[] lengths, FloatBuffer out) {
        Session now = enter();
        try {
            now.run(in, steps, lengths, out);
        } finally {
            leave();
        }
    }

    /** As {@link Session#run(DoubleBuffer, int, int[], DoubleBuffer)}. */
    public void run(DoubleBuffer in, int steps, int[] lengths, DoubleBuffer out) {
        Session now = enter();
        try {
            now.run(in, steps, lengths, out);
        } finally {
            leave();
        }
    }

    /** As {@link Session#run(MemorySegment, long, int, int[], MemorySegment, long)}. */
    public void run(MemorySegment in, long inByteOffset, int steps, int[] lengths, MemorySegment out, long outByteOffset) {
        Session now = enter();
        try {
            now.run(in, inByteOffset, steps, lengths, out, outByteOffset);
        } finally {
            leave();
        }
    }

    /** As {@link Session#getState(float[], int, float[], int)}. */
    public void getState(float[] h, int hOffset, float[] c, int cOffset) {
        Session now = enter();
        try {
            now.getState(h, hOffset, c, cOffset);
        } finally {
            leave();
        }
    }

    /** As {@link Session#getState(double[], int, double[], int)}. */
    public void getState(double[] h, int hOffset, double[] c, int cOffset) {
        Session now = enter();
        try {
            now.getState(h, hOffset, c, cOffset);
        } finally {
            leave();
        }
    }

    /** As {@link Session#setState(float[], int, float[], int)}. */
    public void setState(float[] h, int hOffset, float[] c, int cOffset) {
        Session now = enter();
        try {
            now.setState(h, hOffset, c, cOffset);
        } finally {
            leave();
        }
    }

    /** As {@link Session#setState(double[], int, double[], int)}. */
    public void setState(double[] h, int hOffset, double[] c, int cOffset) {
        Session now = enter();
        try {
            now.setState(h, hOffset, c, cOffset);
        } finally {
            leave();
        }
    }

    /** As {@link Session#snapshot()}, of the model that a call would run on now. */
    public byte[] snapshot() {
        Session now = enter();
        try {
            return now.snapshot();
        } finally {
            leave();
        }
    }

    /** As {@link Session#restore(byte[])}; a snapshot of the model before a swap is another model's, and refused. */
    public void restore(byte[] snapshot) {
        Session now = enter();
        try {
            now.restore(snapshot);
        } finally {
            leave();
        }
    }
}
