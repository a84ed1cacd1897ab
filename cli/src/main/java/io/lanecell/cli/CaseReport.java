package io.lanecell.cli;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code verify} found out about a case.
 *
 * @param name    the case directory as the user named it
 * @param checks  every comparison made
 * @param skipped weight files that were not read, each with the reason
 * @param notes   what else the reader should know
 * @param message why the case could not be run, empty if it could
 */
record CaseReport(String name, List<Check> checks, List<String> skipped, List<String> notes, String message) {
    /** A case that could not be run. */
    static CaseReport failed(String name, List<String> skipped, String message) {
        return new CaseReport(name, List.of(), skipped, List.of(), message);
    }

    /** Whether the case ran, something was compared, and all of it held. */
    boolean ok() {
        return message.isEmpty() && !checks.isEmpty() && checks.stream().allMatch(Check::ok);
    }

    /** The check nearest to, or furthest beyond, its tolerance. */
    Optional<Check> worst() {
        return checks.stream().max(Comparator.comparing((Check check) -> !check.ok()).thenComparingDouble(Check::share));
    }

    /** One line: {@code ok} or {@code FAIL}, the case, its worst tensor, and what else is to be said. */
    String line() {
        StringBuilder line = new StringBuilder(ok() ? "ok   " : "FAIL ").append(name).append("  ");
        line.append(message.isEmpty() ? worst().map(Check::toString).orElse("nothing was compared") : message);
        long failed = checks.stream().filter(check -> !check.ok()).count();
        if (failed > 1) {
            line.append("; ").append(failed - 1).append(" more of ").append(checks.size()).append(" checks failed");
        }
        notes.forEach(note -> line.append("; ").append(note));
        skipped.forEach(file -> line.append("; skipped ").append(file));
        return OneLine.of(line.toString());
    }

    /** For {@code --json}. */
    Map<String, Object> asMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("case", name);
        map.put("ok", ok());
        map.put("tensors", checks.stream().map(Check::asMap).toList());
        map.put("skipped", skipped);
        map.put("notes", notes);
        map.put("message", message);
        return map;
    }
}
