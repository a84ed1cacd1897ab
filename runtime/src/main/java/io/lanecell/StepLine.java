package io.lanecell;

import io.lanecell.internal.events.Events;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The calls that wait in a {@link StepQueue}: a bounded line, first come, first served, but for a session's second call, which the batch with
 * its first passes over. Under the lock nothing is computed, and nothing allocated that could fail for want of memory halfway.
 *
 * @param <A> float[] or double[]
 */
final class StepLine<A> {
    private final QueueOptions options;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition worthALook = lock.newCondition();
    private final Condition room = lock.newCondition();
    private final ArrayDeque<QueuedStep<A>> waiting;
    // Of the thread that takes.
    private final ArrayDeque<QueuedStep<A>> passedOver;
    private final Map<Object, Boolean> inBatch;
    private boolean closed;

    StepLine(QueueOptions options) {
        this.options = options;
        waiting = new ArrayDeque<>(options.capacity());
        passedOver = new ArrayDeque<>(options.capacity());
        inBatch = new IdentityHashMap<>(options.most());
    }

    /** Joins the line once there is room; after an exception the call is not in it. */
    void put(QueuedStep<A> call) throws InterruptedException {
        Object event = null;
        lock.lockInterruptibly();
        try {
            while (isFull()) {
                if (event == null) {
                    event = Events.beginQueueFull(waiting.size(), false);
                }
                room.await();
            }
            add(call);
        } finally {
            lock.unlock();
            Events.end(event);
        }
    }

    /** Joins the line if there is room. */
    void offer(QueuedStep<A> call) {
        if (!tryAdd(call)) {
            Events.end(Events.beginQueueFull(options.capacity(), true));
            throw new QueueFullException("the queue is full: " + options.capacity()
                    + " calls wait already; submit later, shed load, or give the queue more capacity");
        }
    }

    private boolean tryAdd(QueuedStep<A> call) {
        lock.lock();
        try {
            if (isFull()) {
                return false;
            }
            add(call);
            return true;
        } finally {
            lock.unlock();
        }
    }

    private boolean isFull() {
        return !closed && waiting.size() >= options.capacity();
    }

    private void add(QueuedStep<A> call) {
        if (closed) {
            throw new QueueClosedException(
                    "the queue is closed and takes no calls any more: step the session itself, or make another queue");
        }
        call.arrivedNanos = System.nanoTime();
        waiting.addLast(call);
        // Between the first and the last of a batch there is nothing to do for who gathers.
        if (waiting.size() == 1 || waiting.size() >= options.most()) {
            worthALook.signal();
        }
    }

    /**
     * Waits for a call, gathers others, and begins them.
     *
     * @param batch empty, is filled with them, no two of a session; with none where all that waited were withdrawn
     * @return false once the line is closed and empty
     */
    boolean take(List<QueuedStep<A>> batch) {
        lock.lock();
        try {
            while (waiting.isEmpty() && !closed) {
                worthALook.awaitUninterruptibly();
            }
            if (waiting.isEmpty()) {
                return false;
            }
            gather();
            begin(batch);
            room.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void gather() {
        long begins = waiting.getFirst().arrivedNanos + options.gatherMicros() * 1_000;
        while (!closed && waiting.size() < options.most()) { // nobody empties the line unless it is closed
            long left = begins - System.nanoTime();
            if (left <= 0) {
                return;
            }
            try {
                worthALook.awaitNanos(left);
            } catch (InterruptedException e) {
                return; // nobody has a reason to; a batch that begins early is right too
            }
        }
    }

    private void begin(List<QueuedStep<A>> batch) {
        while (batch.size() < options.most() && !waiting.isEmpty()) {
            QueuedStep<A> call = waiting.removeFirst();
            if (inBatch.containsKey(call.session())) {
                passedOver.addLast(call);
            } else if (call.begin()) {
                inBatch.put(call.session(), true);
                batch.add(call);
            }
        }
        while (!passedOver.isEmpty()) {
            waiting.addFirst(passedOver.removeLast());
        }
        inBatch.clear();
    }

    /** Lets nobody in any more, neither those who wait for room; what is in the line stays. */
    void close() {
        lock.lock();
        try {
            closed = true;
            worthALook.signal();
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Empties the line. */
    List<QueuedStep<A>> drain() {
        lock.lock();
        try {
            List<QueuedStep<A>> all = new ArrayList<>(waiting);
            waiting.clear();
            room.signalAll();
            return all;
        } finally {
            lock.unlock();
        }
    }

    /** Begins the event of a batch just taken, if somebody records it; else null. */
    Object beginEvent(List<QueuedStep<A>> batch) {
        if (batch.isEmpty() || !Events.recordsQueueBatches()) {
            return null;
        }
        long firstWaited = System.nanoTime() - batch.getFirst().arrivedNanos;
        return Events.beginQueueBatch(batch.size(), options.most(), firstWaited, size());
    }

    /** Calls that wait, withdrawn ones that the queue has not come by yet included. */
    int size() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }
}
