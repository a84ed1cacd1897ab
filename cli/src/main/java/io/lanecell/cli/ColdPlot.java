package io.lanecell.cli;

import io.lanecell.InvalidInputException;
import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** How long calls take from the process' start on, their duration on a logarithmic axis. */
final class ColdPlot {
    private static final Color BACK_TO_BACK = new Color(0xd7301f);
    private static final Color PACED = new Color(0x2171b5);

    private ColdPlot() {
    }

    /** Writes a PNG. */
    static void write(String title, ColdCalls backToBack, ColdCalls paced, Path file) {
        XYChart chart = new XYChartBuilder().width(1000).height(600).title(title)
                .xAxisTitle("ms since the process was started").yAxisTitle("µs a call (log)").build();
        chart.getStyler().setYAxisLogarithmic(true).setLegendPosition(LegendPosition.InsideNE)
                .setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setXAxisMin(0.).setYAxisDecimalPattern("#,##0.##");
        addSeries(chart, "back to back", backToBack, BACK_TO_BACK);
        addSeries(chart, "paced", paced, PACED);
        try {
            ChartEncoder.saveChart(chart, file.toString(), "png");
        } catch (IOException e) {
            throw new InvalidInputException(
                    "can't write the picture to " + file + ": " + e.getMessage() + ", give another --plot");
        }
    }

    private static void addSeries(XYChart chart, String how, ColdCalls calls, Color colour) {
        addSeries(chart, how + ", worst in 5 ms", calls, ColdCalls.Window::worst, colour, 1);
        addSeries(chart, how + ", median", calls, ColdCalls.Window::median, colour, 2.4f);
    }

    private static void addSeries(XYChart chart, String name, ColdCalls calls, ToDoubleFunction<ColdCalls.Window> value,
            Color colour, float width) {
        List<Double> x = calls.windows().stream().map(ColdCalls.Window::millis).toList();
        List<Double> y = calls.windows().stream().map(window -> Math.max(0.01, value.applyAsDouble(window))).toList();
        var series = chart.addSeries(name, x, y);
        series.setMarker(SeriesMarkers.NONE);
        series.setLineColor(colour);
        series.setLineStyle(new BasicStroke(width));
    }
}
