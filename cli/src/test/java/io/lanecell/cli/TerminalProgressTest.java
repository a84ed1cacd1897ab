package io.lanecell.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TerminalProgressTest {
    private static final long PATIENCE_NANOS = 2_000_000_000L;

    private final AtomicLong now = new AtomicLong();
    private final ByteArrayOutputStream shown = new ByteArrayOutputStream();

    private TerminalProgress bar(boolean terminal) {
        return new TerminalProgress("reading", terminal, now::get, new PrintStream(shown, true));
    }

    private void waitUntilShown() throws InterruptedException {
        for (int i = 0; i < 1000 && shown.size() == 0; i++) {
            Thread.sleep(10);
        }
    }

    @Test
    void theBarWaitsTwoSecondsAndThenShowsThePercentage() {
        try (TerminalProgress progress = bar(true)) {
            progress.at(10, 100);
            assertEquals("", shown.toString());
            now.set(PATIENCE_NANOS);
            progress.at(25, 100);
        }
        assertTrue(shown.toString().contains("reading") && shown.toString().contains("25%"), shown.toString());
    }

    @Test
    void nothingIsShownWhereThereIsNoTerminal() throws InterruptedException {
        try (TerminalProgress progress = bar(false)) {
            now.set(2 * PATIENCE_NANOS);
            progress.at(50, 100);
            Thread.sleep(300);
        }
        assertEquals("", shown.toString());
    }

    @Test
    void workThatTellsNothingIsShownToGoOnAndItsPercentageOnceItIsKnown() throws InterruptedException {
        try (TerminalProgress progress = bar(true)) {
            now.set(PATIENCE_NANOS);
            waitUntilShown();
            assertTrue(shown.toString().contains("reading  ? %") && shown.toString().contains("0:00:02"), shown.toString());
            progress.at(1, 2);
        }
        assertTrue(shown.toString().contains("50%"), shown.toString());
    }

    @Test
    void aBarThatMadeRoomForALineComesBackWithTheNextNewsAndNoneComesAfterTheEnd() {
        TerminalProgress progress = bar(true);
        now.set(PATIENCE_NANOS);
        progress.at(1, 4);
        progress.hide();
        shown.reset();
        progress.at(2, 4);
        assertEquals("", shown.toString());
        now.addAndGet(PATIENCE_NANOS / 4);
        progress.at(2, 4);
        progress.close();
        assertTrue(shown.toString().contains("50%"), shown.toString());
        shown.reset();
        progress.at(3, 4);
        progress.close();
        assertFalse(shown.toString().contains("75%"), shown.toString());
    }
}
