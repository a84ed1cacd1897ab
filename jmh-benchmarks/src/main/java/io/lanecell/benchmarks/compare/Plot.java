package io.lanecell.benchmarks.compare;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;

/** The results as a picture: for each case a bar for each engine, on a logarithmic axis. */
final class Plot {
    /** Ours in warm colours, peers in cold ones, the reference grey. */
    private static final List<Color> OURS = List.of(new Color(0xd7301f), new Color(0xfdae61));
    private static final List<Color> PEERS = List.of(new Color(0x2171b5), new Color(0x41ab5d), new Color(0x807dba));
    private static final Color REFERENCE = new Color(0xbdbdbd);

    private Plot() {
    }

    /** Writes a PNG; the file's name must end in .png. */
    static void write(Results results, Path file) {
        try {
            ChartEncoder.saveChart(chart(results), file.toString(), "png");
        } catch (IOException e) {
            throw new CompareException("can't write the picture to " + file + ": " + e.getMessage(), e);
        }
    }

    private static CategoryChart chart(Results results) {
        List<Geometry> cases = results.cases();
        List<String> names = cases.stream().map(Geometry::name).toList();
        CategoryChart chart = new CategoryChartBuilder().width(Math.max(900, 130 + 110 * cases.size())).height(620)
                .title("Time per call, " + results.machine().processor() + ", "
                        + (results.threads() == 1 ? "one thread" : results.threads() + " threads") + ", lower is better")
                .yAxisTitle("µs, median (log)")
                .build();
        chart.getStyler().setAvailableSpaceFill(0.9).setYAxisLogarithmic(true).setXAxisLabelRotation(cases.size() > 8 ? 30 : 0)
                .setLegendPosition(LegendPosition.OutsideS)
                .setLegendLayout(LegendLayout.Horizontal).setChartBackgroundColor(Color.WHITE);
        // Bars begin at zero unless told otherwise, which has no logarithm.
        double least = results.rows().stream().mapToDouble(CaseResult::medianMicros).min().orElse(1);
        chart.getStyler().setYAxisMin(Math.pow(10, Math.floor(Math.log10(least))));
        for (String engine : results.engines()) {
            List<Double> medians = cases.stream()
                    .map(geometry -> results.row(geometry, engine).map(CaseResult::medianMicros).orElse(null)).toList();
            chart.addSeries(engine, names, medians).setFillColor(colour(engine));
        }
        return chart;
    }

    static Color colour(String engine) {
        int peer = Engines.PEERS.indexOf(engine);
        if (peer >= 0) {
            return PEERS.get(peer);
        }
        return switch (engine) {
            case "lanecell-vector" -> OURS.get(0);
            case "lanecell-scalar" -> OURS.get(1);
            default -> REFERENCE;
        };
    }
}
