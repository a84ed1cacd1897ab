package io.lanecell.internal.events;

import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;

/**
 * What Lanecell tells JDK Flight Recorder, under {@code io.lanecell} in a recording. While nobody records, each costs the test of
 * a field; where there is no module jdk.jfr, not even that. Nothing here is allocated unless its event is recorded.
 * Signatures on the way of a call name no class of an event: the JVM would load it when it compiles the method, in the middle of a call.
 */
public final class Events {
    private static final boolean PRESENT = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

    /** Loading a class of events starts the flight recorder, which takes tens of milliseconds, so that is left to who records. */
    private static boolean isStarted() {
        return PRESENT && FlightRecorder.isInitialized();
    }

    private Events() {
    }

    /** Apart, so that the classes of events are only loaded where their superclass is. Probes are never begun or committed. */
    private static final class Probes {
        static final ModelLoadEvent MODEL_LOAD = new ModelLoadEvent();
        static final KernelSelectionEvent KERNEL_SELECTION = new KernelSelectionEvent();
        static final WarmUpEvent WARM_UP = new WarmUpEvent();
        static final StepBatchEvent STEP_BATCH = new StepBatchEvent();
        static final QueueBatchEvent QUEUE_BATCH = new QueueBatchEvent();
        static final QueueFullEvent QUEUE_FULL = new QueueFullEvent();
        static final SlowCallEvent SLOW_CALL = new SlowCallEvent();

        static void commit(Object event) {
            ((Event) event).commit();
        }
    }

    /** Whether somebody records when models are made. */
    public static boolean recordsModelLoads() {
        return isStarted() && Probes.MODEL_LOAD.isEnabled();
    }

    /** Whether somebody records which kernels models are given. */
    public static boolean recordsKernelSelections() {
        return isStarted() && Probes.KERNEL_SELECTION.isEnabled();
    }

    /** Whether somebody records the warming of kernels. */
    public static boolean recordsWarmUps() {
        return isStarted() && Probes.WARM_UP.isEnabled();
    }

    /** Begins an event if somebody records sessions stepped together, else null. */
    public static Object beginStepBatch(int sessions, int most) {
        if (!isStarted() || !Probes.STEP_BATCH.isEnabled()) {
            return null;
        }
        StepBatchEvent event = new StepBatchEvent();
        event.sessions = sessions;
        event.most = most;
        event.begin();
        return event;
    }

    /** Whether somebody records what queues gather. */
    public static boolean recordsQueueBatches() {
        return isStarted() && Probes.QUEUE_BATCH.isEnabled();
    }

    /**
     * Begins an event of a queue's batch; only if {@link #recordsQueueBatches()}.
     *
     * @param firstWaited ns that the first of the calls was in the queue
     * @param leftWaiting calls that stay there
     */
    public static Object beginQueueBatch(int calls, int most, long firstWaited, int leftWaiting) {
        QueueBatchEvent event = new QueueBatchEvent();
        event.calls = calls;
        event.most = most;
        event.firstWaited = firstWaited;
        event.leftWaiting = leftWaiting;
        event.begin();
        return event;
    }

    /** Begins an event if somebody records calls that find a queue full, else null. */
    public static Object beginQueueFull(int waiting, boolean refused) {
        if (!isStarted() || !Probes.QUEUE_FULL.isEnabled()) {
            return null;
        }
        QueueFullEvent event = new QueueFullEvent();
        event.waiting = waiting;
        event.refused = refused;
        event.begin();
        return event;
    }

    /** Begins an event if somebody records slow calls, else null. */
    public static Object beginCall(int batch, int steps) {
        if (!isStarted() || !Probes.SLOW_CALL.isEnabled()) {
            return null;
        }
        SlowCallEvent event = new SlowCallEvent();
        event.batch = batch;
        event.steps = steps;
        event.begin();
        return event;
    }

    /** Ends an event if one was begun; it is recorded if it lasted longer than its threshold. */
    public static void end(Object event) {
        if (event != null) {
            Probes.commit(event);
        }
    }
}
