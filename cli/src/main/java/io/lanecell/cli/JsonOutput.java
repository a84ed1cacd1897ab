package io.lanecell.cli;

import java.io.PrintWriter;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Prints what {@code --json} asks for. */
final class JsonOutput {
    private static final JsonMapper MAPPER = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private JsonOutput() {
    }

    /** Prints maps, lists, strings, numbers and booleans. */
    static void print(PrintWriter out, Object value) {
        out.println(MAPPER.writeValueAsString(value));
        out.flush();
    }

    /** A number as JSON can hold it: null for NaN and the infinities. */
    static Double number(double value) {
        return Double.isFinite(value) ? value : null;
    }
}
