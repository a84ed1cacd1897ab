package io.lanecell.cli;

import io.lanecell.loader.Progress;
import java.io.Console;
import java.io.PrintWriter;
import java.util.function.LongSupplier;

/** A line on standard error that shows how far a long reading or writing is; only on a terminal, only after two seconds. */
final class ProgressBar implements Progress, AutoCloseable {
    private static final long PATIENCE = 2_000_000_000L;
    private static final int WIDTH = 40;

    private final PrintWriter err;
    private final String what;
    private final boolean terminal;
    private final LongSupplier nanos;
    private final long start;
    private int shown = -1;

    ProgressBar(PrintWriter err, String what) {
        this(err, what, isTerminal(), System::nanoTime);
    }

    ProgressBar(PrintWriter err, String what, boolean terminal, LongSupplier nanos) {
        this.err = err;
        this.what = what;
        this.terminal = terminal;
        this.nanos = nanos;
        this.start = nanos.getAsLong();
    }

    private static boolean isTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    @Override
    public void at(long done, long total) {
        int percent = total <= 0 ? 100 : (int) Math.min(100, done * 100.0 / total);
        if (!terminal || percent == shown || nanos.getAsLong() - start < PATIENCE) {
            return;
        }
        shown = percent;
        int full = percent * WIDTH / 100;
        err.print("\r" + what + " [" + "#".repeat(full) + " ".repeat(WIDTH - full) + "] " + percent + " %");
        err.flush();
    }

    /** Takes the line away. */
    @Override
    public void close() {
        if (shown >= 0) {
            err.print("\r" + " ".repeat(what.length() + WIDTH + 9) + "\r");
            err.flush();
        }
    }
}
