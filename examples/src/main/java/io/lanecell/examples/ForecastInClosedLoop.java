package io.lanecell.examples;

import io.lanecell.Model;
import io.lanecell.Session;
import io.lanecell.loader.ModelFile;
import java.nio.file.Path;
import java.util.Locale;

/** Forecasting far ahead with a model that forecasts one value: each forecast is fed back as the newest value of the window. */
public final class ForecastInClosedLoop {
    private ForecastInClosedLoop() {
    }

    /** Argument: the model's folder (weights/forecaster). */
    public static void main(String[] args) {
        Model model = ModelFile.open(Path.of(args.length > 0 ? args[0] : "weights/forecaster")).model();
        float[] lastValues = new float[40]; // a daily rhythm and its overtone, hour by hour
        for (int hour = 0; hour < lastValues.length; hour++) {
            double day = 2 * Math.PI * hour / 24;
            lastValues[hour] = (float) (0.6 * Math.sin(day) + 0.25 * Math.sin(2 * day + 0.7));
        }
        for (float value : forecasts(model.newSession(), lastValues, 24)) {
            System.out.printf(Locale.ROOT, "%6.3f%n", value);
        }
    }

    /** The {@code count} values that follow the window. */
    static float[] forecasts(Session session, float[] window, int count) {
        float[] latest = window.clone();
        float[] forecasts = new float[count];
        for (int i = 0; i < count; i++) {
            session.reset(); // each window is a sequence of its own, as in training
            session.run(latest, 0, latest.length, forecasts, i);
            System.arraycopy(latest, 1, latest, 0, latest.length - 1);
            latest[latest.length - 1] = forecasts[i];
        }
        return forecasts;
    }
}
