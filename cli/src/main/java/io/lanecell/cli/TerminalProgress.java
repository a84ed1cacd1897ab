package io.lanecell.cli;

import java.io.Console;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A progress bar on standard error, where there is a terminal; else nothing. */
final class TerminalProgress implements AutoCloseable {
    private final ProgressBar bar;

    TerminalProgress(String task, long total) {
        Console console = System.console();
        bar = console != null && console.isTerminal()
                ? new ProgressBarBuilder().setTaskName(task).setInitialMax(total).setStyle(ProgressBarStyle.ASCII)
                        .setUpdateIntervalMillis(500).clearDisplayOnFinish().build()
                : null;
    }

    /** So much more of the total is done. */
    void advance(long by) {
        if (bar != null) {
            bar.stepBy(by);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
