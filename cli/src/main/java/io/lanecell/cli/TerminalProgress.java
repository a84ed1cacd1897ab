package io.lanecell.cli;

import io.lanecell.loader.Progress;
import java.io.PrintStream;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A progress bar on standard error for what takes longer than two seconds, where there is a terminal; else nothing. */
final class TerminalProgress implements Progress, AutoCloseable {
    private static final long PATIENCE_NANOS = 2_000_000_000L;
    private static final int PERCENT = 100;

    private static final int WIDTH = 80;

    private final String task;
    private final boolean terminal;
    private final LongSupplier nanos;
    private final PrintStream err;
    private final long start;
    private ProgressBar bar;

    TerminalProgress(String task) {
        this(task, TerminalWidth.isTerminal(), System::nanoTime, System.err);
    }

    TerminalProgress(String task, boolean terminal, LongSupplier nanos, PrintStream err) {
        this.task = task;
        this.terminal = terminal;
        this.nanos = nanos;
        this.err = err;
        start = nanos.getAsLong();
    }

    @Override
    public void at(long done, long total) {
        if (!terminal || bar == null && nanos.getAsLong() - start < PATIENCE_NANOS) {
            return;
        }
        if (bar == null) {
            bar = new ProgressBarBuilder().setTaskName(task).setInitialMax(PERCENT).setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis(500).setConsumer(new ConsoleProgressBarConsumer(err, WIDTH))
                    .clearDisplayOnFinish().build();
        }
        bar.stepTo(total <= 0 ? PERCENT : Math.min(PERCENT, Math.round(done * (double) PERCENT / total)));
    }

    /** Takes the bar away. */
    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
