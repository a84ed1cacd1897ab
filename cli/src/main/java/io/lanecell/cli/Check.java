package io.lanecell.cli;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The outcome of holding one array against another.
 *
 * @param tensor    the expected tensor's name
 * @param engine    who was held against it: {@code runtime}, {@code reference}, {@code packing}, or {@code pytorch} where the
 *                  expected float32 tensor itself was held against its float64 twin
 * @param error     the worst element's error; infinite where shapes, NaN or Inf differ
 * @param tolerance what that element was allowed
 * @param ok        whether every element was within its tolerance
 * @param note      what else to know, empty if nothing
 */
record Check(String tensor, String engine, double error, double tolerance, boolean ok, String note) {
    static final String RUNTIME = "runtime";
    static final String REFERENCE = "reference";
    static final String PACKING = "packing";
    static final String PYTORCH = "pytorch";

    /** A failure that has no number. */
    static Check failed(String tensor, String engine, String note) {
        return new Check(tensor, engine, Double.POSITIVE_INFINITY, 0, false, note);
    }

    /** How much of the tolerance is used up: over 1 for a failure. */
    double share() {
        if (!ok) {
            return Math.max(tolerance > 0 ? error / tolerance : Double.POSITIVE_INFINITY, Math.nextUp(1.0));
        }
        return error == 0 ? 0 : error / tolerance;
    }

    /** For {@code --json}. */
    Map<String, Object> asMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", tensor);
        map.put("engine", engine);
        map.put("error", JsonOutput.number(error));
        map.put("tolerance", JsonOutput.number(tolerance));
        map.put("ok", ok);
        map.put("note", note);
        return map;
    }

    @Override
    public String toString() {
        String numbers = Double.isInfinite(error)
                ? "%s (%s)".formatted(tensor, engine)
                : "%s (%s) error %.1e, tolerance %.1e".formatted(tensor, engine, error, tolerance);
        return note.isEmpty() ? numbers : numbers + ": " + note;
    }
}
