package io.lanecell.cli;

import io.lanecell.InvalidInputException;
import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Latency over percentile, both axes logarithmic: the farther right, the rarer the call. */
final class LatencyPlot {
    private static final Color BACK_TO_BACK = new Color(0xd7301f);
    private static final Color PACED = new Color(0x2171b5);
    private LatencyPlot() {
    }

    /** Writes a PNG. */
    static void write(String title, List<Latency> latencies, Path file) {
        XYChart chart = new XYChartBuilder().width(1000).height(600).title("Latency of " + title + " on this machine")
                .xAxisTitle("percentile of calls").yAxisTitle("µs (log)").build();
        chart.getStyler().setYAxisLogarithmic(true).setLegendPosition(LegendPosition.InsideNW)
                .setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setXAxisLogarithmic(true).setXAxisMin(1.);
        for (Latency latency : latencies) {
            addSeries(chart, latency);
        }
        chart.setCustomXAxisTickLabelsFormatter(LatencyPlot::percentile);
        try {
            ChartEncoder.saveChart(chart, file.toString(), "png");
        } catch (IOException e) {
            throw new InvalidInputException(
                    "can't write the picture to " + file + ": " + e.getMessage() + ", give another --plot");
        }
    }

    /** The percentile that all calls but one in so many reach: 99.9 % for 1000. */
    private static String percentile(double calls) {
        int nines = (int) Math.round(Math.log10(calls));
        return BigDecimal.valueOf(100).subtract(BigDecimal.ONE.movePointLeft(nines - 2)).toPlainString() + " %";
    }

    /** x is in how many calls there is one that took longer. */
    private static void addSeries(XYChart chart, Latency latency) {
        Histogram nanos = latency.nanos();
        double rarest = Math.log10(nanos.getTotalCount());
        List<Double> x = new ArrayList<>();
        List<Double> y = new ArrayList<>();
        for (double nines = 0; nines <= rarest; nines += 0.02) {
            x.add(Math.pow(10, nines));
            y.add(Math.max(1, nanos.getValueAtPercentile(100 * (1 - Math.pow(10, -nines)))) / 1e3);
        }
        boolean control = latency.what().equals("control");
        Color colour = latency.how().equals("back to back") ? BACK_TO_BACK : PACED;
        var series = chart.addSeries(latency.how() + (control ? ", control" : ""), x, y);
        series.setMarker(SeriesMarkers.NONE);
        series.setLineColor(colour);
        series.setLineStyle(control
                ? new BasicStroke(1.2f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10, new float[]{4, 4}, 0)
                : new BasicStroke(2.4f));
    }
}
