package io.lanecell.cli;

import io.lanecell.InvalidInputException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code --lstm I,H[,layers[,bi]]} asks for; directions are 1 or 2. */
record LstmGeometry(int inputs, int hidden, int layers, int directions) {
    private static final Pattern TEXT = Pattern.compile("(\\d{1,5}),(\\d{1,5})(?:,(\\d{1,2})(,bi)?)?");
    private static final int LARGEST = 4096;

    static LstmGeometry parse(String text) {
        Matcher parts = TEXT.matcher(text);
        if (!parts.matches()) {
            throw new InvalidInputException(
                    "--lstm is '" + text + "', expected I,H[,layers[,bi]] as in 128,128 or 128,256,2,bi");
        }
        return new LstmGeometry(size("I", parts.group(1)), size("H", parts.group(2)),
                parts.group(3) == null ? 1 : size("layers", parts.group(3)), parts.group(4) == null ? 1 : 2);
    }

    private static int size(String name, String digits) {
        int size = Integer.parseInt(digits);
        if (size < 1 || size > LARGEST) {
            throw new InvalidInputException("--lstm has " + name + " = " + size + ", expected 1 to " + LARGEST);
        }
        return size;
    }
}
