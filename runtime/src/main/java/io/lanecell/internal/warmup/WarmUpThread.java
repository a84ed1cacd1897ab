package io.lanecell.internal.warmup;

import java.util.ArrayDeque;

/**
 * The daemon thread on which vector kernels are warmed, one after another. It is started when there is something to warm and ends
 * when there is nothing left, so that a warm process has no thread of ours.
 */
public final class WarmUpThread extends Thread {
    private static final ArrayDeque<Runnable> TASKS = new ArrayDeque<>();
    private static WarmUpThread thread;
    /** Callers who wait for it, for whose sake it takes no rests. */
    private static volatile int waiting;

    private WarmUpThread() {
        super("lanecell-warm-up");
        setDaemon(true);
    }

    /** Runs a task after those that were added before it. */
    public static void add(Runnable task) {
        synchronized (TASKS) {
            TASKS.add(task);
            if (thread == null) {
                thread = new WarmUpThread();
                thread.start();
            }
            TASKS.notifyAll();
        }
    }

    /** Lets the task under way rest for so long, unless somebody waits for it. */
    public static void rest(long millis) {
        if (waiting == 0) {
            synchronized (TASKS) {
                try {
                    TASKS.wait(millis);
                } catch (InterruptedException e) {
                    // Nobody has this thread to interrupt it; a rest cut short does no harm.
                }
            }
        }
    }

    /** Whether somebody waits for it. */
    public static boolean isAwaited() {
        return waiting != 0;
    }

    /**
     * Returns when all tasks are done.
     *
     * @throws InterruptedException if the caller is interrupted; tasks go on
     */
    public static void await() throws InterruptedException {
        synchronized (TASKS) {
            waiting++;
            TASKS.notifyAll();
            try {
                while (thread != null) {
                    TASKS.wait();
                }
            } finally {
                waiting--;
            }
        }
    }

    @Override
    public void run() {
        while (true) {
            Runnable task;
            synchronized (TASKS) {
                task = TASKS.poll();
                if (task == null) {
                    thread = null;
                    TASKS.notifyAll();
                    return;
                }
            }
            try {
                task.run();
            } catch (Throwable e) { // even an OutOfMemoryError: who waits must not wait for ever, and the scalar kernel serves on
                System.getLogger("io.lanecell").log(System.Logger.Level.WARNING, "the warm-up of a kernel failed", e);
            }
        }
    }
}
