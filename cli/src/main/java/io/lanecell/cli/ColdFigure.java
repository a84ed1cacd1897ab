package io.lanecell.cli;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * One figure of start-up, over several launches.
 *
 * @param name   in words
 * @param unit   ms since the process was started, or µs of a call
 * @param values one of each launch, ascending, NaN last
 */
record ColdFigure(String name, String unit, double[] values) {
    static final String MILLIS = "ms";
    static final String MICROS = "µs";

    private static final String ROW = "%-58s %10s %10s %10s";

    static ColdFigure of(String name, String unit, List<ColdRun> runs, ToDoubleFunction<ColdRun> value) {
        return new ColdFigure(name, unit, runs.stream().mapToDouble(value).sorted().toArray());
    }

    /** The middle one, the lower of two. */
    double median() {
        return values[(values.length - 1) / 2];
    }

    static String header() {
        return String.format(ROW, "", "median", "least", "most");
    }

    /** A line of the table. */
    String line() {
        return String.format(ROW, name + ", " + unit, number(median()), number(values[0]), number(values[values.length - 1]));
    }

    private static String number(double value) {
        return Double.isNaN(value)
                ? "never"
                : String.format(Locale.ROOT, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
    }

    /** The same for JSON. */
    Map<String, Object> asMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", name);
        map.put("unit", unit);
        map.put("median", JsonOutput.number(median()));
        map.put("values", Arrays.stream(values).mapToObj(JsonOutput::number).toList());
        return map;
    }
}
