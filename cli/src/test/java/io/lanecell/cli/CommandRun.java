package io.lanecell.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

/** A command run inside this JVM. */
record CommandRun(int code, String out, String err) {
    static CommandRun of(Object... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] words = List.of(args).stream().map(Object::toString).toArray(String[]::new);
        int code = Main.commandLine(new PrintWriter(out, true), new PrintWriter(err, true)).execute(words);
        return new CommandRun(code, out.toString(), err.toString());
    }

    /** Bad usage or input: exit code 2, nothing on standard output, one line on standard error. Gives that line. */
    String refused() {
        assertEquals(2, code, this::toString);
        assertEquals("", out, this::toString);
        assertEquals(1, err.lines().count(), this::toString);
        assertTrue(err.startsWith("lanecell: ") && err.endsWith(System.lineSeparator()), this::toString);
        return err.strip();
    }

    /** Everything went well, and nothing was said on standard error. Gives standard output. */
    String fine() {
        assertEquals(0, code, this::toString);
        assertEquals("", err, this::toString);
        return out;
    }

    /** A check failed: exit code 1. Gives standard output. */
    String failed() {
        assertEquals(1, code, this::toString);
        assertEquals("", err, this::toString);
        return out;
    }
}
