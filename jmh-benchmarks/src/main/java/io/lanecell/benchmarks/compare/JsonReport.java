package io.lanecell.benchmarks.compare;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The results as JSON: an array {@code results} and an object {@code machine}. */
final class JsonReport {
    private static final JsonMapper MAPPER = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private JsonReport() {
    }

    static void write(Results results, Path file) {
        Map<String, Object> document = document(results);
        try {
            MAPPER.writeValue(file, document);
        } catch (JacksonException e) {
            throw new CompareException("can't write the results to " + file + ": " + e.getOriginalMessage(), e);
        }
    }

    private static Map<String, Object> document(Results results) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("machine", machine(results));
        document.put("conduct", results.conduct());
        document.put("results", results.rows().stream().map(row -> row(results, row)).toList());
        document.put("refused", results.refused());
        return document;
    }

    private static Map<String, Object> machine(Results results) {
        Map<String, Object> machine = new LinkedHashMap<>();
        machine.put("processor", results.machine().processor());
        machine.put("processors", results.machine().processors());
        machine.put("jdk", results.machine().jdk());
        machine.put("lanecell", results.machine().lanecell());
        List<Map<String, Object>> reads = results.limits().reads().stream().map(read -> {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("kibibytes", read.kibibytes());
            entry.put("level", read.level());
            entry.put("gigabytesPerSecond", number(read.gigabytesPerSecond()));
            return entry;
        }).toList();
        machine.put("reads", reads);
        machine.put("fmaGigaflops", number(results.limits().fmaGigaflops()));
        return machine;
    }

    private static Map<String, Object> row(Results results, CaseResult row) {
        OptionalDouble ratio = results.ratioToBestPeer(row);
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("case", row.geometry().name());
        entry.put("engine", row.engine());
        entry.put("threads", row.threads());
        entry.put("medianMicros", number(row.medianMicros()));
        entry.put("spreadMicros", number(row.spreadMicros()));
        entry.put("lowerQuartileMicros", number(row.lowerQuartileMicros()));
        entry.put("upperQuartileMicros", number(row.upperQuartileMicros()));
        entry.put("maxAbsError", number(row.maxAbsError()));
        entry.put("allocatedBytesPerCall", number(row.allocatedBytesPerCall()));
        entry.put("ratioToBestPeer", ratio.isPresent() ? number(ratio.getAsDouble()) : null);
        entry.put("speed", number(row.speed()));
        entry.put("speedUnit", row.speedUnit());
        entry.put("shareOfLimit", number(row.shareOf(results.limits())));
        return entry;
    }

    /** A number as JSON can hold it: null for NaN and the infinities. */
    private static Double number(double value) {
        return Double.isFinite(value) ? value : null;
    }
}
