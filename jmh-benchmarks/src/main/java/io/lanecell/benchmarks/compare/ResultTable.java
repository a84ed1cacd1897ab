package io.lanecell.benchmarks.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** The results as text, a line for each engine of each case. */
final class ResultTable {
    private static final List<String> HEAD = List.of("case", "engine", "threads", "median µs", "quartiles", "× best peer",
            "speed",
            "of limit", "max error", "B/call");
    /** Names to the left, numbers to the right. */
    private static final int NAME_COLUMNS = 2;

    private ResultTable() {
    }

    /** What was run, the machine's limits, and the table. */
    static String format(Results results) {
        StringBuilder text = new StringBuilder();
        Machine machine = results.machine();
        text.append(machine.processor()).append(", ").append(machine.processors())
                .append(machine.processors() == 1 ? " core for this process; " : " cores; ").append(machine.lanecell())
                .append('\n').append(results.conduct()).append("\n\n");
        text.append(limits(results.limits())).append('\n');
        List<List<String>> lines = new ArrayList<>();
        lines.add(HEAD);
        Geometry last = null;
        for (CaseResult row : results.rows()) {
            lines.add(cells(results, row, !row.geometry().equals(last)));
            last = row.geometry();
        }
        appendAligned(text, lines);
        text.append(
                "\n× best peer: its median over this one's, above 1 is faster than every peer. of limit: the least time that this"
                        + " machine's reads\nand multiply-adds allow, over the median; the bandwidth is that of an array as large as the weights,"
                        + " so more than 100 % is\npossible where the order of reading lets a smaller cache serve.\n");
        if (results.rows().stream().anyMatch(row -> row.threads() < results.threads())) {
            text.append("Engines that show fewer than the ").append(results.threads())
                    .append(" threads asked for can't use more.\n");
        }
        results.refused().forEach(line -> text.append("REFUSED ").append(line).append('\n'));
        return text.toString();
    }

    private static String limits(MachineLimits limits) {
        StringBuilder text = new StringBuilder("one core reads, GB/s:");
        String separator = " ";
        for (MachineLimits.Read read : limits.reads()) {
            text.append(separator).append(size(read.kibibytes())).append(read.level().isEmpty() ? "" : " (" + read.level() + ")")
                    .append(' ').append(Math.round(read.gigabytesPerSecond()));
            separator = ", ";
        }
        return text.append("\none core multiply-adds, GFLOP/s: ").append(Math.round(limits.fmaGigaflops())).append("\n")
                .toString();
    }

    private static String size(int kibibytes) {
        return kibibytes < 1024 ? kibibytes + " KiB" : kibibytes / 1024 + " MiB";
    }

    private static List<String> cells(Results results, CaseResult row, boolean first) {
        OptionalDouble ratio = results.ratioToBestPeer(row);
        return List.of(first ? row.geometry().name() : "", row.engine(), Integer.toString(row.threads()),
                number(row.medianMicros()), number(row.lowerQuartileMicros()) + "–" + number(row.upperQuartileMicros()),
                ratio.isPresent() ? format("%.2f", ratio.getAsDouble()) : "", number(row.speed()) + " " + row.speedUnit(),
                format("%.0f %%", 100 * row.shareOf(results.limits())), format("%.1e", row.maxAbsError()),
                Double.isNaN(row.allocatedBytesPerCall()) ? "" : format("%.0f", row.allocatedBytesPerCall()));
    }

    /** Three digits that count, and no fraction beyond a thousand. */
    private static String number(double value) {
        double size = Math.abs(value);
        return format(size < 1 ? "%.3f" : size < 10 ? "%.2f" : size < 100 ? "%.1f" : "%.0f", value);
    }

    private static String format(String pattern, double value) {
        return String.format(Locale.ROOT, pattern, value);
    }

    private static void appendAligned(StringBuilder text, List<List<String>> lines) {
        int[] widths = new int[HEAD.size()];
        for (List<String> line : lines) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        for (List<String> line : lines) {
            StringBuilder aligned = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String padding = " ".repeat(widths[i] - line.get(i).length());
                aligned.append(i < NAME_COLUMNS ? line.get(i) + padding : padding + line.get(i)).append("  ");
            }
            text.append(aligned.toString().stripTrailing()).append('\n');
        }
    }
}
