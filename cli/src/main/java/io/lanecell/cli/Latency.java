package io.lanecell.cli;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * How long calls took.
 *
 * @param how  back to back, or paced
 * @param what the model or its control
 */
record Latency(String how, String what, Histogram nanos) {
    private static final double[] PERCENTILES = {50, 90, 99, 99.9, 99.99};
    private static final String ROW = "%-18s %-8s %10s %8s %8s %8s %8s %8s %8s";

    /** The percentile in µs, NaN where fewer calls were timed than tell it. */
    double micros(double percentile) {
        boolean enough = nanos.getTotalCount() * (100 - percentile) >= 99.999;
        return enough ? nanos.getValueAtPercentile(percentile) / 1e3 : Double.NaN;
    }

    static String header() {
        return String.format(ROW, "", "", "calls", "p50", "p90", "p99", "p99.9", "p99.99", "worst");
    }

    /** A line of the table. */
    String line() {
        Object[] cells = new Object[4 + PERCENTILES.length];
        cells[0] = what.equals("control") ? "" : how;
        cells[1] = what;
        cells[2] = String.format(Locale.ROOT, "%,d", nanos.getTotalCount());
        for (int i = 0; i < PERCENTILES.length; i++) {
            cells[3 + i] = cell(micros(PERCENTILES[i]));
        }
        cells[cells.length - 1] = cell(nanos.getMaxValue() / 1e3);
        return String.format(ROW, cells);
    }

    private static String cell(double micros) {
        return Double.isNaN(micros)
                ? "-"
                : String.format(Locale.ROOT, micros < 10 ? "%.2f" : micros < 100 ? "%.1f" : "%.0f", micros);
    }

    /** The same for JSON. */
    Map<String, Object> asMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("how", how);
        map.put("what", what);
        map.put("calls", nanos.getTotalCount());
        for (double percentile : PERCENTILES) {
            String name = percentile == Math.rint(percentile) ? String.valueOf((int) percentile) : String.valueOf(percentile);
            map.put("p" + name + "Micros", JsonOutput.number(micros(percentile)));
        }
        map.put("worstMicros", nanos.getMaxValue() / 1e3);
        return map;
    }
}
