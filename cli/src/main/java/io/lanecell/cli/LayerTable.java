package io.lanecell.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Recognised layers as a table: a row with what a step of each costs, and below it its sizes or what is wrong with it. */
final class LayerTable {
    private static final String NUMBERS = "  %13s  %9s  %10s";
    private static final int SHORTEST_PREFIX = 8;

    private final List<FoundLayer> layers;
    private final Arithmetic arithmetic;
    private final ReadBandwidth bandwidth;
    private final int columns;

    /** @param bandwidth of this machine; null to say nothing about time */
    LayerTable(List<FoundLayer> layers, Arithmetic arithmetic, ReadBandwidth bandwidth, int columns) {
        this.layers = layers;
        this.arithmetic = arithmetic;
        this.bandwidth = bandwidth;
        this.columns = columns;
    }

    /** The lines; none where there are no layers. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        if (layers.isEmpty()) {
            return lines;
        }
        int types = width(layers.stream().map(FoundLayer::type).toList(), "layer", Integer.MAX_VALUE);
        int room = columns - types - 2 - numbers("", "", "").length();
        int prefixes = width(layers.stream().map(layer -> OneLine.of(layer.prefix())).toList(), "at",
                Math.max(SHORTEST_PREFIX, room));
        String name = "%-" + types + "s  %-" + prefixes + "s";
        lines.add(name.formatted("layer", "at") + numbers("parameters", "per step", bandwidth == null ? "" : "expected"));
        StepWork all = StepWork.NONE;
        long parameters = 0;
        for (FoundLayer layer : layers) {
            lines.add(name.formatted(layer.type(), TensorTable.shorten(OneLine.of(layer.prefix()), prefixes))
                    + costs(layer.parameters(), layer.step()));
            lines.addAll(wrapped(OneLine.of(layer.inWords())));
            all = all.plus(layer.step());
            parameters += layer.parameters();
        }
        if (layers.size() > 1) {
            lines.add(name.formatted("all", "") + costs(parameters, all));
        }
        lines.replaceAll(String::stripTrailing);
        if (bandwidth != null) {
            lines.addAll(explained(all));
        }
        return lines;
    }

    private List<String> explained(StepWork all) {
        long bytes = all.bytes(arithmetic);
        return bytes == 0
                ? List.of()
                : wrap("per step: weights read for one sequence; expected: on the vector kernel, at the read bandwidth measured"
                        + " just now, %s at %s".formatted(gigabytes(bandwidth.gigabytesPerSecond(bytes)), inBytes(bytes)), "");
    }

    private String costs(long parameters, StepWork step) {
        long bytes = step.bytes(arithmetic);
        return numbers("%,d".formatted(parameters), bytes == 0 ? "-" : inBytes(bytes),
                bandwidth == null || bytes == 0 ? "" : inMicros(step.micros(arithmetic, bandwidth)));
    }

    private static String numbers(String parameters, String bytes, String time) {
        return NUMBERS.formatted(parameters, bytes, time);
    }

    private List<String> wrapped(String text) {
        return wrap("  " + text, "  ");
    }

    /** Cuts text at spaces, or where there are none anywhere, into lines that fit. */
    private List<String> wrap(String text, String indent) {
        List<String> lines = new ArrayList<>();
        String rest = text;
        while (rest.length() > columns) {
            int space = rest.lastIndexOf(' ', columns);
            int end = space > indent.length() ? space : columns;
            lines.add(rest.substring(0, end));
            rest = indent + rest.substring(end).stripLeading();
        }
        lines.add(rest);
        return lines;
    }

    private static int width(List<String> cells, String heading, int most) {
        return Math.min(most, Math.max(heading.length(), cells.stream().mapToInt(String::length).max().orElse(0)));
    }

    /** Bytes in three digits: 512 B, 2.10 MB. */
    static String inBytes(long bytes) {
        return bytes < 1000
                ? bytes + " B"
                : bytes < 1_000_000
                        ? digits(bytes / 1e3) + " kB"
                        : bytes < 1_000_000_000 ? digits(bytes / 1e6) + " MB" : digits(bytes / 1e9) + " GB";
    }

    private static String inMicros(double micros) {
        return micros < 1000 ? digits(micros) + " µs" : digits(micros / 1e3) + " ms";
    }

    private static String gigabytes(double perSecond) {
        return digits(perSecond) + " GB/s";
    }

    private static String digits(double value) {
        return String.format(Locale.ROOT, value < 9.995 ? "%.2f" : value < 99.95 ? "%.1f" : "%.0f", value);
    }
}
