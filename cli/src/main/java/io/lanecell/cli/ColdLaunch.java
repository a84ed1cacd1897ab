package io.lanecell.cli;

import io.lanecell.InvalidInputException;
import io.lanecell.Model;
import io.lanecell.loader.ModelFile;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.JsonNode;

/**
 * Starts {@link ColdProgram} in JVMs of its own.
 *
 * @param java    the {@code java} to start
 * @param options of the JVM, beside the module and the class path
 */
record ColdLaunch(Path java, List<String> options) {
    private static final int BUFFER = 1 << 16;

    /** The {@code java} that runs this. */
    static Path ownJava() {
        return Path.of(System.getProperty("java.home"), "bin", "java");
    }

    /** Starts it with these arguments, waits for its end and reads what it tells. */
    ColdRun run(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(java.toString(), "--add-modules", "jdk.incubator.vector"));
        command.addAll(options);
        command.addAll(List.of("-cp", classPath(), ColdProgram.class.getName()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        // What the environment adds would be measured too, and only here.
        builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
        try {
            Instant started = Instant.now();
            Process process = builder.start();
            process.getOutputStream().close();
            ColdRun run = null;
            try (DataInputStream in = new DataInputStream(new BufferedInputStream(process.getInputStream(), BUFFER))) {
                run = read(in, started.getEpochSecond() * 1_000_000_000L + started.getNano());
            } catch (EOFException e) { // it failed, and says why below
            }
            String said = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0 || run == null) {
                throw new InvalidInputException("a JVM that was to be timed failed with exit code " + process.exitValue() + ": "
                        + said.strip() + "; its command was " + String.join(" ", command));
            }
            return run;
        } catch (IOException e) {
            throw new InvalidInputException("can't start " + java + ": " + e.getMessage() + ", expected a java program");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InvalidInputException("interrupted while a JVM was timed, nothing is printed: start again");
        }
    }

    private static ColdRun read(DataInputStream in, long started) throws IOException {
        double main = (in.readLong() - started) / 1e6;
        double loaded = (in.readLong() - started) / 1e6;
        double firstStart = (in.readLong() - started) / 1e6;
        double firstOutput = (in.readLong() - started) / 1e6;
        double[] startMillis = new double[in.readInt()];
        double[] micros = new double[startMillis.length];
        for (int i = 0; i < micros.length; i++) {
            startMillis[i] = main + in.readInt() / 1e3;
            micros[i] = in.readInt() / 1e3;
        }
        return new ColdRun(main, loaded, firstStart, firstOutput, ColdCalls.of(startMillis, micros));
    }

    /**
     * The runtime first; the loader and what it needs stand behind the program itself and aren't opened where the weights are in
     * memory. The same for every launch, so that one class data archive fits them all.
     */
    static String classPath() {
        return Stream.of(Model.class, ColdProgram.class, ModelFile.class, JsonParser.class, JsonNode.class,
                com.fasterxml.jackson.annotation.JsonFormat.class).map(ColdLaunch::home)
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static String home(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
