package io.lanecell.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The walls between the modules, read off the compiled classes; {@code examples} and {@code jmh-benchmarks} are built after them. */
class WallsTest {
    private static final List<String> MODULES = List.of("runtime", "loader", "reference", "cli");
    /** A class in a descriptor or signature. */
    private static final Pattern DESCRIBED = Pattern.compile("L([a-z]\\w*(?:/[\\w$]+)+)[;<]");
    private static final Pattern OPENS_FILES = Pattern
            .compile("java/nio/file/Files|java/nio/file/spi/.*|java/nio/channels/.*Channel"
                    + "|java/io/(File\\w*(Stream|Reader|Writer)|RandomAccessFile)|java/util/zip/ZipFile"
                    + "|java/util/jar/JarFile|java/util/Scanner");

    /** What each class of a module names, by the class's own name; test doubles and module descriptors apart. */
    private static Map<String, Set<String>> references(String module) throws IOException {
        Path classes = Path.of("..", module, "target", "classes");
        Map<String, Set<String>> references = new HashMap<>();
        if (Files.isDirectory(classes)) {
            try (Stream<Path> files = Files.walk(classes)) {
                for (Path file : files.filter(WallsTest::isClass).toList()) {
                    ClassModel model = ClassFile.of().parse(file);
                    references.put(model.thisClass().asInternalName(), namedBy(model));
                }
            }
        }
        assertTrue(references.size() >= 3, () -> "no classes of " + module + " at " + classes.toAbsolutePath().normalize()
                + ": build it first, mvn -pl cli -am verify");
        return references;
    }

    private static boolean isClass(Path file) {
        return file.toString().endsWith(".class") && !file.endsWith("module-info.class");
    }

    private static Set<String> namedBy(ClassModel model) {
        Set<String> named = new TreeSet<>();
        for (PoolEntry entry : model.constantPool()) {
            if (entry instanceof ClassEntry type) {
                addType(named, type.asInternalName());
            } else if (entry instanceof Utf8Entry text) {
                Matcher described = DESCRIBED.matcher(text.stringValue());
                while (described.find()) {
                    named.add(described.group(1));
                }
            }
        }
        return named;
    }

    private static void addType(Set<String> named, String internalName) {
        if (!internalName.startsWith("[")) {
            named.add(internalName);
        }
    }

    /** {@code class → what it names} for all that is named and unwanted. */
    private static List<String> offences(Map<String, Set<String>> references, Predicate<String> who, Predicate<String> unwanted) {
        return references.entrySet().stream().filter(entry -> who.test(entry.getKey()))
                .flatMap(entry -> entry.getValue().stream().filter(unwanted).map(named -> entry.getKey() + " → " + named))
                .sorted().toList();
    }

    private static String packageOf(String internalName) {
        int end = internalName.lastIndexOf('/');
        return end < 0 ? "" : internalName.substring(0, end).replace('/', '.');
    }

    @ParameterizedTest
    @ValueSource(strings = {"runtime", "loader", "reference", "cli"})
    void onlyTheKernelPackageAndItsFloat64TwinNameTheVectorApi(String module) throws IOException {
        Set<String> kernels = Set.of("io.lanecell.internal.kernel", "io.lanecell.internal.kernel64");
        assertEquals(List.of(), offences(references(module), name -> !kernels.contains(packageOf(name)),
                named -> named.startsWith("jdk/incubator/vector/")));
    }

    @Test
    void theKernelPackageDoesNameItSoThisTestCanSeeIt() throws IOException {
        assertTrue(
                offences(references("runtime"), _ -> true, named -> named.equals("jdk/incubator/vector/FloatVector")).size() > 0);
        assertTrue(offences(references("loader"), _ -> true, named -> OPENS_FILES.matcher(named).matches()).size() > 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"runtime", "reference", "cli"})
    void onlyTheLoaderOpensFiles(String module) throws IOException {
        assertEquals(List.of(), offences(references(module), _ -> true, named -> OPENS_FILES.matcher(named).matches()));
    }

    @Test
    void theRuntimeNamesNothingButTheBaseModuleAndItself() throws IOException {
        Map<String, String> moduleOf = new HashMap<>();
        for (ModuleReference module : ModuleFinder.ofSystem().findAll()) {
            module.descriptor().packages().forEach(name -> moduleOf.put(name, module.descriptor().name()));
        }
        Set<String> allowed = Set.of("java.base", "jdk.incubator.vector");
        // Flight Recorder is a part of the JDK that an image may lack; only the events know it.
        Map<String, Set<String>> references = references("runtime");
        assertEquals(List.of(), offences(references, name -> !packageOf(name).equals("io.lanecell.internal.events"),
                named -> named.startsWith("jdk/jfr/")));
        assertEquals(List.of(), offences(references, _ -> true, named -> !packageOf(named).startsWith("io.lanecell")
                && !packageOf(named).equals("jdk.jfr")
                && !allowed.contains(moduleOf.getOrDefault(packageOf(named), "a library"))));
    }

    @Test
    void nobodyReachesIntoTheRuntime() throws IOException {
        for (String module : MODULES) {
            if (!module.equals("runtime")) {
                assertEquals(List.of(),
                        offences(references(module), _ -> true, named -> named.startsWith("io/lanecell/internal/")));
            }
        }
    }

    @Test
    void arrowsGoOneWay() throws IOException {
        Map<String, List<String>> above = Map.of("runtime", List.of("loader", "reference", "cli", "examples"), "loader",
                List.of("reference", "cli", "examples"), "reference", List.of("loader", "cli", "examples"), "cli",
                List.of("examples"));
        for (Map.Entry<String, List<String>> wall : above.entrySet()) {
            for (String other : wall.getValue()) {
                assertEquals(List.of(), offences(references(wall.getKey()), _ -> true,
                        named -> named.startsWith("io/lanecell/" + other + "/")));
            }
        }
    }
}
