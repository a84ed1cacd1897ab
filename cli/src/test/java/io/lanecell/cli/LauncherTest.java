package io.lanecell.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher, in a project of its own whose JDKs and Maven are scripts that say how they were called. */
class LauncherTest {
    @TempDir
    Path temp;

    private Path project;
    private Path builds;
    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void aProjectWithABlankInItsPath() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/bin/bash")) || Files.isExecutable(Path.of("/usr/bin/bash")),
                "SKIPPED: the launcher is a bash script and there is no bash here");
        project = Files.createDirectories(temp.resolve("my project"));
        Files.copy(Path.of("../lanecell"), project.resolve("lanecell"));
        project.resolve("lanecell").toFile().setExecutable(true);
        Files.writeString(project.resolve("pom.xml"), "<project/>");
        for (String module : List.of("runtime", "loader", "reference", "cli", "jmh-benchmarks")) {
            Files.createDirectories(project.resolve(module).resolve("src/main/java"));
            Files.writeString(project.resolve(module).resolve("pom.xml"), "<project/>");
            Files.writeString(project.resolve(module).resolve("src/main/java/A.java"), "class A {}");
        }
        builds = temp.resolve("builds.txt");
        script(temp.resolve("bin/mvn"), """
                echo "$PWD $*" >>'%s'
                sleep 0.3
                case "$*" in
                *-Ppeers*) mkdir -p jmh-benchmarks/target/peers/lib
                  touch jmh-benchmarks/target/peers/lanecell-jmh-benchmarks-0.1.0.jar ;;
                *) mkdir -p cli/target/lib && touch cli/target/lanecell-cli-0.1.0.jar ;;
                esac
                echo 'what Maven says'
                """.formatted(builds));
        environment.put("PATH", temp.resolve("bin") + ":/usr/bin:/bin");
        environment.put("JAVA_HOME", jdk("jdk-25", "25.0.1").toString());
    }

    private static void script(Path file, String body) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + body);
        file.toFile().setExecutable(true);
    }

    /** A JDK whose java prints its own folder and its arguments, one a line. */
    private Path jdk(String name, String version) throws IOException {
        Path home = temp.resolve(name);
        script(home.resolve("bin/java"), """
                if [ "$1" = -version ]; then echo 'openjdk version "%s" 2026-01-01' >&2; exit; fi
                echo '%s'
                printf '%%s\\n' "$@"
                exit 7
                """.formatted(version, home));
        script(home.resolve("bin/javac"), "");
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"nobody\"\nJAVA_VERSION=\"" + version + "\"\n");
        return home;
    }

    private record Launch(int code, List<String> out, String err) {
    }

    private Process start(Path launcher, Path directory, String... args) {
        try {
            List<String> command = new ArrayList<>(List.of(launcher.toString()));
            command.addAll(List.of(args));
            ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
            builder.environment().clear();
            builder.environment().putAll(environment);
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Launch end(Process process) throws Exception {
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes());
        String err = new String(process.getErrorStream().readAllBytes());
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        return new Launch(process.exitValue(), out.lines().toList(), err);
    }

    private Launch launch(String... args) throws Exception {
        return end(start(project.resolve("lanecell"), temp, args));
    }

    private long builds() throws IOException {
        return Files.exists(builds) ? Files.readAllLines(builds).size() : 0;
    }

    @Test
    void theFirstStartBuildsAndPassesFlagsArgumentsAndExitCode() throws Exception {
        Launch launch = launch("generate", "a b", "", "*");
        assertEquals(7, launch.code, launch::toString);
        assertEquals(temp.resolve("jdk-25").toString(), launch.out.getFirst());
        assertTrue(launch.out.containsAll(List.of("--add-modules", "jdk.incubator.vector")), launch::toString);
        String classPath = launch.out.get(launch.out.indexOf("-cp") + 1);
        assertEquals(project.toRealPath() + "/cli/target/lanecell-cli-0.1.0.jar:" + project.toRealPath() + "/cli/target/lib/*",
                classPath);
        int main = launch.out.indexOf("io.lanecell.cli.Main");
        assertEquals(List.of("generate", "a b", "", "*"), launch.out.subList(main + 1, launch.out.size()));
        assertTrue(launch.err.contains("what Maven says"), "Maven speaks on standard error only");
        assertTrue(Files.readString(builds).startsWith(project.toRealPath() + " "), Files.readString(builds));
        assertTrue(Files.readString(builds).contains("-pl cli -am package"), Files.readString(builds));
    }

    @Test
    void whatMeasuresServicesRunsWithTheCollectorTheJvmChooses() throws Exception {
        assertTrue(launch("generate").out.contains("-XX:+UseSerialGC"));
        assertFalse(launch("bench").out.contains("-XX:+UseSerialGC"));
        assertFalse(launch("soak").out.contains("-XX:+UseSerialGC"));
    }

    @Test
    void theComparisonIsBuiltApartAndOnlyWhenItIsAskedFor() throws Exception {
        launch("generate");
        assertFalse(Files.readString(builds).contains("-Ppeers"), "nothing but the comparison fetches the peers");
        Launch launch = launch("compare", "--cases", "step-64, seq-64");
        assertEquals(7, launch.code, launch::toString);
        assertEquals(2, builds());
        assertTrue(Files.readAllLines(builds).getLast().contains("-Ppeers -pl jmh-benchmarks -am package"));
        String peers = project.toRealPath() + "/jmh-benchmarks/target/peers/";
        assertEquals(peers + "lanecell-jmh-benchmarks-0.1.0.jar:" + peers + "lib/*",
                launch.out.get(launch.out.indexOf("-cp") + 1));
        int main = launch.out.indexOf("io.lanecell.benchmarks.compare.CompareCommand");
        assertEquals(List.of("--cases", "step-64, seq-64"), launch.out.subList(main + 1, launch.out.size()));
        launch("compare");
        launch("generate");
        assertEquals(2, builds());
        Files.setLastModifiedTime(project.resolve("jmh-benchmarks/src/main/java/A.java"),
                FileTime.from(Instant.now().plusMillis(20)));
        Thread.sleep(50);
        launch("generate");
        assertEquals(2, builds());
        launch("compare");
        assertEquals(3, builds());
    }

    @Test
    void laterStartsBuildOnlyWhenASourceOrPomIsNewer() throws Exception {
        launch();
        launch();
        assertEquals(1, builds());
        for (String changed : List.of("runtime/src/main/java/A.java", "loader/pom.xml", "pom.xml")) {
            long before = builds();
            Files.setLastModifiedTime(project.resolve(changed), FileTime.from(Instant.now().plusMillis(20)));
            Thread.sleep(50); // so that the build begins after the change
            launch();
            launch();
            assertEquals(before + 1, builds(), changed);
        }
        Files.delete(project.resolve("cli/target/lanecell-cli-0.1.0.jar"));
        launch();
        assertEquals(5, builds());
    }

    @Test
    void startsAtTheSameTimeBuildOnce() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/flock")) || Files.isExecutable(Path.of("/bin/flock")),
                "SKIPPED: there is no flock here");
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            processes.add(start(project.resolve("lanecell"), temp));
        }
        for (Process process : processes) {
            assertEquals(7, end(process).code);
        }
        assertEquals(1, builds());
    }

    @Test
    void itWorksThroughLinksFromAnywhere() throws Exception {
        Path elsewhere = Files.createDirectories(temp.resolve("some where/else"));
        Files.createSymbolicLink(elsewhere.resolve("direct"), project.resolve("lanecell"));
        Files.createSymbolicLink(elsewhere.resolve("lanecell"), Path.of("direct"));
        Launch launch = end(start(elsewhere.resolve("lanecell"), elsewhere));
        assertEquals(7, launch.code, launch::toString);
        assertTrue(launch.out.get(launch.out.indexOf("-cp") + 1).startsWith(project.toRealPath().toString()));
    }

    @Test
    void anOldJavaHomeGivesWayToThePathAndAnOldPathToJavaHome() throws Exception {
        Path old = jdk("jdk-17", "17.0.9");
        Path eight = jdk("jdk-8", "1.8.0_402");
        Path current = jdk("jdk-26", "26");
        for (Path tooOld : List.of(old, eight)) {
            environment.put("JAVA_HOME", tooOld.toString());
            environment.put("PATH", current.resolve("bin") + ":" + temp.resolve("bin") + ":/usr/bin:/bin");
            assertEquals(current.toString(), launch().out.getFirst());
            environment.put("JAVA_HOME", current.toString());
            environment.put("PATH", tooOld.resolve("bin") + ":" + temp.resolve("bin") + ":/usr/bin:/bin");
            assertEquals(current.toString(), launch().out.getFirst());
        }
    }

    @Test
    void aFolderIsJudgedByItsVersionAndNotByItsName() throws Exception {
        Path named25 = jdk("jdk-25-really-21", "21.0.2");
        Path withoutRelease = jdk("jdk-named-11", "25-ea");
        Files.delete(withoutRelease.resolve("release"));
        environment.put("JAVA_HOME", named25.toString());
        environment.put("PATH", withoutRelease.resolve("bin") + ":" + temp.resolve("bin") + ":/usr/bin:/bin");
        assertEquals(withoutRelease.toString(), launch().out.getFirst());
    }

    @Test
    void theUsualFoldersAreSearchedLast() throws Exception {
        environment.remove("JAVA_HOME");
        environment.put("HOME", temp.resolve("home").toString());
        jdk("home/.sdkman/candidates/java/25-tem", "25.0.1");
        jdk("home/.sdkman/candidates/java/21-tem", "21.0.1");
        Launch launch = launch("--version");
        String chosen = launch.out.isEmpty() ? "" : launch.out.getFirst();
        boolean ours = chosen.equals(temp.resolve("home/.sdkman/candidates/java/25-tem").toString());
        boolean theMachines = !ours && launch.code != 2; // a real JDK of this machine comes first and finds no Main in an empty jar
        assertTrue(ours || theMachines, launch::toString);
    }

    @Test
    void aFailedBuildIsAnErrorWithARemedy() throws Exception {
        script(temp.resolve("bin/mvn"), "echo broken >&2; exit 1\n");
        Launch launch = launch();
        assertEquals(2, launch.code);
        assertEquals(List.of(), launch.out);
        assertTrue(launch.err.contains("broken") && launch.err.contains("lanecell: the build failed"), launch.err);
    }

    @Test
    void aMissingMavenIsAnErrorWithARemedy() throws Exception {
        Path tools = Files.createDirectories(temp.resolve("tools"));
        for (String tool : List.of("bash", "env", "sed", "head", "dirname", "readlink", "find", "mkdir", "rm", "mv")) {
            Path found = List.of(Path.of("/usr/bin", tool), Path.of("/bin", tool)).stream().filter(Files::exists).findFirst()
                    .orElseThrow();
            Files.createSymbolicLink(tools.resolve(tool), found);
        }
        environment.put("PATH", tools.toString());
        Launch launch = launch();
        assertEquals(2, launch.code, launch::toString);
        assertTrue(launch.err.contains("lanecell: Maven is needed") && launch.err.contains("install Maven"), launch.err);
    }
}
