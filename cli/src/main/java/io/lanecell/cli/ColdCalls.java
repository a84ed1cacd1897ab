package io.lanecell.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The calls of one launch, summed up by windows of 5 ms and 15 calls at least, so that a single pause of the machine, or two calls that find
 * their caches taken by others, are not taken for slow code.
 *
 * @param windows those in which calls began, in order
 */
record ColdCalls(List<Window> windows) {
    private static final double WINDOW_MILLIS = 5;
    private static final int WINDOW_CALLS = 15;

    /**
     * The calls that began within one window.
     *
     * @param millis when the first of them began, since the process was started
     * @param median duration, µs
     * @param worst  duration, µs
     */
    record Window(double millis, double median, double worst) {
    }

    /**
     * @param startMillis when each call began, ascending
     * @param micros      how long it took
     */
    static ColdCalls of(double[] startMillis, double[] micros) {
        List<Window> windows = new ArrayList<>();
        for (int from = 0; from < micros.length;) {
            int to = from + 1;
            while (to < micros.length && (to < from + WINDOW_CALLS || startMillis[to] < startMillis[from] + WINDOW_MILLIS)) {
                to++;
            }
            double[] some = Arrays.copyOfRange(micros, from, to);
            Arrays.sort(some);
            windows.add(new Window(startMillis[from], some[some.length / 2], some[some.length - 1]));
            from = to;
        }
        return new ColdCalls(List.copyOf(windows));
    }

    /** Median duration of the last quarter's calls, µs. */
    double finalMicros() {
        double[] medians = windows.stream().skip(windows.size() * 3L / 4).mapToDouble(Window::median).sorted().toArray();
        return medians[medians.length / 2];
    }

    /** When they had come under twice their final duration for good, ms since the process was started; NaN: never. */
    double fastAt() {
        double limit = 2 * finalMicros();
        int slow = windows.size() - 1;
        while (slow >= 0 && windows.get(slow).median <= limit) {
            slow--;
        }
        return slow == windows.size() - 1 ? Double.NaN : windows.get(slow + 1).millis;
    }

    /** The longest call up to when they were fast, µs. */
    double worstWarmingMicros() {
        double fast = fastAt();
        double worst = windows.getFirst().worst;
        for (Window window : windows) {
            worst = window.millis >= fast ? worst : Math.max(worst, window.worst);
        }
        return worst;
    }

    /** The longest of all, µs. */
    double worstMicros() {
        return windows.stream().mapToDouble(Window::worst).max().orElse(Double.NaN);
    }
}
