package io.lanecell.matrix;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What a JVM of its own did.
 *
 * @param out lines of standard output
 * @param err lines of standard error
 */
record JvmRun(int exitCode, List<String> out, List<String> err) {
    private static final long PATIENCE_SECONDS = 120;

    /** Starts {@code java} with these arguments and waits for its end. Log records are one line each. */
    static JvmRun of(Path java, List<String> arguments) throws IOException, InterruptedException {
        return of(java, arguments, Path.of(""));
    }

    /** Likewise, in a folder. */
    static JvmRun of(Path java, List<String> arguments, Path folder) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(java.toString());
        command.add("-Djava.util.logging.SimpleFormatter.format=%5$s%n");
        command.add("-Djdk.system.logger.format=%5$s%n"); // in an image without java.logging
        command.addAll(arguments);
        File out = File.createTempFile("lanecell", ".out");
        File err = File.createTempFile("lanecell", ".err");
        try {
            ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toAbsolutePath().toFile())
                    .redirectOutput(out).redirectError(err);
            builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
            Process process = builder.start();
            boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
            process.destroyForcibly();
            assertTrue(ended, () -> "a JVM didn't end: " + command);
            return new JvmRun(process.exitValue(), Files.readAllLines(out.toPath()), Files.readAllLines(err.toPath()));
        } finally {
            Files.delete(out.toPath());
            Files.delete(err.toPath());
        }
    }

    @Override
    public String toString() {
        return "exit code " + exitCode + "\n" + String.join("\n", out) + "\n" + String.join("\n", err);
    }
}
