package io.lanecell.loader;

import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;

/** Says in one line what Jackson found wrong and where. */
final class JsonProblem {
    private static final int LONGEST = 200;

    private JsonProblem() {
    }

    static String describe(JacksonException e) {
        String message = String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("")
                // Jackson's remark where the bracket was opened names its own source objects.
                .replaceFirst(" \\((for .* starting|start marker) at \\[.*\\]\\)", "")
                // So do its settings.
                .replaceFirst(" exceeds the maximum allowed \\((\\d+), from .*\\)", " is more than the $1 allowed")
                .replaceFirst(" \\(not recognized as one since Feature .*\\)", "")
                .replaceFirst("(was expecting|expected a valid value) \\(JSON String, .*'false'\\)", "expected a value");
        TokenStreamLocation at = e.getLocation();
        boolean known = at != null && at.getLineNr() > 0;
        return Quote.line(message, LONGEST) + (known ? " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")" : "");
    }
}
