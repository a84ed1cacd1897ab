package io.lanecell.benchmarks.compare;

import java.io.Console;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A progress bar on standard error, where there is a terminal; else nothing. */
final class Progress implements AutoCloseable {
    private final ProgressBar bar;

    /** A bar that {@code total} calls of {@link #next} fill. */
    Progress(int total) {
        Console console = System.console();
        bar = console != null && console.isTerminal()
                ? new ProgressBarBuilder().setTaskName("compare").setInitialMax(total).setStyle(ProgressBarStyle.ASCII)
                        .setUpdateIntervalMillis(500).clearDisplayOnFinish().build()
                : null;
    }

    /** Says what is measured now; what was before is done. */
    void next(String what) {
        if (bar != null) {
            bar.step();
            bar.setExtraMessage(what);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
