package io.lanecell.cli;

import io.lanecell.loader.Progress;
import java.io.PrintStream;
import java.time.Duration;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * A progress bar on standard error for what takes longer than two seconds, where there is a terminal; else nothing. As long as
 * nobody tells how far the work has come, the bar only shows that it goes on, and for how long. Any thread may use it.
 */
final class TerminalProgress implements Progress, AutoCloseable {
    private static final long PATIENCE_NANOS = 2_000_000_000L;
    /** How long a bar stays away that made room for a line, so that lines in quick succession are not all followed by one. */
    private static final long PAUSE_NANOS = 500_000_000L;
    private static final long LOOK_MILLIS = 100;
    private static final int PERCENT = 100;
    private static final int UNKNOWN = -1;

    private static final int WIDTH = 80;

    private final String task;
    private final boolean terminal;
    private final LongSupplier nanos;
    private final PrintStream err;
    private final long start;
    private long earliest;
    private ProgressBar bar;
    private int percent = UNKNOWN;
    private boolean closed;

    TerminalProgress(String task) {
        this(task, TerminalWidth.isTerminal(), System::nanoTime, System.err);
    }

    TerminalProgress(String task, boolean terminal, LongSupplier nanos, PrintStream err) {
        this.task = task;
        this.terminal = terminal;
        this.nanos = nanos;
        this.err = err;
        start = nanos.getAsLong();
        earliest = start + PATIENCE_NANOS;
        if (terminal) {
            Thread.ofPlatform().daemon().name("lanecell-progress").start(this::showInTime);
        }
    }

    @Override
    public synchronized void at(long done, long total) {
        percent = total <= 0 ? PERCENT : Math.clamp(Math.round(done * (double) PERCENT / total), 0, PERCENT);
        show();
    }

    /** Takes the bar away for a line of output; it comes back with news, but not at once. */
    synchronized void hide() {
        if (bar != null) {
            bar.close();
            bar = null;
            earliest = nanos.getAsLong() + PAUSE_NANOS;
        }
    }

    /** Takes the bar away. */
    @Override
    public synchronized void close() {
        closed = true;
        hide();
        notifyAll();
    }

    private void show() {
        if (!terminal || closed || nanos.getAsLong() - earliest < 0) {
            return;
        }
        if (bar == null) {
            bar = new ProgressBarBuilder().setTaskName(task).setInitialMax(percent == UNKNOWN ? UNKNOWN : PERCENT)
                    .startsFrom(0, Duration.ofNanos(nanos.getAsLong() - start)).setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis(500)
                    .setConsumer(new ConsoleProgressBarConsumer(err, WIDTH)).clearDisplayOnFinish().build();
        }
        if (percent != UNKNOWN) {
            bar.maxHint(PERCENT);
            bar.stepTo(percent);
        }
    }

    /** Work that tells nothing gets its bar here. */
    private synchronized void showInTime() {
        try {
            while (!closed && bar == null) {
                wait(LOOK_MILLIS);
                show();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
